#include "config/seen_entries.hpp"

#include "core/aws/arn.hpp"
#include "core/base/text.hpp"
#include "core/mapping/pattern_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace arngate::config {

void SeenArns::add(const std::string& arn, const EntryReader& entry, std::string_view field) {
    std::string folded = text::to_lower(arn);
    std::string path;  // of a role that has one, the ARN as it was written
    if (paths_ == RolePaths::strip && aws::has_role_path(folded)) {
        if (auto stripped = aws::strip_role_path(folded))
            path = std::exchange(folded, *std::move(stripped));
    }
    const Position at = entry.place(field);
    const auto other = seen_.find(std::string_view(folded));
    if (other == seen_.end()) {
        seen_.emplace(keep(folded), Seen{keep(path), at});
        return;
    }
    if (other->second.path == path) {
        report_.warning(
            at,
            {entry.path(field),
             fmt::format("the ARN of line {} again", other->second.at.line),
             {},
             "The later entry wins.",
             "duplicate"}
        );
    } else {
        report_.problem(
            at,
            {entry.path(field),
             fmt::format("the role of line {} with another path", other->second.at.line),
             "each role once",
             "Role names are unique in an account whatever their path, and STS reports no path; delete one of the "
             "two, or set mapping.stripRolePaths to false.",
             "duplicate"}
        );
    }
    other->second = Seen{keep(path), at};
}

std::string_view SeenArns::keep(std::string_view text) {
    if (text.empty())
        return {};
    char* bytes = static_cast<char*>(texts_.allocate(text.size(), 1));
    std::ranges::copy(text, bytes);
    return {bytes, text.size()};
}

void SeenPatterns::add(const mapping::RolePattern& pattern, const EntryReader& entry, std::string_view field) {
    texts_.add(pattern.text(), entry, field);
    if (!counted_.insert(pattern.text()).second)
        return;
    if (++prefixes_[std::string(pattern.literal_prefix())] == mapping::PatternIndex::max_per_prefix + 1) {
        report_.problem(
            entry.place(field),
            {entry.path(field),
             "one pattern too many with this beginning",
             fmt::format(
                 "at most {} patterns that are the same up to the first wildcard", mapping::PatternIndex::max_per_prefix
             ),
             {}}
        );
    }
}

}  // namespace arngate::config
