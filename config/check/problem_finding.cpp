#include "config/check/problem_finding.hpp"

#include "config/yaml_document.hpp"

#include <utility>

namespace arngate::config::check {

Finding make_finding(std::string_view rule, std::string file, Position at, std::string message) {
    const RuleInfo* info = find_rule(rule);
    return {
        .rule = rule,
        .severity = info == nullptr ? Severity::error : info->severity,
        .file = std::move(file),
        .at = at,
        .message = std::move(message),
    };
}

Finding finding_of(const Problem& problem, std::string_view rule, Standing standing) {
    if (problem.advice == quote_templates)
        rule = "unquoted-template";
    else if (!problem.rule.empty())
        rule = problem.rule;
    Problem placeless = problem;
    placeless.file.clear();
    placeless.line = 0;
    Finding finding = make_finding(rule, problem.file, {problem.line, problem.column}, placeless.text());
    if (standing == Standing::refused)
        finding.severity = Severity::error;
    return finding;
}

}  // namespace arngate::config::check
