#include "core/mapping/reserved_prefix.hpp"

#include <algorithm>

namespace arngate::mapping {

bool has_reserved_prefix(std::string_view username, std::span<const std::string> prefixes) noexcept {
    return std::ranges::any_of(prefixes, [username](const std::string& prefix) {
        return !prefix.empty() && username.starts_with(prefix);
    });
}

}  // namespace arngate::mapping
