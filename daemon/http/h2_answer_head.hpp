#pragma once

#include "daemon/http/exchange.hpp"

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace arngate::http {

/// The header fields of an answer as nghttp2 takes them. They point into the response, the date and this object, which
/// must live until nghttp2 has taken them.
class H2AnswerHead {
public:
    /// `length` is what content-length says; `date` as of DateLine.
    H2AnswerHead(const Response& response, std::size_t length, std::string_view date);
    H2AnswerHead(const H2AnswerHead&) = delete;
    H2AnswerHead& operator=(const H2AnswerHead&) = delete;

    [[nodiscard]] std::span<const nghttp2_nv> fields() const noexcept { return {fields_.data(), count_}; }

private:
    /// Whether nghttp2 may go on pointing to the value after it has taken the field.
    enum class Value : std::uint8_t { temporary, permanent };
    void add(std::string_view name, std::string_view value, Value kind);

    std::array<nghttp2_nv, 8> fields_;
    std::size_t count_ = 0;
    std::array<char, 10> status_;
    std::array<char, 10> retry_after_;
    std::array<char, 20> length_;
};

/// ":status: 100" (RFC 9110, section 15.2.1).
[[nodiscard]] nghttp2_nv continue_field() noexcept;

}  // namespace arngate::http
