#pragma once

#include <string_view>

namespace arngate {

/// The version of this build, e.g. "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

/// The commit this build was made from, short form; empty when unknown.
[[nodiscard]] std::string_view commit() noexcept;

}  // namespace arngate
