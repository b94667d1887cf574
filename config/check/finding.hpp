#pragma once

#include "config/document.hpp"
#include "core/mapping/rule.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is wrong or doubtful in documents that operators write, for people and for continuous integration. The
/// documents are read by the readers that the server uses; what is added here looks at what these readers understood.
namespace arngate::config::check {

enum class Severity : std::uint8_t { note, warning, error };

/// "note", "warning", "error"
[[nodiscard]] std::string_view severity_name(Severity severity) noexcept;

/// One kind of finding. docs/check.md says more about each.
struct RuleInfo {
    std::string_view id;
    Severity severity = Severity::warning;
    std::string_view summary;  ///< what is found
    std::string_view advice;   ///< what to do
};

/// All of them, sorted by id.
[[nodiscard]] std::span<const RuleInfo> rules() noexcept;
/// The rule of exactly this id, or nullptr.
[[nodiscard]] const RuleInfo* find_rule(std::string_view id) noexcept;

struct Finding {
    std::string_view rule;  ///< id of one of rules()
    Severity severity = Severity::warning;
    std::string file;
    Position at;  ///< line 0: the file as a whole
    std::string message;
    std::optional<mapping::Origin> other{};  ///< the entry that it is in conflict with
};

/// By file, in the order of `files`, then by line, column and rule; what is there twice stays once.
void sort(std::vector<Finding>& findings, std::span<const std::string> files);

/// The text with control characters, bytes that are not UTF-8 and characters that change the direction of writing
/// escaped, so that a terminal shows what stands there.
[[nodiscard]] std::string visible(std::string_view text);

}  // namespace arngate::config::check
