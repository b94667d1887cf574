#pragma once

#include "core/aws/credentials.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// Credentials as files, processes and services give them. Pure.
namespace arngate::aws {

/// The largest session token that is taken.
inline constexpr std::size_t max_session_token_bytes = std::size_t{16} * 1024;

/// Texts that are not checked yet.
struct KeyTexts {
    std::optional<std::string_view> access_key_id;
    std::optional<std::string_view> secret_access_key;
    std::optional<std::string_view> session_token;  ///< nothing or empty: long-lived keys
    std::optional<std::string_view> expiration;     ///< RFC 3339; nothing or empty: not known
};

/// Which of the two optional texts a source always gives.
enum class Completeness : std::uint8_t { keys_only, temporary };

/// Credentials that can go into a signature and into headers, without a source. With `temporary` all four texts must be
/// given. The error names the text that is wrong and shows none, as in "a session token that cannot be used".
[[nodiscard]] std::expected<Credentials, std::string> check_keys(const KeyTexts& texts, Completeness completeness);

}  // namespace arngate::aws
