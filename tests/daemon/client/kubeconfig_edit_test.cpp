#include "daemon/client/kubeconfig_edit.hpp"

#include "config/yaml_document.hpp"
#include "config/yaml_writer.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace arngate::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

KubeconfigEntries entries() {
    KubeconfigEntries out;
    out.user = "me";
    out.command = "arngate";
    out.arguments = {"token", "--cluster-id", "prod"};
    return out;
}

KubeconfigEntries with_cluster() {
    KubeconfigEntries out = entries();
    out.cluster = "prod";
    out.server = "https://prod.example";
    out.ca_data = "QUJD";
    out.context = "work";
    return out;
}

std::expected<std::string, std::string> edit(std::string_view text, const KubeconfigEntries& what) {
    const auto document = config::read_yaml(text, config::YamlDialect::kubernetes);
    EXPECT_TRUE(document);
    const auto edited = edit_kubeconfig(*document, what);
    if (!edited) {
        return std::unexpected(edited.error());
    }
    return config::write_yaml(*edited, config::KeyOrder::as_given);
}

constexpr std::string_view others = R"(apiVersion: v1
kind: Config
preferences: {colors: true}
extensions: [{name: x, extension: {port: 0x1F, zip: "00123", on: "yes"}}]
clusters:
- name: prod
  cluster: {server: https://old.example, insecure-skip-tls-verify: true, proxy-url: http://p.example, extensions: [1]}
- name: other
  cluster: {server: https://other.example}
contexts:
- name: work
  context: {cluster: x, user: y, namespace: team, more: 1}
current-context: elsewhere
users:
- name: other
  user: {token: kept}
- name: me
  user:
    exec:
      command: aws
      args: [eks, get-token]
      provideClusterInfo: true
      env: [{name: AWS_PROFILE, value: old}, {name: MINE, value: "1"}]
)";

TEST(KubeconfigEdit, MakesOneOfNothing) {
    const auto made = edit("", with_cluster());
    ASSERT_TRUE(made) << made.error();
    EXPECT_EQ(edit(*made, with_cluster()).value(), *made);
    EXPECT_THAT(
        *made,
        AllOf(
            HasSubstr("apiVersion: v1\nkind: Config\n"),
            HasSubstr("    server: https://prod.example\n    certificate-authority-data: QUJD\n"),
            HasSubstr("    cluster: prod\n    user: me\n"),
            HasSubstr("current-context: work\n"),
            HasSubstr("      command: arngate\n      args:\n      - token\n      - --cluster-id\n      - prod\n")
        )
    );
}

TEST(KubeconfigEdit, KeepsWhatItDoesNotKnow) {
    KubeconfigEntries what = with_cluster();
    what.profile = "new";
    what.set_current = false;
    const auto edited = edit(others, what);
    ASSERT_TRUE(edited) << edited.error();
    for (const char* kept :
         {"colors: true",
          "port: 0x1F",
          "zip: \"00123\"",
          "proxy-url: http://p.example",
          "https://other.example",
          "namespace: team",
          "more: 1",
          "token: kept",
          "provideClusterInfo: true",
          "name: MINE",
          "current-context: elsewhere",
          "cluster: prod",
          "value: new"}) {
        EXPECT_THAT(*edited, HasSubstr(kept));
    }
    for (const char* gone : {"https://old.example", "insecure-skip-tls-verify", "get-token", "value: old"}) {
        EXPECT_THAT(*edited, Not(HasSubstr(gone)));
    }
    EXPECT_EQ(edit(*edited, what).value(), *edited);
}

TEST(KubeconfigEdit, WritesAUserAlone) {
    const auto edited = edit(others, entries());
    ASSERT_TRUE(edited);
    EXPECT_THAT(
        *edited, AllOf(HasSubstr("https://old.example"), HasSubstr("cluster: x"), Not(HasSubstr("AWS_PROFILE")))
    );
}

TEST(KubeconfigEdit, ChangesBetweenFileAndDataOfTheAuthority) {
    KubeconfigEntries what = with_cluster();
    const auto data = edit("", what);
    what.ca_data.clear();
    what.ca_file = "/ca.pem";
    const auto file = edit(*data, what);
    EXPECT_THAT(*file, AllOf(HasSubstr("certificate-authority: /ca.pem"), Not(HasSubstr("authority-data"))));
    what.ca_file.clear();
    EXPECT_THAT(*edit(*file, what), HasSubstr("certificate-authority: /ca.pem"));
}

TEST(KubeconfigEdit, RefusesWhatItWouldHaveToGuess) {
    struct Case {
        const char* text;
        const char* said;
    };
    for (const Case& c :
         {Case{.text = "- 1", .said = "not a map"},
          Case{.text = "text", .said = "not a map"},
          Case{.text = "kind: Pod", .said = "not a kubeconfig"},
          Case{.text = "users: {}\nusers: []", .said = "twice"},
          Case{.text = "users: 7", .said = "users is not a list"},
          Case{.text = "users: [{name: me}, {name: me}]", .said = "twice"},
          Case{.text = "users: [{name: me, user: 7}]", .said = "user is not a map"},
          Case{.text = "users: [{name: me, user: {exec: []}}]", .said = "exec is not a map"},
          Case{.text = "users: [{name: me, user: {exec: {env: 1}}}]", .said = "env is not a list"},
          Case{.text = "users: [{name: me, user: {token: abc}}]", .said = "other means"},
          Case{.text = "users: [{name: me, user: {client-certificate-data: abc}}]", .said = "other means"},
          Case{.text = "contexts: [{name: work, context: x}]", .said = "context is not a map"}}) {
        const auto edited = edit(c.text, with_cluster());
        ASSERT_FALSE(edited) << c.text;
        EXPECT_THAT(edited.error(), AllOf(HasSubstr(c.said), Not(HasSubstr("abc"))));
    }
    KubeconfigEntries nowhere = with_cluster();
    nowhere.server.clear();
    EXPECT_THAT(edit("", nowhere).error(), HasSubstr("--server"));
    EXPECT_TRUE(edit("clusters: [{name: prod, cluster: {}}]", nowhere));
}

TEST(KubeconfigEdit, ShowsItsEntriesAndNoOthers) {
    const auto document = config::read_yaml(others, config::YamlDialect::kubernetes);
    const auto edited = edit_kubeconfig(*document, with_cluster());
    const std::string shown = config::write_yaml(only_entries(*edited, with_cluster()), config::KeyOrder::as_given);
    EXPECT_THAT(shown, AllOf(HasSubstr("name: prod"), HasSubstr("name: work"), HasSubstr("name: me")));
    EXPECT_THAT(shown, AllOf(Not(HasSubstr("kept")), Not(HasSubstr("other.example"))));
}

TEST(KubeconfigFile, IsPrivateWhenNewAndKeepsItsModeOtherwise) {
    const TempDirectory home;
    const std::string file = home.file(".kube/config");
    EXPECT_TRUE(write_kubeconfig(file, with_cluster())->changed);
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(write_kubeconfig(file, with_cluster())->changed);
    ::chmod(file.c_str(), 0640);
    KubeconfigEntries other = with_cluster();
    other.user = "other";
    EXPECT_TRUE(write_kubeconfig(file, other)->changed);
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
    EXPECT_FALSE(std::filesystem::exists(file + ".lock"));
}

TEST(KubeconfigFile, IsWrittenWhereItsGroupCannotBeKept) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can make a file of another group";
    }
    constexpr uid_t nobody = 65534;
    const TempDirectory home;
    const std::string file = home.write("config", others);
    ASSERT_EQ(::chown(home.path().c_str(), nobody, nobody), 0);
    ASSERT_EQ(::chown(file.c_str(), nobody, 54321), 0);
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    ASSERT_TRUE(::setegid(nobody) == 0 && ::seteuid(nobody) == 0);
    const auto written = write_kubeconfig(file, with_cluster());
    ASSERT_TRUE(::seteuid(0) == 0 && ::setegid(0) == 0);
    ASSERT_TRUE(written) << written.error();
    EXPECT_TRUE(written->changed);
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, nobody);
    EXPECT_EQ(status.st_gid, nobody);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_THAT(slurp(file), HasSubstr("https://prod.example"));
}

