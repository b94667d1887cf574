#include "config/check/render.hpp"

#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::config::check {
namespace {

std::string json_strings(std::span<const std::string> texts) {
    std::vector<std::string> items;
    for (const std::string& text : texts)
        items.push_back(json_string(text));
    return fmt::format("[{}]", fmt::join(items, ","));
}

std::size_t count(std::span<const Finding> findings, Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

std::size_t count(std::span<const Change> changes, ChangeKind kind) {
    return static_cast<std::size_t>(std::ranges::count(changes, kind, kind_of));
}

/// A relative reference, or file: of an absolute path (RFC 8089).
std::string uri_of(std::string_view file) {
    std::string uri = file.starts_with('/') ? "file://" : "";
    std::string_view between;
    for (const std::string_view part : text::split(file, '/')) {
        uri += std::exchange(between, "/");
        uri += text::percent_encode(part);
    }
    return uri;
}

std::string sarif_location(std::string_view file, Position at) {
    std::string region;
    if (at.line > 0) {
        region = fmt::format(R"(,"region":{{"startLine":{},"startColumn":{}}})", at.line, std::max(at.column, 1));
    }
    return fmt::format(
        R"({{"physicalLocation":{{"artifactLocation":{{"uri":{}}}{}}}}})", json_string(uri_of(file)), region
    );
}

std::string sarif_rule(const RuleInfo& rule) {
    return fmt::format(
        R"({{"id":{},"shortDescription":{{"text":{}}},"help":{{"text":{}}},"defaultConfiguration":{{"level":"{}"}}}})",
        json_string(rule.id),
        json_string(rule.summary),
        json_string(rule.advice),
        severity_name(rule.severity)
    );
}

std::string sarif_result(const Finding& finding, std::size_t rule_index) {
    std::string related;
    if (finding.other) {
        const mapping::Origin& other = *finding.other;
        related = fmt::format(R"(,"relatedLocations":[{}])", sarif_location(other.file, {other.line, other.column}));
    }
    return fmt::format(
        R"({{"ruleId":{},"ruleIndex":{},"level":"{}","message":{{"text":{}}},"locations":[{}]{}}})",
        json_string(finding.rule),
        rule_index,
        severity_name(finding.severity),
        json_string(finding.message),
        sarif_location(finding.file, finding.at),
        related
    );
}

std::string effect_text(const std::optional<Effect>& effect) {
    if (!effect)
        return "refused";
    if (effect->groups.empty())
        return effect->username;
    return fmt::format("{} [{}]", effect->username, fmt::join(effect->groups, ", "));
}

std::string effect_json(const std::optional<Effect>& effect) {
    if (!effect)
        return "null";
    return fmt::format(R"({{"username":{},"groups":{}}})", json_string(effect->username), json_strings(effect->groups));
}

}  // namespace

std::string findings_as_text(std::span<const Finding> findings) {
    std::string out;
    for (const Finding& finding : findings) {
        out += visible(finding.file);
        if (finding.at.line > 0)
            out += fmt::format(":{}:{}", finding.at.line, finding.at.column);
        out += fmt::format(": {}: {} [{}]\n", severity_name(finding.severity), visible(finding.message), finding.rule);
    }
    return out;
}

std::string findings_as_json(std::span<const Finding> findings, std::size_t files) {
    std::string out = R"({"findings":[)";
    std::string_view between;
    for (const Finding& finding : findings) {
        out += std::exchange(between, ",");
        out += fmt::format(
            R"({{"rule":{},"severity":"{}","file":{},"line":{},"column":{},"message":{})",
            json_string(finding.rule),
            severity_name(finding.severity),
            json_string(finding.file),
            finding.at.line,
            finding.at.column,
            json_string(finding.message)
        );
        if (finding.other) {
            out += fmt::format(
                R"(,"other":{{"file":{},"line":{},"column":{}}})",
                json_string(finding.other->file),
                finding.other->line,
                finding.other->column
            );
        }
        out += '}';
    }
    return out + fmt::format(
                     R"(],"files":{},"errors":{},"warnings":{},"notes":{}}})"
                     "\n",
                     files,
                     count(findings, Severity::error),
                     count(findings, Severity::warning),
                     count(findings, Severity::note)
                 );
}

std::string findings_as_sarif(std::span<const Finding> findings) {
    std::vector<std::string> described;
    for (const RuleInfo& rule : rules())
        described.push_back(sarif_rule(rule));
    std::vector<std::string> results;
    for (const Finding& finding : findings) {
        const auto rule = std::ranges::find(rules(), finding.rule, &RuleInfo::id);
        results.push_back(sarif_result(finding, static_cast<std::size_t>(rule - rules().begin())));
    }
    return fmt::format(
        R"({{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{"tool":{{"driver":{{)"
        R"("name":"arngate","version":{},"rules":[{}]}}}},"results":[{}]}}]}})"
        "\n",
        json_string(version()),
        fmt::join(described, ","),
        fmt::join(results, ",")
    );
}

std::string changes_as_text(std::span<const Change> changes) {
    std::string out;
    for (const Change& change : changes) {
        out += fmt::format(
            "{} {}: {} -> {}\n",
            change_name(kind_of(change)),
            visible(change.subject),
            visible(effect_text(change.before)),
            visible(effect_text(change.after))
        );
    }
    if (!changes.empty()) {
        out += fmt::format(
            "{} gained, {} lost, {} changed\n",
            count(changes, ChangeKind::gained),
            count(changes, ChangeKind::lost),
            count(changes, ChangeKind::changed)
        );
    }
    return out;
}

std::string changes_as_json(std::span<const Change> changes) {
    std::string out = R"({"changes":[)";
    std::string_view between;
    for (const Change& change : changes) {
        out += std::exchange(between, ",");
        out += fmt::format(
            R"({{"kind":"{}","subject":{},"before":{},"after":{}}})",
            change_name(kind_of(change)),
            json_string(change.subject),
            effect_json(change.before),
            effect_json(change.after)
        );
    }
    return out + fmt::format(
                     R"(],"gained":{},"lost":{},"changed":{}}})"
                     "\n",
                     count(changes, ChangeKind::gained),
                     count(changes, ChangeKind::lost),
                     count(changes, ChangeKind::changed)
                 );
}

}  // namespace arngate::config::check
