#include "core/token/mint.hpp"

#include "core/aws/sigv4.hpp"
#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"

#include <algorithm>

namespace arngate::token {
namespace {

bool is_header_value(std::string_view value) {
    return std::ranges::none_of(value, text::is_control);
}

bool is_host(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return text::is_alnum(c) || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
    });
}

}  // namespace

std::expected<MintedToken, std::string> mint(
    const MintRequest& request, const aws::Credentials& credentials, WallTime now
) {
    if (text::trim(request.cluster_id).empty()) {
        return std::unexpected("the cluster id is empty; name it with --cluster-id or in the configuration");
    }
    if (!is_header_value(request.cluster_id)) {
        return std::unexpected("the cluster id holds control characters");
    }
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
        return std::unexpected("the AWS credentials are empty");
    }
    const std::string regional_host = aws::sts_host_for_client(request.region, request.variant);
    if (regional_host.empty()) {
        return std::unexpected("the region is not a region name such as us-east-1");
    }
    if (!request.endpoint_host.empty() && !is_host(request.endpoint_host)) {
        return std::unexpected("the STS endpoint is not a host name");
    }

    aws::PresignRequest presign_request;
    presign_request.host = request.endpoint_host.empty() ? regional_host : request.endpoint_host;
    presign_request.region = aws::sts_signing_region(request.region);
    presign_request.service = "sts";
    presign_request.parameters = {{"Action", "GetCallerIdentity"}, {"Version", "2011-06-15"}};
    presign_request.extra_headers = {{std::string(cluster_id_header), request.cluster_id}};
    presign_request.expires = request.signed_expires;
    const Secret url = aws::presign(presign_request, credentials, now);

    std::string encoded = text::base64url_encode(url.expose());
    MintedToken out;
    out.token = Secret::of_size(token_prefix.size() + encoded.size());
    char* const end = std::ranges::copy(token_prefix, out.token.mutable_data()).out;
    std::ranges::copy(encoded, end);
    wipe(encoded);
    out.expires_at = std::chrono::floor<std::chrono::seconds>(now) + advertised_lifetime;
    if (credentials.expires_at) {
        const WallTime last = std::chrono::floor<std::chrono::seconds>(*credentials.expires_at);
        const WallTime with_margin = last - request.expiry_margin;
        out.expires_at = std::min(out.expires_at, with_margin > now ? with_margin : last);
    }
    return out;
}

}  // namespace arngate::token
