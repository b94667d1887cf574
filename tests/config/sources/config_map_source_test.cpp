#include "config/sources/config_map_source.hpp"

#include "tests/config/sources/kube_source_fixture.hpp"

namespace arngate::config {
namespace {

using kube::test::event;
using kube::test::object;

class ConfigMapSourceTest : public test::KubeSourceTest {
protected:
    static std::string map(std::string_view version, std::string_view roles) {
        return object("aws-auth", version, fmt::format(R"(,"data":{{"mapRoles":"{}","other":"x"}})", roles));
    }
    static std::string role(std::string_view name) {
        return fmt::format(R"(- rolearn: arn:aws:iam::012345678901:role/{}\n  username: u\n)", name);
    }
    void start() { KubeSourceTest::start(make_config_map_source(options())); }
};

TEST_F(ConfigMapSourceTest, ReportsEachVersionOfTheMap) {
    api.list("7", {map("3", role("A"))});
    open_watch(
        {event("MODIFIED", map("8", role("A") + role("B"))),
         event("DELETED", map("9", "")),
         event("ADDED", map("10", ""))}
    );
    start();
    EXPECT_EQ(source->name(), "EKSConfigMap");
    EXPECT_FALSE(source->is_local());
    ASSERT_TRUE(report(1));
    EXPECT_EQ(report(1)->version, "3");
    EXPECT_EQ(report(1)->rules.source, "EKSConfigMap");
    EXPECT_EQ(report(1)->rules.roles.size(), 1U);
    EXPECT_EQ(report(1)->rules.reserved_prefixes, std::vector<std::string>{"aws:"});
    EXPECT_EQ(report(2)->rules.roles.size(), 2U);
    EXPECT_TRUE(report(3)->missing);
    EXPECT_TRUE(report(3)->rules.roles.empty());
    EXPECT_FALSE(report(4)->missing);
    EXPECT_EQ(
        api.line(0),
        "GET /api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Daws-auth&limit=500 HTTP/1.1"
    );
}

TEST_F(ConfigMapSourceTest, ReportsAMissingMapAndIgnoresOthers) {
    api.list("7", {object("other", "1", R"(,"data":{"mapRoles":"- x"})")});
    open_watch(
        {event("ADDED", object("other", "8")),
         event("DELETED", object("other", "9")),
         event("ADDED", map("10", role("A")))}
    );
    start();
    EXPECT_TRUE(report(1)->missing);
    EXPECT_EQ(report(2)->version, "10");
}

TEST_F(ConfigMapSourceTest, NamesABadEntryAndKeepsTheOthers) {
    api.list("7", {map("3", role("A") + R"(- username: nobody\n)")});
    open_watch();
    start();
    ASSERT_TRUE(report(1));
    EXPECT_EQ(report(1)->rules.roles.size(), 1U);
    EXPECT_EQ(report(1)->rejected, 1U);
    ASSERT_EQ(report(1)->problems.size(), 1U);
    EXPECT_EQ(report(1)->problems[0].file, "kube-system/aws-auth mapRoles");
}

TEST_F(ConfigMapSourceTest, APartThatIsNoYamlIsAFailureThatCarriesTheRest) {
    const std::string broken =
        object("aws-auth", "8", fmt::format(R"(,"data":{{"mapRoles":"{}","mapUsers":"- userarn: ["}})", role("A")));
    api.list("7", {map("3", role("A"))});
    open_watch({event("MODIFIED", broken), event("MODIFIED", map("9", role("B")))});
    start();
    ASSERT_FALSE(report(2));
    EXPECT_EQ(report(2).error().kind, SourceFailure::Kind::unreadable);
    ASSERT_FALSE(report(2).error().problems.empty());
    EXPECT_TRUE(report(2).error().problems[0].text().starts_with("kube-system/aws-auth mapUsers:"));
    ASSERT_TRUE(report(2).error().partial);
    EXPECT_EQ(report(2).error().partial->rules.roles.size(), 1U);
    EXPECT_TRUE(report(3));
}

TEST_F(ConfigMapSourceTest, LeavesSsoEntriesOutWhenTheyMayNotMatch) {
    KubeSourceOptions all = options();
    all.sso_roles = false;
    const std::string sso = R"(- sso: {permissionSetName: P, accountID: \"012345678901\"}\n  username: u\n)";
    api.list("7", {map("3", role("A") + sso)});
    open_watch();
    KubeSourceTest::start(make_config_map_source(std::move(all)));
    ASSERT_TRUE(report(1));
    EXPECT_EQ(report(1)->rules.roles.size(), 1U);
}

TEST_F(ConfigMapSourceTest, ReportsAFailureOnceUntilItsCauseChangesOrItIsOver) {
    api.answer(403, "{}");
    api.answer(403, "{}");
    api.answer(500, "{}");
    api.list("7", {map("3", role("A"))});
    api.answer(503, "{}");
    api.answer(500, "{}");
    api.list("7", {map("3", role("A"))});
    open_watch();
    start();
    ASSERT_FALSE(report(1));
    EXPECT_EQ(report(1).error().kind, SourceFailure::Kind::unreachable);
    EXPECT_EQ(
        report(1).error().problems[0].text(),
        "kube-system/aws-auth: the API server does not allow it (403); it has to grant the verb list on configmaps in "
        "namespace kube-system."
    );
    ASSERT_FALSE(report(2));
    EXPECT_TRUE(report(2).error().problems[0].text().contains("500"));
    EXPECT_TRUE(report(3));
    EXPECT_FALSE(report(4));
    ASSERT_TRUE(report(5));
    EXPECT_EQ(report(5)->version, "3");
    EXPECT_EQ(failures, 4);
}

TEST_F(ConfigMapSourceTest, AWatchThatIsNotAllowedStaysAFailureWhileListsSucceed) {
    api.list("7", {map("3", role("A"))});
    api.answer(403, "{}");
    api.list("7", {map("3", role("A"))});
    api.answer(403, "{}");
    api.list("8", {map("8", role("B"))});
    open_watch();
    start();
    EXPECT_TRUE(report(1));
    ASSERT_FALSE(report(2));
    EXPECT_TRUE(report(2).error().problems[0].text().contains("verb watch"));
    ASSERT_TRUE(report(3));
    EXPECT_EQ(report(3)->version, "8");
}

TEST_F(ConfigMapSourceTest, ReportsAgainWhenAskedToAndNothingOnceStopped) {
    api.list("7", {map("3", role("A"))});
    open_watch();
    api.list("7", {map("3", role("A"))});
    open_watch();
    start();
    EXPECT_TRUE(report(1));
    run_until_asked(2);
    source->refresh();
    EXPECT_TRUE(report(2));
    source->stop();
    source->stop();
    source->refresh();
    io.restart();
    io.poll();
    EXPECT_EQ(reports.size(), 2U);
}

TEST(KubeAccessSource, ReadsAMasterAlone) {
    const auto access = kube_access_source({}, "https://api.example:8443/p")();
    ASSERT_TRUE(access);
    EXPECT_EQ(access->server.host, "api.example");
    EXPECT_EQ(access->path_prefix, "/p");
    EXPECT_TRUE(access->token.empty());
    EXPECT_FALSE(kube_access_source({}, "http://api.example")());
    EXPECT_FALSE(kube_access_source("/nonexistent/kubeconfig", "")());
}

}  // namespace
}  // namespace arngate::config
