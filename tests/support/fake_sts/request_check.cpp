#include "tests/support/fake_sts/request_check.hpp"

#include "tests/support/fake_sts/request_parts.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>

namespace arngate::fake_sts {
namespace {

std::expected<std::vector<Parameter>, Refusal> checked_parameters(const Request& request) {
    const auto question = request.target.find('?');
    if (request.method != "GET" || question == std::string_view::npos) {
        return std::unexpected(Refusal{403, "MissingAuthenticationToken", "Request is missing Authentication Token"});
    }
    if (request.target.substr(0, question) != "/") {
        return std::unexpected(Refusal{404, "InvalidAction", "There is nothing at this path."});
    }
    auto parameters = parse_query(request.target.substr(question + 1));
    if (!parameters) {
        return parameters;
    }
    if (find(*parameters, "X-Amz-Signature") == nullptr && find(*parameters, "X-Amz-Credential") == nullptr) {
        return std::unexpected(Refusal{403, "MissingAuthenticationToken", "Request is missing Authentication Token"});
    }
    for (const std::string_view name :
         {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"
         }) {
        if (find(*parameters, name) == nullptr) {
            return std::unexpected(incomplete(fmt::format("Request must contain '{}'.", name)));
        }
    }
    return parameters;
}

std::optional<Refusal> check_action(std::span<const Parameter> parameters) {
    const std::string* const action = find(parameters, "Action");
    const std::string* const version = find(parameters, "Version");
    if (action == nullptr || *action != "GetCallerIdentity") {
        return Refusal{400, "InvalidAction", "Could not find that operation for version 2011-06-15."};
    }
    if (version == nullptr || *version != "2011-06-15") {
        return Refusal{400, "InvalidAction", "Could not find operation GetCallerIdentity for that version."};
    }
    return std::nullopt;
}

bool is_expires(std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text) {
        if (!text::is_digit(c) || value > 604'800) {
            return false;
        }
        value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return !text.empty() && value <= 604'800;
}

}  // namespace

std::expected<std::shared_ptr<const Key>, Refusal> RequestCheck::verify(const Request& request, WallTime now) {
    const auto parameters = checked_parameters(request);
    if (!parameters) {
        return std::unexpected(parameters.error());
    }
    if (*find(*parameters, "X-Amz-Algorithm") != "AWS4-HMAC-SHA256") {
        return std::unexpected(incomplete("X-Amz-Algorithm must be AWS4-HMAC-SHA256."));
    }
    const auto scope = parse_scope(*find(*parameters, "X-Amz-Credential"));
    if (!scope) {
        return std::unexpected(incomplete("X-Amz-Credential must have 5 parts."));
    }
    const std::string& date_text = *find(*parameters, "X-Amz-Date");
    const auto date = parse_date(date_text);
    if (!date) {
        return std::unexpected(incomplete("X-Amz-Date must be in ISO-8601 'basic format'."));
    }
    if (!is_expires(*find(*parameters, "X-Amz-Expires"))) {
        return std::unexpected(incomplete("X-Amz-Expires must be a number of at most 604800 seconds."));
    }
    auto key = keys_.find(scope->access_key_id);
    if (!key) {
        return std::unexpected(invalid_token());
    }
    if (auto refusal = check_scope(*scope, "sts", date_text, single_header(request, "host"), region_of_host_)) {
        return std::unexpected(*std::move(refusal));
    }
    if (auto refusal = check_time(date_text, *date, now)) {
        return std::unexpected(*std::move(refusal));
    }
    const auto canonical = canonical_request(request, "/", *parameters, *find(*parameters, "X-Amz-SignedHeaders"));
    if (!canonical) {
        return std::unexpected(canonical.error());
    }
    const std::string to_sign = fmt::format(
        "AWS4-HMAC-SHA256\n{}\n{}/{}/sts/aws4_request\n{}",
        date_text,
        scope->date,
        scope->region,
        to_hex(sha256(*canonical))
    );
    const Digest signing_key = signing_keys_.get(key->secret_access_key, scope->date, scope->region);
    const std::string_view key_bytes(reinterpret_cast<const char*>(signing_key.data()), signing_key.size());
    if (!equal_in_constant_time(to_hex(hmac_sha256(key_bytes, to_sign)), *find(*parameters, "X-Amz-Signature"))) {
        return std::unexpected(mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        ));
    }
    if (auto refusal = check_session_token(*key, find(*parameters, "X-Amz-Security-Token"), now)) {
        return std::unexpected(*std::move(refusal));
    }
    if (auto refusal = check_action(*parameters)) {
        return std::unexpected(*std::move(refusal));
    }
    return key;
}

std::expected<std::shared_ptr<const Key>, Refusal> RequestCheck::identify(const Request& request) const {
    const auto parameters = checked_parameters(request);
    if (!parameters) {
        return std::unexpected(parameters.error());
    }
    const auto scope = parse_scope(*find(*parameters, "X-Amz-Credential"));
    auto key = scope ? keys_.find(scope->access_key_id) : nullptr;
    if (!key) {
        return std::unexpected(invalid_token());
    }
    return key;
}

}  // namespace arngate::fake_sts
