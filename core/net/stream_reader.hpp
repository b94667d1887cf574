#pragma once

#include "core/net/response_reader.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace arngate::net {

/// What the headers of a streamed answer say.
struct StreamHead {
    int status = 0;
    std::string content_type;
    std::string retry_after;  ///< as sent; empty: there is none
};

/// Reads one HTTP/1.1 answer whose body is taken piece by piece and may be endless. Pure: bytes in, pieces out; no
/// socket. Holds no more than the headers' limit and one read. Interim answers (1xx) are malformed here.
class StreamReader {
public:
    explicit StreamReader(std::size_t max_header_bytes);

    /// Where the next bytes go; valid until the next call, never empty.
    [[nodiscard]] std::span<char> space();
    /// That many bytes were put into `space()`. What they hold of the body is appended to `body`.
    [[nodiscard]] ReadProgress received(std::size_t count, std::string& body);
    /// The peer said that nothing more will come.
    [[nodiscard]] ReadProgress ended();

    /// Once the headers have come whole.
    [[nodiscard]] const std::optional<StreamHead>& head() const noexcept { return head_; }

private:
    using Parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

    std::uint32_t max_header_bytes_;
    boost::beast::flat_buffer buffer_;
    Parser parser_;
    std::optional<StreamHead> head_;
};

}  // namespace arngate::net
