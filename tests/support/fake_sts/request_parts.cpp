#include "tests/support/fake_sts/request_parts.hpp"

#include "tests/support/fake_sts/signing.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <utility>

namespace arngate::fake_sts {
namespace {

constexpr std::chrono::seconds lifetime = std::chrono::minutes(15);
constexpr std::chrono::seconds max_ahead = std::chrono::minutes(5);
constexpr std::string_view empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out(text.size(), '\0');
    const auto size = text::percent_decode_query(text, out.data());
    if (!size) {
        return std::nullopt;
    }
    out.resize(*size);
    return out;
}

std::string format_date(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        parts.tm_year + 1900,
        parts.tm_mon + 1,
        parts.tm_mday,
        parts.tm_hour,
        parts.tm_min,
        parts.tm_sec
    );
}

// Outer blanks cut, inner runs made one; several lines of one name joined by commas.
bool append_header(std::string& out, const Request& request, std::string_view name) {
    bool found = false;
    for (const auto& [have, content] : request.headers) {
        if (!text::iequals(have, name)) {
            continue;
        }
        out += found ? "," : "";
        bool blank = false;
        for (const char c : text::trim(content)) {
            if (c == ' ' && blank) {
                continue;
            }
            blank = c == ' ';
            out += c;
        }
        found = true;
    }
    return found;
}

}  // namespace

Refusal incomplete(std::string message) {
    return {.status = 400, .code = "IncompleteSignature", .message = std::move(message)};
}

Refusal mismatch(std::string message) {
    return {.status = 403, .code = "SignatureDoesNotMatch", .message = std::move(message)};
}

Refusal invalid_token() {
    return {
        .status = 403,
        .code = "InvalidClientTokenId",
        .message = "The security token included in the request is invalid."
    };
}

std::expected<std::vector<Parameter>, Refusal> parse_query(std::string_view query) {
    std::vector<Parameter> parameters;
    parameters.reserve(10);
    for (const std::string_view piece : text::split(query, '&')) {
        const auto equals = piece.find('=');
        auto name = percent_decode(piece.substr(0, equals));
        auto value = percent_decode(equals == std::string_view::npos ? "" : piece.substr(equals + 1));
        if (!name || !value || name->empty()) {
            return std::unexpected(Refusal{400, "MalformedQueryString", "The query string contains a syntax error."});
        }
        for (const Parameter& earlier : parameters) {
            if (earlier.name == *name) {
                return std::unexpected(Refusal{400, "ValidationError", "A parameter occurs more than once."});
            }
        }
        parameters.push_back({*std::move(name), *std::move(value)});
    }
    return parameters;
}

const std::string* find(std::span<const Parameter> parameters, std::string_view name) {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &found->value;
}

