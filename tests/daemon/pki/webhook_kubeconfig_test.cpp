#include "daemon/pki/webhook_kubeconfig.hpp"

#include "tests/daemon/pki/file_mode.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace arngate::pki {
namespace {

using testing::HasSubstr;

TEST(WebhookKubeconfig, HasTheDocumentedForm) {
    EXPECT_EQ(
        webhook_kubeconfig("PEM\n", "localhost", 21362),
        "\n"
        "clusters:\n"
        "  - name: aws-iam-authenticator\n"
        "    cluster:\n"
        "      certificate-authority-data: UEVNCg==\n"
        "      server: https://localhost:21362/authenticate\n"
        "# user refers to the API server client\n"
        "users:\n"
        "  - name: apiserver\n"
        "current-context: webhook\n"
        "contexts:\n"
        "- name: webhook\n"
        "  context:\n"
        "    cluster: aws-iam-authenticator\n"
        "    user: apiserver\n"
    );
}

TEST(WebhookKubeconfig, NamesTheClientCertificate) {
    EXPECT_THAT(
        webhook_kubeconfig("", "localhost", 443, {"/pki/api \"server\".pem", "/pki/key\\.pem"}),
        HasSubstr("users:\n"
                  "  - name: apiserver\n"
                  "    user:\n"
                  "      client-certificate: \"/pki/api \\\"server\\\".pem\"\n"
                  "      client-key: \"/pki/key\\\\.pem\"\n"
                  "current-context: webhook\n")
    );
}

TEST(WebhookKubeconfig, PutsAnIpv6HostInBrackets) {
    EXPECT_THAT(webhook_kubeconfig("", "::1", 443), HasSubstr("server: https://[::1]:443/authenticate\n"));
}

TEST(WebhookKubeconfigFile, IsReplacedInOneStep) {
    const TempDirectory directory;
    const std::string path = directory.file("k.yaml");
    const mode_t before = ::umask(0022);
    ASSERT_TRUE(write_webhook_kubeconfig(path, "one").has_value());
    ::umask(before);
    EXPECT_EQ(mode_of(path), 0644U);
    const std::ifstream reader(path);
    ASSERT_TRUE(write_webhook_kubeconfig(path, "two").has_value());
    EXPECT_EQ(slurp(path), "two");
    EXPECT_EQ((std::string(std::istreambuf_iterator<char>(reader.rdbuf()), {})), "one");
    EXPECT_EQ(directory.count(), 1U);
}

TEST(WebhookKubeconfigFile, IsLeftAloneWhenNothingChanged) {
    const TempDirectory directory;
    const std::string path = directory.file("k.yaml");
    ASSERT_TRUE(write_webhook_kubeconfig(path, "same").has_value());
    struct stat first{};
    ASSERT_EQ(::stat(path.c_str(), &first), 0);
    ASSERT_TRUE(write_webhook_kubeconfig(path, "same").has_value());
    struct stat second{};
    ASSERT_EQ(::stat(path.c_str(), &second), 0);
    EXPECT_EQ(first.st_ino, second.st_ino);
}

TEST(WebhookKubeconfigFile, NeedsItsDirectory) {
    const TempDirectory directory;
    const auto written = write_webhook_kubeconfig(directory.file("nowhere/k.yaml"), "x");
    ASSERT_FALSE(written.has_value());
    EXPECT_THAT(written.error(), HasSubstr("create the directory"));
}

TEST(WebhookKubeconfigFile, LeavesNothingBehindWhenItFails) {
    const TempDirectory directory;
    std::filesystem::create_directory(directory.file("k.yaml"));
    EXPECT_FALSE(write_webhook_kubeconfig(directory.file("k.yaml"), "x").has_value());
    EXPECT_EQ(directory.count(), 1U);
}

}  // namespace
}  // namespace arngate::pki
