#include "daemon/mapping_sources.hpp"

#include "tests/daemon/app/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <string>

namespace arngate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Sources : public testing::Test {
protected:
    MappingSources make() {
        const MappingSourceOptions options{
            .settings = settings_,
            .clock = clock_,
            .request = {},
            .running = {},
            .pool_metrics = std::make_shared<net::HttpsPoolMetrics>(registry_),
            .config_map_watch_failures = registry_.counter("failures", "Failures."),
        };
        return make_mapping_sources(options, loop_.get_executor(), [](const MappingKeeper::Reloaded&) {});
    }

    config::Settings settings_;
    SystemClock clock_;
    MetricsRegistry registry_;
    boost::asio::io_context loop_{1};
};

TEST_F(Sources, AreThereForEachBackend) {
    settings_.cluster_id = "c";
    settings_.server.dynamic_file_path = "/d.json";
    const MappingSources sources = make();
    for (const char* name : {"MountedFile", "DynamicFile", "EKSConfigMap", "CRD"}) {
        const MappingSource made = sources.factory(name);
        ASSERT_NE(made.source, nullptr) << name;
        EXPECT_EQ(made.source->name(), name);
        const bool is_file = std::string(name).ends_with("File");
        EXPECT_EQ(made.source->is_local(), is_file) << name;
    }
    EXPECT_EQ(sources.factory("MountedFile").place, "");
    EXPECT_TRUE(sources.factory("MountedFile").must_start);
    EXPECT_EQ(sources.factory("DynamicFile").place, "c/DynamicFile//d.json");
    EXPECT_FALSE(sources.factory("DynamicFile").must_start);
    EXPECT_EQ(sources.factory("File").source, nullptr);
    EXPECT_EQ(sources.last.source, nullptr);
    EXPECT_FALSE(sources.watch_modes);
}

TEST_F(Sources, ThereIsNoDynamicFileWithoutAPath) {
    EXPECT_EQ(make().factory("DynamicFile").source, nullptr);
}

TEST_F(Sources, TheOneForEmergenciesIsThereWhenItIsConfigured) {
    settings_.mapping.break_glass_file = "/b.yaml";
    const MappingSources sources = make();
    ASSERT_NE(sources.last.source, nullptr);
    EXPECT_EQ(sources.last.source->name(), "BreakGlass");
    EXPECT_TRUE(sources.last.must_start);
    EXPECT_EQ(sources.last.place, "");
}

TEST_F(Sources, TakeKeptRulesOnlyAsTheyAreFoundToday) {
    settings_.server.dynamic_file_path = "/d.json";
    const MappingSource made = make().factory("DynamicFile");
    mapping::SourceRules rules;
    rules.source = "DynamicFile";
    mapping::Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws"}};
    rules.roles = {sso};
    ASSERT_TRUE(made.adapt(rules).has_value());
    EXPECT_TRUE(made.adapt(rules)->roles.empty());
    settings_.feature_gates["SSORoleMatch"] = true;
    EXPECT_EQ(made.adapt(rules)->roles.size(), 1U);
    settings_.server.dynamic_file_user_id_strict = true;
    EXPECT_FALSE(made.adapt(rules).has_value());
    rules.match = mapping::MatchBy::user_id;
    EXPECT_TRUE(made.adapt(rules).has_value());
}

TEST(LogMapping, WritesALineForEachEntryAsTheGoServerDoes) {
    LogLines lines;
    mapping::SourceRules rules;
    rules.source = "MountedFile";
    mapping::Rule one;
    one.arn = "arn:aws:iam::123456789012:role/One";
    one.username = "one";
    mapping::Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws"}};
    sso.username = "admin";
    sso.groups = {"a", "b"};
    mapping::Rule like;
    like.arn_like = "arn:aws:iam::123456789012:role/dev-*";
    like.username = "dev";
    rules.roles = {one, sso, like};
    mapping::Rule two;
    two.arn = "arn:aws:iam::123456789012:user/Two";
    two.username = "two";
    rules.users = {two};
    rules.accounts = {"111122223333"};
    log_mapping(rules);
    EXPECT_THAT(
        lines.all(),
        AllOf(
            HasSubstr(R"(msg="starting mapper \"MountedFile\"")"),
            HasSubstr(R"(msg="mapping IAM role" groups="[]" role="arn:aws:iam::123456789012:role/One" username=one)"),
            HasSubstr(R"(msg="mapping IAM role" groups="[a b]" sso=aws/123456789012/Admin username=admin)"),
            HasSubstr(
                R"(msg="mapping IAM roles" groups="[]" rolelike="arn:aws:iam::123456789012:role/dev-*" username=dev)"
            ),
            HasSubstr(R"(msg="mapping IAM user" groups="[]" user="arn:aws:iam::123456789012:user/Two" username=two)"),
            HasSubstr(R"(msg="mapping IAM Account" accountID=111122223333)")
        )
    );
}

}  // namespace
}  // namespace arngate
