#include "core/aws/sigv4.hpp"

#include "core/aws/sha256.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>

namespace arngate::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view terminator = "aws4_request";

using Digest = Sha256Digest;

std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) {
        out += '&';
    }
    text::append_percent_encoded(out, name);
    out += '=';
    text::append_percent_encoded(out, value);
}

/// Sorted by encoded name, then by encoded value.
std::string canonical_query(const std::vector<QueryParameter>& parameters) {
    std::vector<QueryParameter> encoded;
    encoded.reserve(parameters.size());
    for (const auto& [name, value] : parameters) {
        encoded.emplace_back(text::percent_encode(name), text::percent_encode(value));
    }
    std::ranges::sort(encoded);
    std::size_t size = 0;
    for (const auto& [name, value] : encoded) {
        size += name.size() + value.size() + 2;
    }
    std::string out;
    out.reserve(size);
    for (auto& [name, value] : encoded) {
        if (!out.empty()) {
            out += '&';
        }
        out += name;
        out += '=';
        out += value;
        wipe(value);
    }
    return out;
}

std::string canonical_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        if (c == '/') {
            out += c;
        } else {
            text::append_percent_encoded(out, {&c, 1});
        }
    }
    return out.empty() ? "/" : out;
}

std::string canonical_value(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (const char c : text::trim(value)) {
        if (c != ' ' || out.back() != ' ') {
            out += c;
        }
    }
    return out;
}

/// Reads `count` digits; nothing if one of them is none.
std::optional<int> number(std::string_view text, std::size_t at, std::size_t count) {
    int out = 0;
    for (const char c : text.substr(at, count)) {
        if (!text::is_digit(c)) {
            return std::nullopt;
        }
        out = out * 10 + (c - '0');
    }
    return out;
}

}  // namespace

std::string amz_date(WallTime time) {
    std::string date = iso_date(time);
    std::erase_if(date, [](char c) { return c == '-' || c == ':'; });
    return date;
}

std::string iso_date(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(seconds - day);
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count()
    );
}

std::optional<WallTime> parse_amz_date(std::string_view text) noexcept {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
        return std::nullopt;
    }
    const auto year = number(text, 0, 4);
    const auto month = number(text, 4, 2);
    const auto day = number(text, 6, 2);
    const auto hour = number(text, 9, 2);
    const auto minute = number(text, 11, 2);
    const auto second = number(text, 13, 2);
    if (!year || !month || !day || !hour || !minute || !second) {
        return std::nullopt;
    }
    // A WallTime counts nanoseconds in 64 bits: 1678 to 2261 are whole in it, and nobody signs in any other year.
    if (*year < 1678 || *year > 2261 || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day))
    };
    if (!date.ok()) {
        return std::nullopt;
    }
    return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

std::string SigningScope::text() const {
    return fmt::format("{}/{}/{}/{}", date, region, service, terminator);
}

std::string header_names(const std::vector<Header>& sorted) {
    std::string out;
    for (const auto& [name, value] : sorted) {
        out += out.empty() ? "" : ";";
        out += name;
    }
    return out;
}

std::string canonical_request(
    std::string_view method,
    std::string_view path,
    std::vector<QueryParameter> parameters,
    std::vector<Header> headers,
    std::string_view payload_hash
) {
    std::ranges::sort(headers, {}, &Header::first);
    std::string query = canonical_query(parameters);
    for (auto& [name, value] : parameters) {
        wipe(value);
    }
    std::string header_lines;
    for (const auto& [name, value] : headers) {
        header_lines += name;
        header_lines += ':';
        header_lines += canonical_value(value);
        header_lines += '\n';
    }
    std::string out = fmt::format(
        "{}\n{}\n{}\n{}\n{}\n{}", method, canonical_path(path), query, header_lines, header_names(headers), payload_hash
    );
    wipe(query);
    return out;
}

std::string string_to_sign(std::string_view amz_date, const SigningScope& scope, std::string_view canonical_request) {
    return fmt::format("{}\n{}\n{}\n{}", algorithm, amz_date, scope.text(), sha256_hex(canonical_request));
}

std::string signature(std::string_view secret_access_key, const SigningScope& scope, std::string_view string_to_sign) {
    std::string start;
    start.reserve(secret_access_key.size() + 4);
    start += "AWS4";
    start += secret_access_key;
    Digest key = hmac_sha256(start, scope.date);
    wipe(start);
    for (const std::string_view part : {std::string_view(scope.region), std::string_view(scope.service), terminator}) {
        key = hmac_sha256(view(key), part);
    }
    const Digest out = hmac_sha256(view(key), string_to_sign);
    OPENSSL_cleanse(key.data(), key.size());
    return text::hex(view(out));
}

std::string sha256_hex(std::string_view bytes) {
    return text::hex(view(sha256(bytes)));
}

Secret presign(const PresignRequest& request, const Credentials& credentials, WallTime now) {
    const std::string date = amz_date(now);
    const SigningScope scope{.date = date.substr(0, 8), .region = request.region, .service = request.service};
    std::vector<Header> headers = request.extra_headers;
    headers.emplace_back("host", request.host);
    std::ranges::sort(headers, {}, &Header::first);

    std::vector<QueryParameter> parameters = request.parameters;
    parameters.emplace_back("X-Amz-Algorithm", algorithm);
    parameters.emplace_back("X-Amz-Credential", credentials.access_key_id + "/" + scope.text());
    parameters.emplace_back("X-Amz-Date", date);
    parameters.emplace_back("X-Amz-Expires", std::to_string(request.expires.count()));
    if (!credentials.session_token.empty()) {
        parameters.emplace_back("X-Amz-Security-Token", credentials.session_token.expose());
    }
    parameters.emplace_back("X-Amz-SignedHeaders", header_names(headers));

    std::string query = canonical_query(parameters);
    std::string canonical =
        canonical_request("GET", request.path, std::move(parameters), std::move(headers), sha256_hex(""));
    std::string signed_with =
        signature(credentials.secret_access_key.expose(), scope, string_to_sign(date, scope, canonical));
    wipe(canonical);

    const std::string path = canonical_path(request.path);
    std::string url;
    url.reserve(request.host.size() + path.size() + query.size() + signed_with.size() + 32);
    url += "https://";
    url += request.host;
    url += path;
    url += '?';
    url += query;
    append_parameter(url, "X-Amz-Signature", signed_with);
    Secret out(url);
    wipe(url);
    wipe(query);
    wipe(signed_with);
    return out;
}

}  // namespace arngate::aws
