#include "daemon/http/h1_reader.hpp"

#include "core/base/secret.hpp"
#include "core/base/text.hpp"
#include "daemon/http/request_target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace arngate::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::size_t first_buffer = 4096;
/// Room for what one read brings beyond the request, and for the framing of a chunk.
constexpr std::size_t read_slack = 16 * 1024;
/// The least room worth a read.
constexpr std::size_t least_room = 1024;
/// The last chunk, without extensions and trailers: no chunked body ends with fewer bytes.
constexpr std::size_t last_chunk_size = std::string_view("0\r\n\r\n").size();
constexpr std::size_t request_line_end = std::string_view(" HTTP/1.1\r\n").size();

/// The line ends as one of HTTP does, so that a parser's complaint about its version is about the number.
bool names_a_version(std::string_view message) noexcept {
    std::string_view line = message.substr(0, message.find('\n'));
    constexpr std::string_view form = "HTTP/1.1\r";
    if (!line.ends_with('\r') || line.size() < form.size()) {
        return false;
    }
    line.remove_prefix(line.size() - form.size());
    return line.starts_with("HTTP/") && text::is_digit(line[5]) && line[6] == '.' && text::is_digit(line[7]);
}

std::string_view std_view(beast::string_view text) noexcept {
    return {text.data(), text.size()};
}

}  // namespace

// --- what the parser reports

void H1Reader::Parser::refuse(unsigned status, ErrorCode& ec) noexcept {
    reader_.failure_ = status;
    ec = beast::http::error::bad_value;
}

void H1Reader::Parser::on_request_impl(Verb /*verb*/, View method, View target, int version, ErrorCode& /*ec*/) {
    reader_.method_ = reader_.piece_of(std_view(method));
    reader_.target_ = reader_.piece_of(std_view(target));
    reader_.version_ = version;
    // Beast bounds the request line and the fields each by the limit; ours is for both together.
    const std::size_t line = reader_.target_.offset + reader_.target_.size + request_line_end;
    const std::size_t left = reader_.limits_.max_header_bytes - std::min(line, reader_.limits_.max_header_bytes);
    header_limit(static_cast<std::uint32_t>(left));
}

void H1Reader::Parser::on_response_impl(int /*status*/, View /*reason*/, int /*version*/, ErrorCode& ec) {
    refuse(400, ec);
}

void H1Reader::Parser::on_field_impl(Field field, View name, View value, ErrorCode& ec) {
    if (reader_.head_done_) {
        return;  // a trailer says nothing here
    }
    const std::string_view text = std_view(value);
    if (!text.empty() && !reader_.is_on_one_line(std_view(name), text)) {
        return refuse(400, ec);  // folded (RFC 9112, section 5.2)
    }
    switch (field) {
        case Field::host:
            if (++hosts_ > 1 || !is_host(text)) {
                refuse(400, ec);
            }
            break;
        case Field::content_length:
            // A list of equal lengths is one that somebody else may read differently.
            if (++lengths_ > 1 || encodings_ > 0 || !std::ranges::all_of(text, text::is_digit)) {
                refuse(400, ec);
            }
            break;
        case Field::transfer_encoding:
            if (++encodings_ > 1 || lengths_ > 0 || reader_.version_ < 11 || !text::iequals(text, "chunked")) {
                refuse(400, ec);
            }
            break;
        case Field::expect:
            if (!text::iequals(text, "100-continue")) {
                refuse(417, ec);
            } else if (reader_.version_ == 11) {
                reader_.expect_continue_ = true;
            }
            break;
        default:
            break;
    }
}

void H1Reader::Parser::on_header_impl(ErrorCode& ec) {
    if (reader_.version_ == 11 && hosts_ != 1) {
        return refuse(400, ec);
    }
    reader_.head_done_ = true;
}

void H1Reader::Parser::on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, ErrorCode& /*ec*/) {}

void H1Reader::Parser::add_to_body(View piece) noexcept {
    Piece& body = reader_.body_;
    const Piece fresh = reader_.piece_of(std_view(piece));
    if (body.size == 0) {
        body.offset = fresh.offset;
    } else if (body.offset + body.size != fresh.offset) {
        // After a chunk's framing: the pieces are brought together, so that the body is one piece.
        std::memmove(reader_.base_ + reader_.begin_ + body.offset + body.size, piece.data(), piece.size());
    }
    body.size += fresh.size;
}

std::size_t H1Reader::Parser::on_body_impl(View body, ErrorCode& /*ec*/) {
    add_to_body(body);
    return body.size();
}

void H1Reader::Parser::on_chunk_header_impl(std::uint64_t /*size*/, View /*extensions*/, ErrorCode& /*ec*/) {}

std::size_t H1Reader::Parser::on_chunk_body_impl(std::uint64_t /*remain*/, View body, ErrorCode& /*ec*/) {
    add_to_body(body);
    return body.size();
}

void H1Reader::Parser::on_finish_impl(ErrorCode& /*ec*/) {}

// --- the buffer

H1Reader::~H1Reader() {
    drop_own();
}

void H1Reader::drop_own() noexcept {
    if (own_ != nullptr) {
        wipe(own_.get(), own_used_);
        own_.reset();
        own_size_ = 0;
        own_used_ = 0;
    }
}

