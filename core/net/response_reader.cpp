#include "core/net/response_reader.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace arngate::net {

namespace {

namespace http = boost::beast::http;

// An STS answer with its headers fits into one read.
constexpr std::size_t read_bytes = 4096;
constexpr unsigned max_interim_answers = 4;
/// The last chunk, without extensions and trailers: no chunked body ends with fewer bytes.
constexpr std::size_t last_chunk_size = std::string_view("0\r\n\r\n").size();
/// RFC 9110, section 15: a status code is from 100 to 599.
constexpr unsigned least_status = 100;

std::uint32_t to_uint32(std::size_t value) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

bool is_limit(const boost::beast::error_code& error) {
    return error == http::error::header_limit || error == http::error::body_limit ||
           error == http::error::buffer_overflow;
}

}  // namespace

ResponseReader::ResponseReader(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : max_header_bytes_(to_uint32(max_header_bytes)),
      max_body_bytes_(max_body_bytes),
      // Headers must lie in one piece; a body is passed on as it comes.
      buffer_(static_cast<std::size_t>(max_header_bytes_) + read_bytes) {
    reset_parser();
}

void ResponseReader::start(BodyRule rule) {
    rule_ = rule;
    buffer_.clear();
    begun_ = false;
    interim_answers_ = 0;
    reset_parser();
}

void ResponseReader::reset_parser() {
    parser_.emplace();
    header_bytes_ = 0;
    parser_->header_limit(max_header_bytes_);
    parser_->body_limit(max_body_bytes_);
    parser_->skip(rule_ == BodyRule::none);
}

std::span<char> ResponseReader::space() {
    const auto room = buffer_.prepare(std::min(read_bytes, buffer_.max_size() - buffer_.size()));
    return {static_cast<char*>(room.data()), room.size()};
}

ReadProgress ResponseReader::received(std::size_t count) {
    buffer_.commit(count);
    begun_ = begun_ || count > 0;
    const ReadProgress progress = parse();
    if (progress == ReadProgress::need_more && buffer_.size() == buffer_.max_size()) {
        return ReadProgress::too_large;
    }
    return progress;
}

ReadProgress ResponseReader::parse() {
    for (;;) {
        if (parser_->is_header_done() && parser_->chunked() && buffer_.size() < last_chunk_size) {
            return ReadProgress::need_more;  // the parser asserts that it is not asked about a part of the last chunk
        }
        boost::beast::error_code error;
        // Without eager(), put() stops where the headers end, which tells how long they are.
        const bool in_headers = !parser_->is_header_done();
        parser_->eager(!in_headers);
        const std::size_t used = parser_->put(buffer_.data(), error);
        buffer_.consume(used);
        header_bytes_ += in_headers ? used : 0;
        if (header_bytes_ > max_header_bytes_) {
            return ReadProgress::too_large;
        }
        if (error == http::error::need_more) {
            return ReadProgress::need_more;
        }
        if (error) {
            return is_limit(error) ? ReadProgress::too_large : ReadProgress::malformed;
        }
        if (parser_->is_header_done() && parser_->get().result_int() < least_status) {
            return ReadProgress::malformed;
        }
        if (parser_->is_done()) {
            if (!is_interim()) {
                return ReadProgress::complete;
            }
            // 101 would change the protocol, which nobody asked for (RFC 9110, section 15.2.2).
            if (parser_->get().result_int() == 101 || ++interim_answers_ > max_interim_answers) {
                return ReadProgress::malformed;
            }
            reset_parser();
        }
        if (buffer_.size() == 0) {
            return ReadProgress::need_more;
        }
    }
}

ReadProgress ResponseReader::ended() {
    if (!has_headers()) {
        return ReadProgress::cut_short;
    }
    boost::beast::error_code error;
    parser_->put_eof(error);
    return !error && parser_->is_done() ? ReadProgress::complete : ReadProgress::cut_short;
}

bool ResponseReader::is_interim() const {
    return parser_->is_header_done() && parser_->get().result_int() / 100 == 1;
}

bool ResponseReader::has_headers() const {
    return parser_->is_header_done() && !is_interim();
}

bool ResponseReader::keep_alive() const {
    // Bytes beyond the answer mean that the peer and we disagree about where it ends.
    return parser_->keep_alive() && !has_surplus();
}

HttpResponse ResponseReader::take() {
    auto message = parser_->release();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    response.content_type = std::string(message[http::field::content_type]);
    response.retry_after = std::string(message[http::field::retry_after]);
    response.date = std::string(message[http::field::date]);
    response.body = std::move(message.body());
    return response;
}

}  // namespace arngate::net
