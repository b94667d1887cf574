#include "config/backends.hpp"
#include "config/load.hpp"
#include "config/schema.hpp"
#include "core/base/text.hpp"
#include "tests/config/temp_config.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {
namespace {

using simdjson::dom::element;
using testing::TempConfig;

/// Cases in which arngate differs from the Go server, and what it says.
struct Deviation {
    std::string_view problem;
    std::string_view reason;
};
const std::map<std::string_view, Deviation> deviations{
    {"port-not-a-number",
     {"c.yaml:3:9: server.port: found \"notanumber\", expected a whole number from 0 to 65535.",
      "a number that cannot be read is an error, not 0"}},
    {"same-key-two-cases",
     {"c.yaml:5:5: server.mapRoles.roleARN: found the key of line 4 again, in other letter case, expected each key "
      "once. Letter case does not matter in keys; delete one of the two.",
      "which of the two wins must not be an accident"}},
};

/// The key that the problems of each kind of error carry.
bool is_of_kind(const Problem& problem, std::string_view kind) {
    if (kind == "read")
        return problem.key.empty() || problem.found.starts_with("the key of line");
    if (kind == "cluster-id")
        return problem.key == "clusterID";
    if (kind == "partition")
        return problem.key == "server.partition";
    if (kind == "backend-mode")
        return problem.key == "server.backendMode";
    if (kind == "dynamic-file")
        return problem.key == "server.dynamicfilepath";
    if (kind == "map-roles")
        return problem.key.starts_with("server.mapRoles");
    if (kind == "map-users")
        return problem.key.starts_with("server.mapUsers");
    return false;
}

std::string text_of(element value, std::string_view key) {
    std::string_view text;
    return value[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::vector<std::string> texts_of(element value) {
    std::vector<std::string> texts;
    for (const element item : value.get_array())
        texts.emplace_back(std::string_view(item));
    return texts;
}

std::vector<Override> overrides_of(element test) {
    std::vector<Override> overrides;
    simdjson::dom::array flags;
    if (test["flags"].get(flags) == simdjson::SUCCESS) {
        const std::vector<std::string> words = texts_of(test["flags"].value());
        for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
            for (const Key& key : schema()) {
                if (words[i].size() == 2 && words[i][1] == key.short_flag) {
                    overrides.push_back({std::string(key.path), {words[i + 1]}, words[i]});
                }
            }
        }
    }
    std::map<std::string, std::string> environment;
    simdjson::dom::object variables;
    if (test["env"].get(variables) == simdjson::SUCCESS) {
        for (const auto& [name, value] : variables)
            environment[std::string(name)] = std::string_view(value);
    }
    for (Override& override : overrides_from_environment([&](const char* name) -> const char* {
             const auto found = environment.find(name);
             return found == environment.end() ? nullptr : found->second.c_str();
         })) {
        overrides.push_back(std::move(override));
    }
    return overrides;
}

void expect_rule(const mapping::Rule& rule, element expected) {
    EXPECT_EQ(rule.arn, text_of(expected, "rolearn"));
    EXPECT_EQ(rule.username, text_of(expected, "username"));
    EXPECT_EQ(rule.groups, texts_of(expected["groups"].value()));
    element sso;
    ASSERT_EQ(rule.sso.empty(), expected["sso"].get(sso) != simdjson::SUCCESS);
    if (rule.sso.empty())
        return;
    EXPECT_EQ(rule.sso.front().permission_set_name, text_of(sso, "permissionSetName"));
    EXPECT_EQ(rule.sso.front().account_id, text_of(sso, "accountID"));
}

void expect_value(const Settings& settings, std::string_view key, element expected) {
    SCOPED_TRACE(key);
    if (key == "clusterID") {
        EXPECT_EQ(settings.cluster_id, std::string_view(expected));
    } else if (key == "role") {
        EXPECT_EQ(settings.client.role, std::string_view(expected));
    } else if (key == "log-verbosity") {
        EXPECT_EQ(settings.log.level, log::parse_level(std::string_view(expected)));
    } else if (key == "feature.SSORoleMatch") {
        EXPECT_EQ(settings.feature_gates.at("SSORoleMatch"), bool(expected));
    } else if (key == "server.port") {
        EXPECT_EQ(settings.server.port, std::uint64_t(expected));
    } else if (key == "server.address") {
        EXPECT_EQ(settings.server.address, std::string_view(expected));
    } else if (key == "server.backendMode") {
        EXPECT_EQ(settings.server.backend_mode, texts_of(expected));
    } else if (key == "server.scrubbedAccounts") {
        EXPECT_EQ(settings.server.scrubbed_accounts, texts_of(expected));
    } else if (key == "server.mapAccounts") {
        EXPECT_EQ(settings.mapping.mounted_file.accounts, texts_of(expected));
    } else if (key == "server.mapRoles") {
        const simdjson::dom::array rules = expected.get_array();
        ASSERT_EQ(settings.mapping.mounted_file.roles.size(), rules.size());
        for (std::size_t i = 0; i < rules.size(); ++i) {
            expect_rule(settings.mapping.mounted_file.roles[i], rules.at(i).value());
        }
    } else if (key == "server.reservedPrefixConfig") {
        std::map<std::string, std::vector<std::string>> reserved;
        for (const auto& [mode, prefixes] : expected.get_object())
            reserved[std::string(mode)] = texts_of(prefixes);
        EXPECT_EQ(settings.server.reserved_prefixes, reserved);
    } else {
        ADD_FAILURE() << "no check for this key";
    }
}

/// Under the profile in which the vectors hold.
LoadRequest request_for(const TempConfig& file, element test) {
    LoadRequest request;
    request.file = file.path();
    request.overrides = overrides_of(test);
    request.default_profile = Profile::reference;
    return request;
}

TEST(ConfigVectors, ConfigFilesAreReadAsTheGoServerReadsThem) {
    simdjson::dom::parser parser;
    const element vectors = parser.load(ARNGATE_TEST_VECTORS "/config-file.json");
    std::size_t cases = 0;
    std::size_t deviating = 0;
    for (const element test : vectors["cases"].get_array()) {
        const std::string id = text_of(test, "id");
        SCOPED_TRACE(id);
        ++cases;
        const std::string extension = text_of(test, "extension");
        const TempConfig file(text_of(test, "text"), extension.empty() ? "c" : "c." + extension);
        const auto loaded = load(request_for(file, test));

        if (const auto deviation = deviations.find(id); deviation != deviations.end()) {
            ++deviating;
            ASSERT_FALSE(loaded) << deviation->second.reason;
            EXPECT_EQ(file.texts(loaded.error()), deviation->second.problem);
            continue;
        }
        const element expected = test["expect"].value();
        std::string_view kind;
        if (expected["error"].get(kind) == simdjson::SUCCESS) {
            ASSERT_FALSE(loaded);
            EXPECT_TRUE(std::ranges::any_of(loaded.error(), [&](const Problem& p) { return is_of_kind(p, kind); }))
                << file.texts(loaded.error());
            continue;
        }
        ASSERT_TRUE(loaded) << file.texts(loaded.error());
        for (const auto& [key, value] : expected.get_object())
            expect_value(loaded->settings, key, value);
    }
    EXPECT_EQ(cases, 32U);
    EXPECT_EQ(deviating, deviations.size());
}

TEST(ConfigVectors, BackendModes) {
    simdjson::dom::parser parser;
    const element vectors = parser.load(ARNGATE_TEST_VECTORS "/backend-modes.json");
    for (const element test : vectors["cases"].get_array()) {
        const std::vector<std::string> modes = texts_of(test["modes"].value());
        SCOPED_TRACE(::testing::PrintToString(modes));
        const bool refused =
            std::ranges::any_of(check_backend_modes(modes), [](const BackendFault& fault) { return !fault.warning; });
        EXPECT_EQ(refused, text_of(test, "expect") == "error");
    }
}

}  // namespace
}  // namespace arngate::config
