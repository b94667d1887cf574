// The values of ConfigMap aws-auth. The first byte chooses which of them the text is.

#include "config/sources/config_map_document.hpp"
#include "core/mapping/table.hpp"
#include "tests/fuzz/check.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;

constexpr auto keys = std::to_array<const char*>({"mapRoles", "mapUsers", "mapAccounts"});

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string text(fuzz::text_of(data + 1, size - 1));
    config::ConfigMapDocument document = config::read_config_map({{keys[data[0] % keys.size()], text}});
    for (const config::Problem& problem : document.problems) {
        check(problem.line >= 0 && problem.column >= 0);
        check(problem.text().find('\n') == std::string::npos);
    }
    for (const auto* list : {&document.rules.roles, &document.rules.users}) {
        for (const mapping::Rule& rule : *list) {
            check((rule.arn.empty() ? 0 : 1) + (rule.arn_like.empty() ? 0 : 1) + (rule.sso.empty() ? 0 : 1) == 1);
            check(rule.origin.line > 0);
        }
    }
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(document.rules));
    std::vector<mapping::TableWarning> warnings;
    const auto table = mapping::Table::build(std::move(sources), {}, warnings);
    check(table != nullptr);
    check(!table->map(sts::CallerIdentity{}).has_value());
    return 0;
}
