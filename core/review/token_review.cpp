#include "core/review/token_review.hpp"

namespace arngate::review {

std::string_view to_string(ApiVersion version) noexcept {
    switch (version) {
        case ApiVersion::none:
            return "";
        case ApiVersion::v1:
            return "authentication.k8s.io/v1";
        case ApiVersion::v1beta1:
            return "authentication.k8s.io/v1beta1";
    }
    return "";
}

}  // namespace arngate::review
