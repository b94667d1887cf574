#include "config/kubeconfig.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

constexpr const char* head =
    "current-context: one\n"
    "contexts:\n"
    "- {name: one, context: {cluster: c, user: u}}\n"
    "- {name: two, context: {cluster: d, user: u}}\n"
    "clusters:\n"
    "- {name: c, cluster: {server: 'https://c.example:6443', certificate-authority-data: QUJD}}\n"
    "- {name: d, cluster: {server: 'https://d.example', insecure-skip-tls-verify: true}}\n"
    "users:\n";

std::expected<kube::Access, std::string> parse(
    const std::string& text, const std::string& context = {}, const std::string& master = {}
) {
    return parse_kubeconfig(text, {"/folder/config", context, master});
}
std::expected<kube::Access, std::string> with_user(const std::string& user) {
    return parse(head + ("- name: u\n  user: " + user + "\n"));
}

TEST(Kubeconfig, ReadsTheCurrentContext) {
    const auto access = with_user("{token: abc}");
    ASSERT_TRUE(access) << access.error();
    EXPECT_EQ(access->server, (net::Endpoint{.host = "c.example", .port = 6443}));
    EXPECT_EQ(access->tls.ca_pem, "ABC");
    EXPECT_FALSE(access->tls.system_trust);
    EXPECT_FALSE(access->tls.insecure_skip_verify);
    EXPECT_EQ(access->token.expose(), "abc");
}

TEST(Kubeconfig, ReadsAnotherContextAndServer) {
    const std::string text = std::string(head) + "- {name: u, user: {tokenFile: t}}\n";
    const auto access = parse(text, "two", "https://other.example");
    ASSERT_TRUE(access) << access.error();
    EXPECT_EQ(access->server.host, "other.example");
    EXPECT_TRUE(access->tls.insecure_skip_verify);
    EXPECT_TRUE(access->tls.system_trust);
    EXPECT_EQ(access->token_file, "/folder/t");
    EXPECT_FALSE(parse(text, "three"));
    EXPECT_FALSE(parse(text, "", "http://other.example"));
}

TEST(Kubeconfig, ReadsAnExecPlugin) {
    const auto access = with_user(
        "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./p, args: [a, 1], env: [{name: N, value: "
        "v}], "
        "provideClusterInfo: true}}"
    );
    ASSERT_TRUE(access) << access.error();
    ASSERT_TRUE(access->exec);
    EXPECT_EQ(access->exec->command, "/folder/./p");
    EXPECT_EQ(access->exec->args, (std::vector<std::string>{"a", "1"}));
    EXPECT_EQ(access->exec->cluster_json, R"({"server":"https://c.example:6443","certificate-authority-data":"QUJD"})");
}

TEST(Kubeconfig, RefusesWhatItCannotHonour) {
    for (const char* user :
         {"{auth-provider: {name: f00d}}",
          "{username: f00d, password: x}",
          "{token: abc, as: f00d}",
          "{token: 'f00d x'}",
          "{token: [f00d]}",
          "{client-certificate-data: QUJD}",
          "{client-key-data: QUJD}",
          "{client-key-data: '*'}",
          "{client-certificate: /nonexistent, client-key-data: QUJD}",
          "[]",
          "f00d",
          "{token: a, exec: {apiVersion: client.authentication.k8s.io/v1, command: p}}",
          "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: p}}",
          "{exec: {apiVersion: client.authentication.k8s.io/v1}}",
          "{exec: {apiVersion: client.authentication.k8s.io/v1, command: p, interactiveMode: Always}}"}) {
        const auto access = with_user(user);
        ASSERT_FALSE(access) << user;
        EXPECT_TRUE(access.error().starts_with("/folder/config: ")) << access.error();
        EXPECT_FALSE(access.error().contains("f00d")) << access.error();
    }
    EXPECT_FALSE(parse(""));
    EXPECT_FALSE(parse("{"));
    EXPECT_FALSE(parse("[]"));
    EXPECT_FALSE(parse(head));
    const std::string twice = std::string(head) + "- {name: u, user: {token: a}}\n- {name: u, user: {token: b}}\n";
    EXPECT_FALSE(parse(twice));
}

TEST(Kubeconfig, RefusesAnAuthorityThatWouldNotBeUsed) {
    EXPECT_FALSE(
        parse("current-context: a\ncontexts: [{name: a, context: {cluster: a}}]\n"
              "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority-data: QUJD, "
              "insecure-skip-tls-verify: true}}]\n")
    );
    EXPECT_FALSE(
        parse("current-context: a\ncontexts: [{name: a, context: {cluster: a}}]\n"
              "clusters: [{name: a, cluster: {server: 'https://a', insecure-skip-tls-verify: 'true'}}]\n")
    );
}

TEST(Kubeconfig, SaysWhichFileIsMissing) {
    const auto access = read_kubeconfig({"/nonexistent/config", {}, {}});
    ASSERT_FALSE(access);
    EXPECT_EQ(access.error(), "cannot read /nonexistent/config: No such file or directory");
}

TEST(InCluster, NeedsTheEnvironmentOfAPod) {
    EXPECT_FALSE(in_cluster_access([](const char*) -> const char* { return nullptr; }));
    const auto folder = std::filesystem::temp_directory_path() / "arngate-in-cluster-test";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "ca.crt") << "CA";
    const auto access = in_cluster_access(
        [](const char* name) { return std::string_view(name).ends_with("PORT") ? "443" : "10.0.0.1"; }, folder.string()
    );
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(access) << access.error();
    EXPECT_EQ(access->tls.ca_pem, "CA");
    EXPECT_EQ(access->token_file, (folder / "token").string());
}

}  // namespace
}  // namespace arngate::config
