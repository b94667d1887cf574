#pragma once

#include "core/base/result.hpp"
#include "core/review/token_review.hpp"

#include <simdjson.h>

#include <cstddef>

namespace arngate::review {

/// More audiences than any API server has.
inline constexpr std::size_t max_audiences = 32;

/// A TokenReview from a body that is valid JSON, see Strictness. Views of the result point into the document.
/// Errors: bad_request, unsupported_version.
[[nodiscard]] Result<TokenReview> read_strict(simdjson::dom::object object);
[[nodiscard]] Result<TokenReview> read_lenient(simdjson::dom::object object);

}  // namespace arngate::review