void H1Reader::move_into_own(std::size_t size) {
    const std::size_t held = end_ - begin_;
    auto buffer = std::make_unique_for_overwrite<char[]>(size + read_padding);  // NOLINT(modernize-avoid-c-arrays)
    std::memcpy(buffer.get(), base_ + begin_, held);
    if (own_ == nullptr) {
        wipe(base_ + begin_, held);
    }
    drop_own();
    own_ = std::move(buffer);
    own_size_ = size;
    base_ = own_.get();
    begin_ = 0;
    end_ = 0;
    commit(held);
}

void H1Reader::commit(std::size_t bytes) noexcept {
    end_ += bytes;
    if (base_ == own_.get()) {
        own_used_ = std::max(own_used_, end_);
    }
    std::memset(base_ + end_, 0, read_padding);
}

bool H1Reader::is_on_one_line(std::string_view name, std::string_view value) const noexcept {
    const std::less_equal<const char*> not_after;
    const char* name_end = name.data() + name.size();
    // The parser unfolds into memory of its own.
    if (!not_after(name_end, value.data()) || !not_after(value.data() + value.size(), base_ + end_)) {
        return false;
    }
    const std::string_view between(name_end, static_cast<std::size_t>(value.data() - name_end));
    return between.find('\r') == std::string_view::npos;
}

std::span<char> H1Reader::prepare() {
    if (begin_ == end_) {
        drop_own();
        base_ = scratch_.data();
        begin_ = end_ = 0;
        return {base_, ReadScratch::size};
    }
    park();
    if (own_size_ - end_ < least_room && begin_ > 0) {
        std::memmove(base_, base_ + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (own_size_ - end_ < least_room) {
        const std::size_t most = limits_.max_header_bytes + limits_.max_body_bytes + read_slack;
        move_into_own(std::max(std::min(own_size_ * 2, most), end_ + least_room));
    }
    return {base_ + end_, own_size_ - end_};
}

void H1Reader::park() {
    if (begin_ == end_ || base_ != scratch_.data()) {
        return;
    }
    move_into_own(std::max(first_buffer, end_ - begin_ + least_room));
}

void H1Reader::close_gap() noexcept {
    // Only chunks leave one: between the body so far and what the parser has not taken yet.
    const std::size_t body_end = body_.offset + body_.size;
    if (body_.size == 0 || body_end >= cursor_) {
        return;
    }
    char* message = base_ + begin_;
    const std::size_t rest = end_ - begin_ - cursor_;
    std::memmove(message + body_end, message + cursor_, rest);
    cursor_ = body_end;
    const std::size_t old_end = std::exchange(end_, begin_ + body_end + rest);
    wipe(base_ + end_, old_end - end_);
}

// --- the requests

void H1Reader::start_message() {
    parser_.emplace(*this);
    parser_->eager(true);
    parser_->body_limit(limits_.max_body_bytes);
    cursor_ = 0;
    method_ = target_ = body_ = {};
    version_ = 11;
    head_done_ = false;
    expect_continue_ = false;
}

H1Reader::Outcome H1Reader::fail(unsigned status) noexcept {
    failure_ = status;
    return Outcome::failed;
}

H1Reader::Outcome H1Reader::parse() {
    if (failure_ != 0) {
        return Outcome::failed;
    }
    if (begin_ == end_) {
        return Outcome::need_more;
    }
    if (!parser_) {
        start_message();
    }
    if (!head_done_) {
        // The parser's limit is for one call; ours for the whole head, however many reads bring it.
        const std::size_t left = limits_.max_header_bytes - std::min(cursor_, limits_.max_header_bytes);
        parser_->header_limit(static_cast<std::uint32_t>(left));
    }
    const std::size_t unread = end_ - begin_ - cursor_;
    if (head_done_ && parser_->chunked() && unread < last_chunk_size) {
        return Outcome::need_more;  // the parser asserts that it is not asked about a part of the last chunk
    }
    beast::error_code ec;
    cursor_ += parser_->put(asio::const_buffer(base_ + begin_ + cursor_, unread), ec);
    close_gap();
    if (failure_ != 0) {
        return Outcome::failed;
    }
    if (!ec && parser_->is_done()) {
        return Outcome::complete;
    }
    if (!ec || ec == beast::http::error::need_more) {
        // Extensions and trailers of chunks have no limit in the parser.
        const bool framing_too_long = head_done_ && end_ - begin_ - cursor_ > limits_.max_header_bytes;
        return framing_too_long ? fail(431) : Outcome::need_more;
    }
    if (ec == beast::http::error::header_limit) {
        return fail(431);
    }
    if (ec == beast::http::error::body_limit) {
        return fail(413);
    }
    if (ec == beast::http::error::bad_version && names_a_version({base_ + begin_, end_ - begin_})) {
        return fail(505);
    }
    return fail(400);
}

void H1Reader::consume() noexcept {
    wipe(base_ + begin_, cursor_);
    begin_ += cursor_;
    cursor_ = 0;
    parser_.reset();
    head_done_ = false;
    expect_continue_ = false;
}

bool H1Reader::take_expect_continue() noexcept {
    // A client that has sent a part of its body does not wait.
    return std::exchange(expect_continue_, false) && head_done_ && body_.size == 0;
}

}  // namespace arngate::http
