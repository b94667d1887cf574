#include "core/token/presigned_url.hpp"

#include "core/aws/sigv4.hpp"
#include "core/base/percent_encoding.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace arngate::token {
namespace {

constexpr std::string_view https = "https:";
constexpr std::string_view wanted_action = "GetCallerIdentity";
constexpr int max_expires_seconds = 900;

/// In the order of PresignedUrl::Parameter, which is the byte order of the names.
constexpr auto canonical_names = std::to_array<std::string_view>({
    "Action",
    "Version",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
});
static_assert(std::ranges::is_sorted(canonical_names));

/// Without an early end, so that the compiler can look at many bytes at a time.
bool are_url_bytes(std::string_view text) {
    bool fit = true;
    for (const char c : text) {
        fit &= (c >= 0x21) & (c <= 0x7E) & (c != '#') & (c != '@');
    }
    return fit;
}

bool signs_cluster_id(std::string_view signed_headers) {
    for (;;) {
        const auto end = signed_headers.find(';');
        if (text::iequals(signed_headers.substr(0, end), cluster_id_header)) {
            return true;
        }
        if (end == std::string_view::npos) {
            return false;
        }
        signed_headers.remove_prefix(end + 1);
    }
}

/// A whole decimal number from 0 to 900; a sign and leading zeros are fine, so "-0" is 0.
bool is_valid_expires(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text.empty()) {
        return false;
    }
    int value = 0;
    for (const char c : text) {
        if (!text::is_digit(c)) {
            return false;
        }
        value = std::min(value * 10 + (c - '0'), max_expires_seconds + 1);
    }
    return value == 0 || (!negative && value <= max_expires_seconds);
}

/// `https://host/` or `https://host/?query`, nothing else: no user-info, port, path, fragment or byte that a request
/// line could not carry (RFC 3986 allows more; no signer makes more). On success `url` is reduced to its query.
std::expected<const aws::StsHost*, Reason> check_url(std::string_view& url, const aws::StsHostTable& hosts) {
    if (url.empty() || !are_url_bytes(url)) {
        return std::unexpected(Reason::bad_url);
    }
    if (!text::iequals(url.substr(0, https.size()), https)) {
        return std::unexpected(Reason::bad_scheme);
    }
    std::string_view rest = url.substr(https.size());
    if (!rest.starts_with("//")) {
        return std::unexpected(Reason::bad_url);
    }
    rest.remove_prefix(2);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    const aws::StsHost* host = hosts.find(authority);
    if (host == nullptr) {
        return std::unexpected(Reason::bad_host);
    }
    rest.remove_prefix(authority.size());
    const auto question = rest.find('?');
    if (rest.substr(0, question) != "/") {
        return std::unexpected(Reason::bad_path);
    }
    url = question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
    return host;
}

/// Decodes pieces of a query in place, from the front to the back. Most have nothing to decode, so it keeps where the
/// next piece is that has.
class Decoder {
public:
    Decoder(char* query, std::size_t size) : query_(query), size_(size), escape_(find_escape(0)) {}

    /// The decoded text begins where the encoded one did. Nothing: a broken escape.
    [[nodiscard]] std::optional<std::string_view> decode(std::size_t begin, std::size_t end) {
        const std::string_view piece(query_ + begin, end - begin);
        if (escape_ >= end) {
            return piece;
        }
        const auto decoded = text::percent_decode_query(piece, query_ + begin);
        escape_ = find_escape(end);
        if (!decoded) {
            return std::nullopt;
        }
        return piece.substr(0, *decoded);
    }

private:
    [[nodiscard]] std::size_t find_escape(std::size_t from) const {
        const std::string_view rest(query_ + from, size_ - from);
        const std::size_t percent = rest.find('%');
        return from + std::min(rest.substr(0, percent).find('+'), std::min(percent, rest.size()));
    }

    char* query_;
    std::size_t size_;
    std::size_t escape_;  ///< where the next one is; the size if there is none
};

/// The parameters of a query, each at most once. `store(index, value)` returns false if it had that parameter already.
/// Decodes `query` in place. Form goes before repetition, and that before unknown names, wherever in the query they
/// are.
template <class Store>
Reason read_query(char* query, std::size_t size, Store store) {
    const std::string_view whole(query, size);
    if (whole.contains(';')) {
        return Reason::bad_query;
    }
    Decoder decoder(query, size);
    bool repeated = false;
    bool unknown = false;
    for (std::size_t start = 0; start < size;) {
        const std::size_t end = std::min(whole.find('&', start), size);
        const std::size_t equals = std::min(whole.find('=', start), end);
        const std::size_t value_start = std::min(equals + 1, end);
        if (start < end) {
            const auto name = decoder.decode(start, equals);
            const auto value = decoder.decode(value_start, end);
            if (!name || !value) {
                return Reason::bad_query;
            }
            const auto is_name = [&](std::string_view candidate) { return text::iequals(candidate, *name); };
            const auto known = std::ranges::find_if(canonical_names, is_name);
            if (known == canonical_names.end()) {
                unknown = true;
            } else if (!store(static_cast<std::size_t>(known - canonical_names.begin()), *value)) {
                repeated = true;
            }
        }
        start = end + 1;
    }
    if (repeated) {
        return Reason::duplicate_param;
    }
    return unknown ? Reason::unknown_param : Reason::none;
}

