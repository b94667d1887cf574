#pragma once

#include <span>
#include <string>
#include <string_view>

namespace arngate::mapping {

/// Whether the username begins with one of the prefixes, compared byte for byte. Empty prefixes reserve nothing.
[[nodiscard]] bool has_reserved_prefix(std::string_view username, std::span<const std::string> prefixes) noexcept;

}  // namespace arngate::mapping
