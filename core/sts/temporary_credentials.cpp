#include "core/sts/temporary_credentials.hpp"

#include "core/aws/sigv4.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace arngate::sts {
namespace {

// Of the STS API reference: an access key id is at most 128 long; the sizes of the others are not fixed.
constexpr std::size_t max_key_id_bytes = 128;
constexpr std::size_t max_secret_bytes = 256;

std::optional<WallTime> parse_expiration(std::string_view text) {
    constexpr std::size_t plain = 19;
    if (text.size() <= plain || text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
        text[16] != ':') {
        return std::nullopt;
    }
    const std::string_view fraction = text.substr(plain, text.size() - plain - 1);
    if (!fraction.empty() && (fraction.size() < 2 || fraction.size() > 10 || fraction.front() != '.' ||
                              !std::ranges::all_of(fraction.substr(1), text::is_digit))) {
        return std::nullopt;
    }
    std::string compact(text.substr(0, plain));
    std::erase(compact, '-');
    std::erase(compact, ':');
    return aws::parse_amz_date(compact + "Z");
}

/// Goes into a header as it stands.
bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<aws::Credentials, std::string> check_temporary_credentials(const TemporaryCredentialsText& text) {
    const std::string_view key_id = text.access_key_id;
    const std::string_view secret = text.secret_access_key;
    const std::string_view token = text.session_token;
    if (key_id.empty() || key_id.size() > max_key_id_bytes || !std::ranges::all_of(key_id, text::is_alnum)) {
        return std::unexpected("an access key id that cannot be used");
    }
    if (secret.empty() || secret.size() > max_secret_bytes || !is_visible_ascii(secret)) {
        return std::unexpected("a secret access key that cannot be used");
    }
    if (token.empty() || token.size() > max_session_token_bytes || !is_visible_ascii(token)) {
        return std::unexpected("a session token that cannot be used");
    }
    aws::Credentials credentials;
    credentials.expires_at = parse_expiration(text.expiration);
    if (!credentials.expires_at) {
        return std::unexpected("an expiration that is not a time");
    }
    credentials.access_key_id = key_id;
    credentials.secret_access_key = Secret(secret);
    credentials.session_token = Secret(token);
    return credentials;
}

}  // namespace arngate::sts