TEST(KubeconfigFile, StaysBehindASymbolicLink) {
    const TempDirectory home;
    std::ofstream(home.file("real")) << others;
    ASSERT_EQ(::symlink(home.file("real").c_str(), home.file("config").c_str()), 0);
    ASSERT_TRUE(write_kubeconfig(home.file("config"), with_cluster()));
    EXPECT_TRUE(std::filesystem::is_symlink(home.file("config")));
    EXPECT_THAT(slurp(home.file("real")), HasSubstr("https://prod.example"));
}

TEST(KubeconfigFile, IsLeftAloneWhenRefusedOrOnlyPlanned) {
    const TempDirectory home;
    std::ofstream(home.file("config")) << "# mine\nusers: 7\n";
    EXPECT_THAT(write_kubeconfig(home.file("config"), entries()).error(), HasSubstr("config: users is not a list"));
    EXPECT_EQ(slurp(home.file("config")), "# mine\nusers: 7\n");
    EXPECT_FALSE(std::filesystem::exists(home.file("config.lock")));
    EXPECT_TRUE(plan_kubeconfig(home.file("new"), entries())->changed);
    EXPECT_FALSE(std::filesystem::exists(home.file("new")));
    EXPECT_FALSE(write_kubeconfig(home.path(), entries()));
}

TEST(KubeconfigFile, KeepsToTheLockOfKubectl) {
    const TempDirectory home;
    std::ofstream(home.file("config.lock")) << "";
    EXPECT_THAT(write_kubeconfig(home.file("config"), entries()).error(), HasSubstr("config.lock"));
    EXPECT_TRUE(std::filesystem::exists(home.file("config.lock")));
}

}  // namespace
}  // namespace arngate::client