std::optional<WallTime> parse_date(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
        return std::nullopt;
    }
    const auto number = [text](std::size_t at, std::size_t digits) -> std::optional<unsigned> {
        unsigned value = 0;
        for (const char c : text.substr(at, digits)) {
            if (!text::is_digit(c)) {
                return std::nullopt;
            }
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        return value;
    };
    const auto year = number(0, 4);
    const auto month = number(4, 2);
    const auto day = number(6, 2);
    const auto hour = number(9, 2);
    const auto minute = number(11, 2);
    const auto second = number(13, 2);
    if (!year || !month || !day || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(
        std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month), std::chrono::day(*day)
    );
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

std::optional<Scope> parse_scope(std::string_view credential) {
    const auto parts = text::split(credential, '/');
    if (parts.size() != 5 || parts[0].empty()) {
        return std::nullopt;
    }
    return Scope{parts[0], parts[1], parts[2], parts[3], parts[4]};
}

std::optional<std::string_view> single_header(const Request& request, std::string_view name) {
    std::optional<std::string_view> value;
    for (const auto& [have, content] : request.headers) {
        if (text::iequals(have, name)) {
            if (value) {
                return std::nullopt;
            }
            value = content;
        }
    }
    return value;
}

std::expected<std::string, Refusal> canonical_request(
    const Request& request,
    std::string_view path,
    std::span<const Parameter> parameters,
    std::string_view signed_headers
) {
    std::vector<std::string> pieces;
    pieces.reserve(parameters.size());
    for (const Parameter& parameter : parameters) {
        if (parameter.name == "X-Amz-Signature") {
            continue;
        }
        std::string piece;
        text::append_percent_encoded(piece, parameter.name);
        piece += '=';
        text::append_percent_encoded(piece, parameter.value);
        pieces.push_back(std::move(piece));
    }
    // '=' sorts before every character of an encoded name but '%', '-' and '.'; compare name first, then value.
    std::ranges::sort(pieces, [](std::string_view a, std::string_view b) {
        const auto split_a = a.find('=');
        const auto split_b = b.find('=');
        return std::pair(a.substr(0, split_a), a.substr(split_a)) < std::pair(b.substr(0, split_b), b.substr(split_b));
    });
    std::string canonical(request.method);
    canonical.append(1, '\n').append(path).append(1, '\n');
    for (const std::string& piece : pieces) {
        canonical.append(&piece == &pieces.front() ? "" : "&").append(piece);
    }
    canonical += '\n';
    std::string_view previous;
    bool host_is_signed = false;
    for (const std::string_view name : text::split(signed_headers, ';')) {
        if (name.empty() || name <= previous || text::to_lower(name) != name) {
            return std::unexpected(incomplete("X-Amz-SignedHeaders must be sorted lower-case header names."));
        }
        host_is_signed = host_is_signed || name == "host";
        previous = name;
        canonical.append(name).append(1, ':');
        if (!append_header(canonical, request, name)) {
            return std::unexpected(mismatch(fmt::format("A signed header is missing from the request: {}", name)));
        }
        canonical += '\n';
    }
    if (!host_is_signed) {
        return std::unexpected(mismatch("'Host' must be a signed header."));
    }
    canonical.append(1, '\n').append(signed_headers).append(1, '\n');
    canonical.append(request.method == "POST" ? to_hex(sha256(request.body)) : std::string(empty_hash));
    return canonical;
}

std::optional<Refusal> check_time(std::string_view text, WallTime date, WallTime now) {
    if (now > date + lifetime) {
        return mismatch(fmt::format(
            "Signature expired: {} is now earlier than {} ({} - 15 min.)",
            text,
            format_date(now - lifetime),
            format_date(now)
        ));
    }
    if (date > now + max_ahead) {
        return mismatch(fmt::format(
            "Signature not yet current: {} is still later than {} ({} + 5 min.)",
            text,
            format_date(now + max_ahead),
            format_date(now)
        ));
    }
    return std::nullopt;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<Refusal> check_scope(
    const Scope& scope,
    std::string_view service,
    std::string_view date_text,
    std::optional<std::string_view> host,
    const RegionOfHost& region_of
) {
    const std::string_view region = host ? region_of(*host) : std::string_view();
    if (region.empty()) {
        return mismatch("The Host header must name one host of this service.");
    }
    if (scope.date != date_text.substr(0, 8)) {
        return mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.");
    }
    if (scope.region != region) {
        return mismatch(fmt::format("Credential should be scoped to a valid region, not this one; use '{}'.", region));
    }
    if (scope.service != service) {
        return mismatch(fmt::format("Credential should be scoped to correct service: '{}'.", service));
    }
    if (scope.terminator != "aws4_request") {
        return mismatch("Credential should be scoped with a valid terminator: 'aws4_request'.");
    }
    return std::nullopt;
}

std::optional<Refusal> check_session_token(const Key& key, const std::string* token, WallTime now) {
    if (token == nullptr ? !key.session_token.empty() : !equal_in_constant_time(*token, key.session_token)) {
        return invalid_token();
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (key.expires_at && seconds >= *key.expires_at) {
        return Refusal{403, "ExpiredToken", "The security token included in the request is expired"};
    }
    return std::nullopt;
}

}  // namespace arngate::fake_sts
