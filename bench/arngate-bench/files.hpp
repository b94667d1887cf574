#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::bench {

inline constexpr std::size_t max_file_bytes = std::size_t{64} << 20U;

/// The whole file, of `max_file_bytes` at most. Fails with a text for the user.
[[nodiscard]] std::expected<std::string, std::string> read_file(const std::string& path);

/// Replaces the file, or writes to standard output when the path is "-". Fails with a text for the user.
[[nodiscard]] std::expected<void, std::string> write_file(const std::string& path, std::string_view content);

}  // namespace arngate::bench
