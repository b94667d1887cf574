#include "config/load.hpp"
#include "config/mounted_file.hpp"
#include "core/base/text.hpp"
#include "core/mapping/table.hpp"
#include "tests/config/temp_config.hpp"
#include "tests/vectors/vector_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using testing::TempConfig;
using vectors::need_text;
using vectors::text_at;
using vectors::VectorFile;

class SsoVectors : public ::testing::TestWithParam<Profile> {};

/// From the file to the verdict, so that reading, the gate and matching are what is tested.
TEST_P(SsoVectors, MatchAsTheVectorsSay) {
    const VectorFile vectors("sso-role-match.json");
    for (const auto each : vectors.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const simdjson::dom::element sso = each["sso"];
        std::string text = "clusterID: c\nserver:\n  mapRoles:\n  - username: u\n    sso:\n";
        for (const char* key : {"permissionSetName", "accountID", "partition"}) {
            if (const auto value = text_at(sso, key)) {
                text += "      " + std::string(key) + ": \"" + *value + "\"\n";
            }
        }
        const TempConfig file(text);
        LoadRequest request;
        request.file = file.path();
        request.default_profile = GetParam();
        const bool gate = each["gate_enabled"];
        request.overrides = {{"feature-gates", {gate ? "SSORoleMatch=true" : "SSORoleMatch=false"}, "--feature-gates"}};
        const auto loaded = load(request);
        const std::string expect = need_text(each, "expect");
        ASSERT_EQ(loaded.has_value(), expect != "invalid");
        if (!loaded) {
            continue;
        }
        std::vector<mapping::SourceRules> sources;
        sources.push_back(effective_rules(loaded->settings.mapping.mounted_file, loaded->settings));
        std::vector<mapping::TableWarning> warnings;
        const auto table = mapping::Table::build(std::move(sources), {}, warnings);
        EXPECT_TRUE(warnings.empty());
        sts::CallerIdentity identity;
        identity.canonical_arn = need_text(each, "canonical_arn");
        identity.mapping_key = text::to_lower(identity.canonical_arn);
        EXPECT_EQ(table->map(identity).has_value() ? "match" : "no-match", expect);
    }
}

INSTANTIATE_TEST_SUITE_P(Profiles, SsoVectors, ::testing::Values(Profile::arngate, Profile::reference));

}  // namespace
}  // namespace arngate::config
