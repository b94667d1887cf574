#pragma once

#include "core/base/secret.hpp"

#include <cstddef>
#include <expected>
#include <string>

/// Files that hold tokens and keys. All calls block.
namespace arngate::credentials {

/// The content of a regular file of at most `max_bytes`. Its permissions are not judged, as the AWS SDKs do not either.
/// The error says what is wrong ("No such file or directory"), without the name.
[[nodiscard]] std::expected<Secret, std::string> read_secret_file(const std::string& file, std::size_t max_bytes);

/// Replaces the file as a whole, or leaves it as it is: written beside it with mode 0600 and renamed, so that whoever
/// reads it meanwhile sees the old or the new content. The error is as that of reading.
[[nodiscard]] std::expected<void, std::string> replace_secret_file(const std::string& file, const Secret& content);

}  // namespace arngate::credentials
