#include "core/kube/exec_plugin.hpp"

#include "core/base/no_signals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>

namespace arngate::kube {
namespace {

constexpr const char* version = "client.authentication.k8s.io/v1";
constexpr std::chrono::minutes long_time{5};

std::string credential(const std::string& status) {
    return R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)" + status + "}";
}

ExecPlugin shell(const std::string& script) {
    ExecPlugin plugin;
    plugin.command = "/bin/sh";
    plugin.args = {"-c", script};
    plugin.api_version = version;
    return plugin;
}

TEST(ExecCredential, ReadsATokenOrACertificate) {
    const auto token = parse_exec_credential(credential(R"({"token":"abc"})"), version);
    ASSERT_TRUE(token) << token.error();
    EXPECT_EQ(token->token.expose(), "abc");
    const auto pair =
        parse_exec_credential(credential(R"({"token":null,"clientCertificateData":"C","clientKeyData":"K"})"), version);
    ASSERT_TRUE(pair) << pair.error();
    EXPECT_EQ(pair->certificate_pem, "C");
    EXPECT_EQ(pair->key_pem.expose(), "K");
}

TEST(ExecCredential, RefusesWhatIsIncompleteOrOfAnotherKind) {
    const std::string other = R"({"kind":"ExecCredential","apiVersion":"x","status":{"token":"f00d"}})";
    const std::string pod =
        R"({"kind":"Pod","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"f00d"}})";
    for (const std::string& text :
         {std::string(),
          std::string("[]"),
          std::string("f00d"),
          other,
          pod,
          credential("null"),
          credential("{}"),
          credential(R"({"token":1})"),
          credential(R"({"token":"f00d x"})"),
          credential(R"({"token":"f00d\n"})"),
          credential(R"({"clientCertificateData":"f00d"})"),
          credential(R"({"token":"f00d","clientKeyData":"K"})")}) {
        const auto parsed = parse_exec_credential(text, version);
        ASSERT_FALSE(parsed) << text;
        EXPECT_FALSE(parsed.error().contains("f00d")) << parsed.error();
    }
}

TEST(ExecPlugin, GivesWhatTheCommandPrints) {
    ExecPlugin plugin =
        shell("cat >&2; echo \"$ANSWER\"; case $KUBERNETES_EXEC_INFO in *'\"cluster\":{}'*) ;; *) exit 1;; esac");
    plugin.environment = {{"ANSWER", "replaced"}, {"ANSWER", credential(R"({"token":"abc"})")}};
    plugin.cluster_json = "{}";
    const auto login = run_exec_plugin(plugin, long_time);
    ASSERT_TRUE(login) << login.error();
    EXPECT_EQ(login->token.expose(), "abc");
}

TEST(ExecPlugin, SaysWhyThereIsNothing) {
    ExecPlugin missing = shell("");
    missing.command = "/nonexistent/plugin";
    missing.install_hint = "install it";
    const auto none = run_exec_plugin(missing, long_time);
    ASSERT_FALSE(none);
    EXPECT_TRUE(none.error().contains("No such file") && none.error().contains("install it")) << none.error();
    const auto failed = run_exec_plugin(shell("echo '{}'; exit 3"), long_time);
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().contains("(/bin/sh) ended with status 3")) << failed.error();
}

// A server ignores SIGPIPE, and its threads take no signals.
TEST(ExecPlugin, StartsTheCommandWithTheSignalsOfAShell) {
    auto* const before = std::signal(SIGPIPE, SIG_IGN);
    const NoSignals blocked;
    for (const std::string name : {"TERM", "PIPE"}) {
        const auto ended = run_exec_plugin(shell("kill -" + name + " $$; exit 3"), long_time);
        ASSERT_FALSE(ended);
        EXPECT_TRUE(ended.error().contains("was ended by a signal")) << name << ": " << ended.error();
    }
    std::signal(SIGPIPE, before);
}

TEST(ExecPlugin, BoundsTimeAndOutput) {
    const auto slow = run_exec_plugin(shell("exec sleep 600"), std::chrono::milliseconds(1));
    ASSERT_FALSE(slow);
    EXPECT_TRUE(slow.error().contains("did not end within 1 ms")) << slow.error();
    const auto silent = run_exec_plugin(shell("exec >&-; exec sleep 600"), std::chrono::milliseconds(1));
    ASSERT_FALSE(silent);
    EXPECT_TRUE(silent.error().contains("did not end within 1 ms")) << silent.error();
    const auto chatty = run_exec_plugin(shell("exec head -c 262145 /dev/zero"), long_time);
    ASSERT_FALSE(chatty);
    EXPECT_TRUE(chatty.error().contains("wrote more than 262144 bytes")) << chatty.error();
}

}  // namespace
}  // namespace arngate::kube
