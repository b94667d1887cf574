#include "core/net/stream_reader.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace arngate::net {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t read_bytes = 16UL * 1024;
/// The last chunk, without extensions and trailers: no chunked body ends with fewer bytes.
constexpr std::size_t last_chunk_size = std::string_view("0\r\n\r\n").size();
/// RFC 9110, section 15. Whoever streams was not asked to expect a 100.
constexpr unsigned least_status = 200;

}  // namespace

StreamReader::StreamReader(std::size_t max_header_bytes)
    : max_header_bytes_(
          static_cast<std::uint32_t>(std::min<std::size_t>(max_header_bytes, std::numeric_limits<std::uint32_t>::max()))
      ),
      // The end of a chunked body, with its trailers, is held like headers.
      buffer_(static_cast<std::size_t>(max_header_bytes_) + read_bytes) {
    parser_.header_limit(max_header_bytes_);
    parser_.body_limit(boost::none);
    parser_.eager(true);
}

std::span<char> StreamReader::space() {
    const auto room = buffer_.prepare(std::min(read_bytes, buffer_.max_size() - buffer_.size()));
    return {static_cast<char*>(room.data()), room.size()};
}

ReadProgress StreamReader::received(std::size_t count, std::string& body) {
    buffer_.commit(count);
    std::array<char, 4096> piece{};
    for (;;) {
        if (parser_.is_header_done() && parser_.chunked() && buffer_.size() < last_chunk_size) {
            return ReadProgress::need_more;  // the parser asserts that it is not asked about a part of the last chunk
        }
        parser_.get().body().data = piece.data();
        parser_.get().body().size = piece.size();
        parser_.get().body().more = true;
        boost::beast::error_code error;
        const bool had_headers = parser_.is_header_done();
        buffer_.consume(parser_.put(buffer_.data(), error));
        if (!had_headers && parser_.is_header_done()) {
            const auto& message = parser_.get();
            if (message.result_int() < least_status) {
                return ReadProgress::malformed;
            }
            head_.emplace();
            head_->status = static_cast<int>(message.result_int());
            head_->content_type = std::string(message[http::field::content_type]);
            head_->retry_after = std::string(message[http::field::retry_after]);
        }
        if (parser_.is_header_done()) {
            body.append(piece.data(), piece.size() - parser_.get().body().size);
        }
        if (error == http::error::need_more) {
            // A full buffer that the parser can do nothing with is a header or a trailer without an end.
            return buffer_.size() == buffer_.max_size() ? ReadProgress::too_large : ReadProgress::need_more;
        }
        if (error && error != http::error::need_buffer) {
            return error == http::error::header_limit ? ReadProgress::too_large : ReadProgress::malformed;
        }
        if (parser_.is_done()) {
            return ReadProgress::complete;
        }
        if (buffer_.size() == 0) {
            return ReadProgress::need_more;
        }
    }
}

ReadProgress StreamReader::ended() {
    if (!parser_.is_header_done()) {
        return ReadProgress::cut_short;
    }
    boost::beast::error_code error;
    parser_.put_eof(error);
    return !error && parser_.is_done() ? ReadProgress::complete : ReadProgress::cut_short;
}

}  // namespace arngate::net
