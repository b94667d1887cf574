#pragma once

#include "core/review/decode.hpp"

#include <string>
#include <string_view>

namespace arngate::review {

/// A body with the bytes after it that a Decoder needs. They are not blank: no reader may depend on them.
class Padded {
public:
    explicit Padded(std::string_view body) : size_(body.size()), bytes_(body) { bytes_.append(body_padding, '"'); }

    [[nodiscard]] std::string_view body() const { return std::string_view(bytes_).substr(0, size_); }

private:
    std::size_t size_;
    std::string bytes_;
};

/// The decoder's verdict on a body alone.
inline Reason verdict(Strictness strictness, std::string_view text) {
    const Padded padded(text);
    Decoder decoder(strictness);
    const Result<TokenReview> review = decoder.decode(padded.body());
    return review ? Reason::none : review.error().reason;
}

}  // namespace arngate::review
