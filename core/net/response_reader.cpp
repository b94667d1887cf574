#include "core/net/response_reader.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <limits>
#include <string>
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
constexpr int least_status = 100;

std::uint32_t to_uint32(std::size_t value) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

bool is_limit(const boost::beast::error_code& error) {
    return error == http::error::header_limit || error == http::error::body_limit ||
           error == http::error::buffer_overflow;
}

/// The first of several headers of a name counts.
void keep_first(std::string& kept, std::string_view value) {
    if (kept.empty()) {
        kept = value;
    }
}

}  // namespace

void ResponseReader::Parser::on_response_impl(int status, Text /*reason*/, int /*version*/, ErrorCode& /*error*/) {
    response.status = status;
}

void ResponseReader::Parser::on_field_impl(http::field name, Text /*name_text*/, Text value, ErrorCode& /*error*/) {
    switch (name) {
        case http::field::content_type:
            return keep_first(response.content_type, value);
        case http::field::retry_after:
            return keep_first(response.retry_after, value);
        case http::field::date:
            return keep_first(response.date, value);
        default:
            return;
    }
}

void ResponseReader::Parser::on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) {
    error = {};
    // Within the limit, or the parser would not have come here.
    response.body.reserve(static_cast<std::size_t>(length.value_or(0)));
}

std::size_t ResponseReader::Parser::on_body_impl(Text bytes, ErrorCode& /*error*/) {
    response.body.append(bytes);
    return bytes.size();
}

std::size_t ResponseReader::Parser::on_chunk_body_impl(std::uint64_t /*remaining*/, Text bytes, ErrorCode& error) {
    return on_body_impl(bytes, error);
}

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
        if (parser_->is_header_done() && parser_->response.status < least_status) {
            return ReadProgress::malformed;
        }
        if (parser_->is_done()) {
            if (!is_interim()) {
                return ReadProgress::complete;
            }
            // 101 would change the protocol, which nobody asked for (RFC 9110, section 15.2.2).
            if (parser_->response.status == 101 || ++interim_answers_ > max_interim_answers) {
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
    return parser_->is_header_done() && parser_->response.status / 100 == 1;
}

bool ResponseReader::has_headers() const {
    return parser_->is_header_done() && !is_interim();
}

bool ResponseReader::keep_alive() const {
    // Bytes beyond the answer mean that the peer and we disagree about where it ends.
    return parser_->keep_alive() && !has_surplus();
}

HttpResponse ResponseReader::take() {
    return std::move(parser_->response);
}

}  // namespace arngate::net
