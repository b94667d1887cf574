#include "core/aws/sigv4_request.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace arngate::aws {
namespace {

std::string target_of(const RequestToSign& request) {
    std::string target = request.path;
    char separator = '?';
    for (const auto& [name, value] : request.parameters) {
        target += std::exchange(separator, '&');
        text::append_percent_encoded(target, name);
        target += '=';
        text::append_percent_encoded(target, value);
    }
    return target;
}

}  // namespace

SignedRequest sign_request(const RequestToSign& request, const Credentials& credentials, WallTime now) {
    const std::string date = amz_date(now);
    const SigningScope scope{.date = date.substr(0, 8), .region = request.region, .service = request.service};

    SignedRequest result;
    result.target = target_of(request);
    result.headers = request.headers;
    result.headers.emplace_back("x-amz-date", date);
    if (!credentials.session_token.empty()) {
        result.headers.emplace_back("x-amz-security-token", credentials.session_token.expose());
    }
    std::vector<Header> covered = result.headers;
    covered.emplace_back("host", request.host);
    std::ranges::sort(covered, {}, &Header::first);
    const std::string names = header_names(covered);

    std::string canonical = canonical_request(
        request.method, request.path, request.parameters, std::move(covered), sha256_hex(request.body)
    );
    const std::string signed_with =
        signature(credentials.secret_access_key.expose(), scope, string_to_sign(date, scope, canonical));
    wipe(canonical);
    result.headers.emplace_back(
        "authorization",
        fmt::format(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
            credentials.access_key_id,
            scope.text(),
            names,
            signed_with
        )
    );
    return result;
}

}  // namespace arngate::aws
