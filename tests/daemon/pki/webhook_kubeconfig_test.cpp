#include "daemon/pki/webhook_kubeconfig.hpp"

#include "tests/daemon/pki/file_mode.hpp"
#include "tests/support/own_mounts.hpp"
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

TEST(WebhookKubeconfigFile, StaysBehindASymbolicLink) {
    const TempDirectory directory;
    std::filesystem::create_directory(directory.file("real"));
    std::filesystem::create_symlink("real/k.yaml", directory.file("k.yaml"));
    for (const char* content : {"one", "two"}) {
        ASSERT_TRUE(write_webhook_kubeconfig(directory.file("k.yaml"), content).has_value());
        EXPECT_TRUE(std::filesystem::is_symlink(directory.file("k.yaml")));
        EXPECT_EQ(directory.read("real/k.yaml"), content);
    }
}

TEST(WebhookKubeconfigFile, IsWrittenInPlaceWhereItIsAMountOfItsOwn) {
    const TempDirectory directory;
    const std::string path = directory.write("k.yaml", "");
    const std::string mounted = directory.write("mounted", "");
    const bool permitted = with_own_mounts([&] {
        ASSERT_TRUE(mount_over(path, mounted));
        const auto written = write_webhook_kubeconfig(path, "content");
        EXPECT_TRUE(written.has_value()) << written.error();
    });
    if (!permitted) {
        GTEST_SKIP() << "mounts of its own are not permitted to this process";
    }
    EXPECT_EQ(slurp(mounted), "content");
    EXPECT_EQ(directory.count(), 2U);
}

TEST(WebhookKubeconfigFile, NeverTakesThePlaceOfADevice) {
    const TempDirectory directory;
    std::filesystem::create_symlink("/dev/null", directory.file("k.yaml"));
    EXPECT_TRUE(write_webhook_kubeconfig(directory.file("k.yaml"), "content").has_value());
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    EXPECT_TRUE(std::filesystem::is_symlink(directory.file("k.yaml")));
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
