#include "tests/daemon/app/running_application.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace arngate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(RunningApplication, ServesUntilSigtermAndEndsWithZero) {
    configure(one_role);
    auto status = start();
    const std::string listening = log_.wait_for("listening on https://127.0.0.1:");
    EXPECT_THAT(listening, Not(HasSubstr("127.0.0.1:0")));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(log_.all(), HasSubstr("msg=stopped"));
    EXPECT_EQ(out_.str(), "");
}

TEST_F(RunningApplication, EndsOnSigintToo) {
    configure(one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGINT);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, WritesKeysAndAKubeconfigWithTheRealPort) {
    configure(one_role);
    auto status = start();
    const std::string port = port_in(log_.wait_for("listening on https://127.0.0.1:"));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(directory_.read("k.yaml"), HasSubstr("server: https://localhost:" + port + "/authenticate"));
    EXPECT_THAT(directory_.read("cert.pem"), StartsWith("-----BEGIN CERTIFICATE-----"));
    EXPECT_THAT(directory_.read("key.pem"), StartsWith("-----BEGIN PRIVATE KEY-----"));
}

TEST_F(RunningApplication, LeavesAPregeneratedKubeconfigAlone) {
    configure(std::string("  kubeconfigPregenerated: true\n") + one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/k.yaml"));
}

TEST_F(RunningApplication, ListsTheMappingAtStart) {
    configure(one_role);
    auto status = start();
    EXPECT_THAT(
        log_.wait_for("mapping IAM role"),
        HasSubstr(R"(groups="[a]" role="arn:aws:iam::123456789012:role/One" username=one)")
    );
    log_.wait_for("--authentication-token-webhook-config-file=");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, TakesANewMappingOnSighup) {
    configure(one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    configure(two_roles);
    signal(SIGHUP);
    EXPECT_THAT(log_.wait_for("mapping reloaded"), AllOf(HasSubstr("entries=2"), HasSubstr("generation=2")));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, KeepsTheMappingWhenTheNewOneCannotBeUsed) {
    configure(one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    configure("  mapRoles: [\n");
    signal(SIGHUP);
    EXPECT_THAT(log_.wait_for("was not reloaded"), HasSubstr("generation=1"));
    configure(two_roles);
    signal(SIGHUP);
    EXPECT_THAT(log_.wait_for("mapping reloaded"), AllOf(HasSubstr("entries=2"), HasSubstr("generation=2")));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, PrintsTheVersionLineOfTheGoServerInItsProfile) {
    configure(one_role, "compat: reference\nsts: {regionFromMetadata: false}\n");
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(out_.str(), StartsWith("Authenticator Version: \""));
    EXPECT_THAT(directory_.read("key.pem"), StartsWith("-----BEGIN RSA PRIVATE KEY-----"));
}

}  // namespace
}  // namespace arngate
