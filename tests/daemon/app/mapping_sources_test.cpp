#include "daemon/mapping_sources.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <string>

namespace arngate {
namespace {

class Sources : public testing::Test {
protected:
    MappingSources make() {
        const MappingSourceOptions options{
            .settings = settings_,
            .clock = clock_,
            .request = {},
            .running = {},
            .warnings = warnings_,
            .pool_metrics = std::make_shared<net::HttpsPoolMetrics>(registry_),
            .config_map_watch_failures = registry_.counter("failures", "Failures."),
        };
        return make_mapping_sources(options, loop_.get_executor(), [](const MappingKeeper::Reloaded&) {});
    }

    config::Settings settings_;
    config::Problems warnings_;
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

}  // namespace
}  // namespace arngate
