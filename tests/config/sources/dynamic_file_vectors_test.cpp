#include "config/sources/dynamic_file_document.hpp"
#include "core/base/text.hpp"
#include "core/mapping/table.hpp"
#include "tests/vectors/vector_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using simdjson::dom::element;
using vectors::need_text;
using vectors::text_at;
using vectors::VectorFile;

/// The user that the entries give, or the vectors' word for the refusal.
std::string look_up(mapping::SourceRules rules, const sts::CallerIdentity& identity) {
    rules.accounts.clear();
    mapping::TableOptions options;  // as in the reference profile
    options.accounts = mapping::AccountOrder::in_chain;
    options.strip_role_paths = false;
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(rules));
    std::vector<mapping::TableWarning> warnings;
    const auto user = mapping::Table::build(std::move(sources), options, warnings)->map(identity);
    if (user) {
        return user->username;
    }
    return user.error().reason == Reason::id_mismatch  ? "id-and-arn-mismatch"
           : user.error().reason == Reason::not_mapped ? "not-mapped"
                                                       : "another reason";
}

TEST(DynamicFileVectors, LoadAndFindAsTheVectorsSay) {
    const VectorFile file("dynamicfile.json");
    for (const element each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const bool strict = each["user_id_strict"];
        const auto document = read_dynamic_file(
            "dynamic.json", need_text(each, "content"), strict ? DynamicFileKey::user_id : DynamicFileKey::arn
        );
        const element expect = each["expect"];
        ASSERT_EQ(document.has_value(), need_text(expect, "load") == "ok")
            << (document ? "" : document.error().front().text());
        if (!document) {
            continue;
        }
        const element who = each["identity"];
        sts::CallerIdentity identity;
        identity.canonical_arn = need_text(who, "canonical_arn");
        identity.mapping_key = text::to_lower(identity.canonical_arn);
        identity.user_id = need_text(who, "user_id");
        identity.account_id = need_text(who, "account_id");
        EXPECT_EQ(look_up(document->rules, identity), need_text(expect, "lookup"));
        EXPECT_EQ(
            std::ranges::find(document->rules.accounts, identity.account_id) != document->rules.accounts.end(),
            bool(expect["account_allowed"])
        );
    }
}

}  // namespace
}  // namespace arngate::config
