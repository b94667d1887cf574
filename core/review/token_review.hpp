#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace arngate::review {

/// Versions of authentication.k8s.io that are spoken. `none`: the request named none (the reference profile allows it).
enum class ApiVersion : std::uint8_t { none, v1, v1beta1 };

/// The API version's text in requests and answers, e.g. "authentication.k8s.io/v1".
[[nodiscard]] std::string_view to_string(ApiVersion version) noexcept;

/// One decoded request. Views point into the decoder or the request's bytes and live until the next decode.
struct TokenReview {
    ApiVersion version = ApiVersion::none;
    std::string_view token;
    std::vector<std::string_view> audiences;
};

}  // namespace arngate::review
