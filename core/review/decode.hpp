#pragma once

#include "core/base/result.hpp"
#include "core/review/token_review.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace arngate::review {

enum class Strictness : std::uint8_t {
    strict,   ///< exact keys, a known kind and version, nothing after the value; unknown fields are ignored
    lenient,  ///< as the Go server reads: keys of any letter case, any kind and version, text after the value ignored
};

/// Bytes a buffer must have after the body so that it can be parsed in place (simdjson's padding).
inline constexpr std::size_t body_padding = 64;

/// Reads TokenReviews. One a loop; keeps its parser between calls. Not thread-safe. The whole body must be valid JSON
/// in UTF-8, nested at most 32 levels deep; in the lenient form whatever follows the first value is not looked at.
class Decoder {
public:
    explicit Decoder(Strictness strictness);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// `body` must be followed by `body_padding` readable bytes. The result's views are good until the next call of any
    /// member and as long as the body. Errors: bad_request, unsupported_version; details name the field, never its
    /// content.
    [[nodiscard]] Result<TokenReview> decode(std::string_view body);

    /// Wipes the texts of the last body, the token among them, out of the decoder. Call it once the token has been
    /// used; the next decode() and the destructor do the same.
    void forget() noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
    Strictness strictness_;
};

}  // namespace arngate::review
