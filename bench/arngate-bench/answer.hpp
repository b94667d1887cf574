#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arngate::bench {

/// What a webhook said about a token.
enum class Verdict : std::uint8_t {
    none,     ///< no TokenReview status in the body
    granted,  ///< "authenticated": true
    refused,  ///< a status without it, or with false
};

/// A body larger than this is no answer to a TokenReview.
inline constexpr std::size_t max_answer_bytes = 64 * 1024;

/// What came of one request.
struct Answer {
    std::uint32_t ticket = 0;
    int status = 0;  ///< 0: the stream was reset, or its answer broke a limit
    Verdict verdict = Verdict::none;
};

/// Looks for `"authenticated"` and the value after it. In JSON those quotes cannot occur inside a text, so no parser is
/// needed; a server under load is what is measured, not its JSON.
[[nodiscard]] Verdict verdict_of(std::string_view body) noexcept;

}  // namespace arngate::bench
