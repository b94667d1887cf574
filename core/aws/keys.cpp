#include "core/aws/keys.hpp"

#include "core/aws/timestamp.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace arngate::aws {

namespace {

// The API reference of STS: an access key id is at most 128 word characters; the size of a secret is not fixed.
constexpr std::size_t max_key_id_bytes = 128;
constexpr std::size_t max_secret_bytes = 256;

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<Credentials, std::string> check_keys(const KeyTexts& texts, Completeness completeness) {
    const std::string_view key_id = texts.access_key_id.value_or("");
    const std::string_view secret = texts.secret_access_key.value_or("");
    const std::string_view token = texts.session_token.value_or("");
    const std::string_view expiration = texts.expiration.value_or("");
    if (key_id.empty()) {
        return std::unexpected("no access key id");
    }
    if (key_id.size() > max_key_id_bytes ||
        !std::ranges::all_of(key_id, [](char c) { return text::is_alnum(c) || c == '_'; })) {
        return std::unexpected("an access key id that cannot be used");
    }
    if (secret.empty()) {
        return std::unexpected("no secret access key");
    }
    if (secret.size() > max_secret_bytes || !is_visible_ascii(secret)) {
        return std::unexpected("a secret access key that cannot be used");
    }
    if (completeness == Completeness::temporary && token.empty()) {
        return std::unexpected("no session token");
    }
    if (token.size() > max_session_token_bytes || !is_visible_ascii(token)) {
        return std::unexpected("a session token that cannot be used");
    }
    if (completeness == Completeness::temporary && expiration.empty()) {
        return std::unexpected("no expiration");
    }
    Credentials credentials;
    if (!expiration.empty()) {
        credentials.expires_at = parse_timestamp(expiration);
        if (!credentials.expires_at) {
            return std::unexpected("an expiration that is not a time");
        }
    }
    credentials.access_key_id = key_id;
    credentials.secret_access_key = Secret(secret);
    credentials.session_token = Secret(token);
    return credentials;
}

}  // namespace arngate::aws