/// None if a token signed at this time may be used now. The present is compared in whole seconds where it is moved, so
/// that no sum leaves the range of the clock.
Reason check_date(WallTime signed_at, const std::optional<std::chrono::seconds>& max_ahead, WallTime now) {
    if (now > signed_at + token_lifetime) {
        return Reason::expired;
    }
    const auto whole_now = std::chrono::floor<std::chrono::seconds>(now);
    const auto whole_signed_at = std::chrono::floor<std::chrono::seconds>(signed_at);
    if (max_ahead && whole_signed_at - whole_now > *max_ahead) {
        return Reason::from_future;
    }
    return Reason::none;
}

}  // namespace

Result<PresignedUrl> PresignedUrl::parse(std::string_view token, const ParseRules& rules, WallTime now) {
    static_assert(canonical_names.size() == count_);
    if (token.size() > rules.max_token_bytes) {
        return fail(Reason::token_too_large);
    }
    if (!token.starts_with(token_prefix)) {
        return fail(Reason::bad_prefix);
    }
    const std::string_view encoded = token.substr(token_prefix.size());
    PresignedUrl out;
    out.buffer_ = Secret::of_size(text::base64url_decoded_size(encoded.size()));
    char* const bytes = out.buffer_.mutable_data();
    const auto decoded = text::base64url_decode(encoded, bytes);
    if (!decoded) {
        return fail(Reason::bad_encoding);
    }

    std::string_view query(bytes, *decoded);
    const auto host = check_url(query, *rules.hosts);
    if (!host) {
        return fail(host.error());
    }
    out.host_ = *host;
    const auto store = [&out](std::size_t index, std::string_view value) {
        Value& slot = out.values_[index];
        if (slot.present) {
            return false;
        }
        slot = {.present = true, .text = value};
        return true;
    };
    const std::size_t query_at = *decoded - query.size();  // the query is the end of the URL
    if (const Reason reason = read_query(bytes + query_at, query.size(), store); reason != Reason::none) {
        return fail(reason);
    }

    if (out.values_[action].text != wanted_action) {
        return fail(Reason::bad_action);
    }
    if (!signs_cluster_id(out.values_[signed_headers].text)) {
        return fail(Reason::cluster_id_not_signed);
    }
    if (!is_valid_expires(out.values_[expires].text)) {
        return fail(Reason::bad_expires);
    }
    const auto signed_at = aws::parse_amz_date(out.values_[date].text);
    if (!signed_at) {
        return fail(Reason::bad_date);
    }
    out.signed_at_ = *signed_at;
    if (const Reason reason = check_date(*signed_at, rules.max_ahead, now); reason != Reason::none) {
        return fail(reason);
    }
    // What was not escaped is when it is built anew. No signer leaves so much plain that it outgrows a token; STS takes
    // some 16 KiB, and with HTTP/2 what is too much for a server could cost a connection that others share.
    if (out.longest_target() > rules.max_token_bytes && out.request_target().size() > rules.max_token_bytes) {
        return fail(Reason::token_too_large);
    }
    return out;
}

std::string_view PresignedUrl::access_key_id() const noexcept {
    const std::string_view text = values_[credential].text;
    return text.substr(0, text.find('/'));
}

std::size_t PresignedUrl::longest_target() const noexcept {
    std::size_t most = 1;
    for (std::size_t i = 0; i < count_; ++i) {
        most += canonical_names[i].size() + 2 + values_[i].text.size() * text::percent_encoded_growth;
    }
    return most;
}

Secret PresignedUrl::request_target() const {
    Secret target = Secret::of_size(longest_target());
    char* out = target.mutable_data();
    *out++ = '/';
    char before = '?';
    for (std::size_t i = 0; i < count_; ++i) {
        if (values_[i].present) {
            *out++ = std::exchange(before, '&');
            out = std::ranges::copy(canonical_names[i], out).out;
            *out++ = '=';
            out = text::write_percent_encoded(out, values_[i].text);
        }
    }
    target.truncate(static_cast<std::size_t>(out - target.mutable_data()));
    return target;
}

}  // namespace arngate::token
