#include "config/check/reading.hpp"

#include "config/check/configuration.hpp"
#include "config/check/manifests.hpp"
#include "config/check/problem_finding.hpp"
#include "config/document.hpp"
#include "config/sources/dynamic_file_document.hpp"
#include "core/aws/identifiers.hpp"

#include <fmt/format.h>

#include <utility>

namespace arngate::config::check {
namespace {

void read_dynamic_file_text(const Input& input, DynamicFileKey key, Reading& reading) {
    auto document = read_dynamic_file(input.name, input.text, key);
    if (document) {
        for (const std::string& id : document->rules.accounts) {
            if (!aws::is_account_id(id)) {
                reading.findings.push_back(make_finding(
                    "account-id",
                    input.name,
                    {},
                    fmt::format(
                        "mapAccounts: found {}, expected an account id of 12 digits. It matches nobody.", quote(id)
                    )
                ));
            }
        }
        reading.sources.push_back(std::move(document->rules));
        return;
    }
    for (const Problem& problem : document.error())
        reading.findings.push_back(
            finding_of(problem, problem.key.empty() ? "syntax" : "rejected-entry", Standing::refused)
        );
}

}  // namespace

Reading read(const Input& input, const ReadOptions& options) {
    Reading reading;
    const auto kind = options.kind ? options.kind : guess_kind(input.name, input.text);
    if (!kind) {
        reading.findings.push_back(
            make_finding("unknown-kind", input.name, {}, "this is no document that can be checked")
        );
        return reading;
    }
    if (input.text.size() > max_document_bytes) {
        reading.findings.push_back(make_finding("syntax", input.name, {}, "found more than 64 MiB"));
        return reading;
    }
    switch (*kind) {
        case Kind::configuration:
            read_configuration({.file = input.name, .name = input.name, .text = input.text}, options, reading);
            break;
        case Kind::manifests:
            read_manifests(input, options, reading);
            break;
        case Kind::config_map_data:
            read_config_map_data(input, options, reading);
            break;
        case Kind::dynamic_file:
            read_dynamic_file_text(input, DynamicFileKey::arn, reading);
            break;
        case Kind::dynamic_file_strict:
            read_dynamic_file_text(input, DynamicFileKey::user_id, reading);
            break;
    }
    return reading;
}

}  // namespace arngate::config::check
