#pragma once

#include "core/aws/sigv4.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Tokens to take apart and to spoil.
namespace arngate::token::sample {

inline constexpr std::string_view host = "sts.us-east-1.amazonaws.com";
inline constexpr std::string_view date = "20260102T030405Z";

struct Parameter {
    std::string name;   ///< as in the URL
    std::string value;  ///< as in the URL
};

/// The nine parameters with their canonical names, in byte order, encoded as a signer does.
[[nodiscard]] inline std::vector<Parameter> parameters() {
    return {
        {"Action", "GetCallerIdentity"},
        {"Version", "2011-06-15"},
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE%2F20260102%2Fus-east-1%2Fsts%2Faws4_request"},
        {"X-Amz-Date", std::string(date)},
        {"X-Amz-Expires", "60"},
        {"X-Amz-Security-Token", "IQoJ%2FEXAMPLE%2BTOKEN%3D"},
        {"X-Amz-Signature", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
        {"X-Amz-SignedHeaders", "host%3Bx-k8s-aws-id"},
    };
}

[[nodiscard]] inline std::string query_of(const std::vector<Parameter>& all) {
    std::string out;
    for (const auto& [name, value] : all) {
        out += out.empty() ? "" : "&";
        out += name + "=" + value;
    }
    return out;
}

[[nodiscard]] inline std::string url_of(const std::vector<Parameter>& all) {
    return "https://" + std::string(host) + "/?" + query_of(all);
}

[[nodiscard]] inline std::string url() {
    return url_of(parameters());
}

[[nodiscard]] inline std::string token_of(std::string_view url) {
    return std::string(token_prefix) + text::base64url_encode(url);
}

[[nodiscard]] inline WallTime at(std::string_view text) {
    return aws::parse_amz_date(text).value();
}

/// The sample with the value of one parameter replaced.
[[nodiscard]] inline std::string token_with(std::string_view name, std::string_view value) {
    auto all = parameters();
    for (Parameter& each : all) {
        if (each.name == name) {
            each.value = value;
        }
    }
    return token_of(url_of(all));
}

[[nodiscard]] inline std::string token_without(std::string_view name) {
    auto all = parameters();
    std::erase_if(all, [&](const Parameter& each) { return each.name == name; });
    return token_of(url_of(all));
}

[[nodiscard]] inline const aws::StsHostTable& hosts() {
    static const aws::StsHostTable table = aws::StsHostTable::build({}).value();
    return table;
}

[[nodiscard]] inline ParseRules rules() {
    ParseRules out;
    out.hosts = &hosts();
    return out;
}

/// The reason why a token is refused at the time it was signed, or `none`.
[[nodiscard]] inline Reason reason_of(std::string_view token, const ParseRules& with = rules()) {
    const auto parsed = PresignedUrl::parse(token, with, at(date));
    return parsed ? Reason::none : parsed.error().reason;
}

}  // namespace arngate::token::sample
