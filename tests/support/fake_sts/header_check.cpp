#include "tests/support/fake_sts/header_check.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace arngate::fake_sts {
namespace {

constexpr std::string_view scheme = "AWS4-HMAC-SHA256 ";

struct Authorization {
    std::string_view credential;
    std::string_view signed_headers;
    std::string_view signature;
};

/// "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…"
std::optional<Authorization> parse_authorization(std::string_view text) {
    if (!text.starts_with(scheme)) {
        return std::nullopt;
    }
    Authorization result;
    const auto pieces = text::split(text.substr(scheme.size()), ',');
    for (const std::string_view piece : pieces) {
        const std::string_view part = text::trim(piece);
        const auto equals = part.find('=');
        const std::string_view name = part.substr(0, equals);
        const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
        std::string_view* const target = name == "Credential"      ? &result.credential
                                         : name == "SignedHeaders" ? &result.signed_headers
                                         : name == "Signature"     ? &result.signature
                                                                   : nullptr;
        if (target == nullptr || value.empty() || !target->empty()) {
            return std::nullopt;
        }
        *target = value;
    }
    return pieces.size() == 3 ? std::optional(result) : std::nullopt;
}

std::optional<Refusal> check_coverage(const Request& request, std::string_view signed_headers) {
    const auto names = text::split(signed_headers, ';');
    for (const auto& [name, value] : request.headers) {
        const std::string lower = text::to_lower(name);
        if (lower.starts_with("x-amz-") && std::ranges::find(names, lower) == names.end()) {
            return mismatch(fmt::format("There were headers present in the request which were not signed: {}", lower));
        }
    }
    return std::nullopt;
}

}  // namespace

std::expected<SignedQuery, Refusal> HeaderCheck::verify(
    const Request& request, std::string_view service, std::string_view region, WallTime now
) {
    const auto authorization_text = single_header(request, "authorization");
    const auto question = request.target.find('?');
    const bool is_get = request.method == "GET" && question != std::string_view::npos;
    const bool is_post = request.method == "POST" && question == std::string_view::npos;
    if ((!is_get && !is_post) || !authorization_text) {
        return std::unexpected(Refusal{403, "MissingAuthenticationToken", "Request is missing Authentication Token"});
    }
    if (request.target.substr(0, question) != "/") {
        return std::unexpected(Refusal{404, "InvalidAction", "There is nothing at this path."});
    }
    auto parameters = parse_query(is_get ? request.target.substr(question + 1) : request.body);
    if (!parameters) {
        return std::unexpected(parameters.error());
    }
    const auto authorization = parse_authorization(*authorization_text);
    const auto scope = authorization ? parse_scope(authorization->credential) : std::nullopt;
    if (!scope) {
        return std::unexpected(incomplete("The Authorization header is not of the documented form."));
    }
    const auto date_text = single_header(request, "x-amz-date");
    const auto date = date_text ? parse_date(*date_text) : std::nullopt;
    if (!date) {
        return std::unexpected(incomplete("X-Amz-Date must be in ISO-8601 'basic format'."));
    }
    auto key = keys_.find(scope->access_key_id);
    if (!key) {
        return std::unexpected(invalid_token());
    }
    const auto region_of = [region](std::string_view) { return region; };
    if (auto refusal = check_scope(*scope, service, *date_text, single_header(request, "host"), region_of)) {
        return std::unexpected(*std::move(refusal));
    }
    if (auto refusal = check_time(*date_text, *date, now)) {
        return std::unexpected(*std::move(refusal));
    }
    if (auto refusal = check_coverage(request, authorization->signed_headers)) {
        return std::unexpected(*std::move(refusal));
    }
    const auto in_query = is_get ? std::span<const Parameter>(*parameters) : std::span<const Parameter>();
    const auto canonical = canonical_request(request, "/", in_query, authorization->signed_headers);
    if (!canonical) {
        return std::unexpected(canonical.error());
    }
    const std::string to_sign = fmt::format(
        "AWS4-HMAC-SHA256\n{}\n{}/{}/{}/aws4_request\n{}",
        *date_text,
        scope->date,
        scope->region,
        service,
        to_hex(sha256(*canonical))
    );
    const Digest signing_key = signing_keys_.get(key->secret_access_key, scope->date, scope->region, service);
    const std::string_view key_bytes(reinterpret_cast<const char*>(signing_key.data()), signing_key.size());
    if (!equal_in_constant_time(to_hex(hmac_sha256(key_bytes, to_sign)), authorization->signature)) {
        return std::unexpected(mismatch("The request signature we calculated does not match the signature you provided."
        ));
    }
    std::optional<std::string> token;
    if (const auto text = single_header(request, "x-amz-security-token")) {
        token = *text;
    }
    if (auto refusal = check_session_token(*key, token ? &*token : nullptr, now)) {
        return std::unexpected(*std::move(refusal));
    }
    return SignedQuery{.key = std::move(key), .parameters = *std::move(parameters)};
}

}  // namespace arngate::fake_sts
