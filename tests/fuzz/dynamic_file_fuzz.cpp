// The file of the backend DynamicFile, found by ARN and by user id.

#include "config/sources/dynamic_file_document.hpp"
#include "core/mapping/table.hpp"
#include "tests/fuzz/check.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;

void check_document(std::string_view text, config::DynamicFileKey key) {
    auto document = config::read_dynamic_file("d.json", text, key);
    if (!document) {
        check(!document.error().empty());
        for (const config::Problem& problem : document.error()) {
            check(problem.text().find('\n') == std::string::npos);
        }
        return;
    }
    const bool by_id = key == config::DynamicFileKey::user_id;
    check((document->rules.match == mapping::MatchBy::user_id) == by_id);
    for (const auto* list : {&document->rules.roles, &document->rules.users}) {
        for (const mapping::Rule& rule : *list) {
            check(!(by_id ? rule.user_id : rule.arn).empty());
            check(rule.origin.line > 0 && rule.origin.column > 0);
        }
    }
    std::vector<mapping::SourceRules> sources;
    sources.push_back(std::move(document->rules));
    std::vector<mapping::TableWarning> warnings;
    check(!mapping::Table::build(std::move(sources), {}, warnings)->map(sts::CallerIdentity{}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_document(fuzz::text_of(data, size), config::DynamicFileKey::arn);
    check_document(fuzz::text_of(data, size), config::DynamicFileKey::user_id);
    return 0;
}
