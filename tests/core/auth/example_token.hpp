#pragma once

#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"

#include <string>
#include <string_view>

namespace arngate::auth {

/// A token signed at 2024-01-01T00:00:00Z, where a ManualClock begins.
inline std::string token_of(std::string_view signature) {
    std::string url =
        "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240101%2Fus-east-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20240101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=";
    url += signature;
    return std::string(token::token_prefix) + text::base64url_encode(url);
}

}  // namespace arngate::auth
