#include "core/mapping/table.hpp"

#include "core/base/text.hpp"
#include "tests/core/mapping/fake_node_names.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::mapping {
namespace {

using Json = simdjson::dom::element;

std::string text_of(const Json& object, const char* key) {
    std::string_view text;
    return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::vector<std::string> list_of(const Json& object, const char* key) {
    std::vector<std::string> texts;
    simdjson::dom::array list;
    if (object[key].get(list) == simdjson::SUCCESS) {
        for (const Json text : list) {
            texts.emplace_back(std::string_view(text));
        }
    }
    return texts;
}

std::vector<Rule> rules_of(const Json& backend, const char* list_key, const char* arn_key) {
    std::vector<Rule> rules;
    simdjson::dom::array list;
    if (backend[list_key].get(list) == simdjson::SUCCESS) {
        for (const Json entry : list) {
            Rule rule;
            rule.arn = text_of(entry, arn_key);
            rule.username = text_of(entry, "username");
            rule.groups = list_of(entry, "groups");
            rule.user_id = text_of(entry, "userid");
            rules.push_back(std::move(rule));
        }
    }
    return rules;
}

std::vector<SourceRules> sources_of(const Json& one) {
    std::vector<SourceRules> sources;
    for (const Json backend : one["backends"].get_array()) {
        bool strict = false;
        const bool by_id = backend["strict"].get(strict) == simdjson::SUCCESS && strict;
        sources.push_back(
            {text_of(backend, "kind"),
             rules_of(backend, "roles", "rolearn"),
             rules_of(backend, "users", "userarn"),
             list_of(backend, "accounts"),
             list_of(backend, "reserved"),
             by_id ? MatchBy::user_id : MatchBy::canonical_arn}
        );
    }
    return sources;
}

sts::CallerIdentity identity_of(const Json& one) {
    const Json json = one["identity"];
    sts::CallerIdentity identity;
    identity.arn = text_of(json, "arn");
    identity.canonical_arn = text_of(json, "canonical_arn");
    identity.mapping_key = text::to_lower(identity.canonical_arn);
    identity.account_id = text_of(json, "account_id");
    identity.user_id = text_of(json, "user_id");
    identity.session_name = text_of(json, "session_name");
    identity.access_key_id = text_of(json, "access_key_id");
    return identity;
}

Reason reason_of(std::string_view denied) {
    static const std::map<std::string_view, Reason> reasons{
        {"not-mapped", Reason::not_mapped},
        {"reserved-prefix", Reason::reserved_username},
        {"id-and-arn-mismatch", Reason::id_mismatch},
        {"template", Reason::template_failed},
        {"empty-username", Reason::empty_username},
    };
    return reasons.at(denied);
}

TEST(TableVectors, FollowTheChain) {
    simdjson::dom::parser parser;
    const Json file = parser.load(std::string(ARNGATE_TEST_VECTORS) + "/mapping-chain.json");
    // The vectors tell what the reference profile does.
    TableOptions options;
    options.accounts = AccountOrder::in_chain;
    options.strip_role_paths = false;
    const FakeNodeNames names;
    std::size_t count = 0;
    for (const Json one : file["cases"].get_array()) {
        SCOPED_TRACE(text_of(one, "id"));
        std::vector<TableWarning> warnings;
        const auto table = Table::build(sources_of(one), options, warnings);
        const Result<KubernetesUser> user = table->map(identity_of(one), &names);
        std::string_view denied;
        if (one["expect"]["denied"].get(denied) == simdjson::SUCCESS) {
            ASSERT_FALSE(user.has_value());
            EXPECT_EQ(user.error().reason, reason_of(denied));
        } else {
            ASSERT_TRUE(user.has_value());
            EXPECT_EQ(user->username, text_of(one["expect"], "username"));
            EXPECT_EQ(user->groups, list_of(one["expect"], "groups"));
        }
        ++count;
    }
    EXPECT_EQ(count, 29U);
}

}  // namespace
}  // namespace arngate::mapping
