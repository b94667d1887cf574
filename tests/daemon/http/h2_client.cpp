#include "tests/daemon/http/h2_client.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace arngate::http::test {
namespace {

std::vector<nghttp2_nv> fields_of(const H2Fields& fields) {
    std::vector<nghttp2_nv> out;
    for (const auto& [name, value] : fields) {
        out.push_back(h2::field(name, value));
    }
    return out;
}

/// Sends a body that may be left open, and trailers behind it. The source is a Sending.
template <class Sending>
ssize_t read_body(
    nghttp2_session* session,
    std::int32_t id,
    std::uint8_t* buffer,
    std::size_t most,
    std::uint32_t* flags,
    nghttp2_data_source* source,
    void* /*user*/
) {
    auto& sending = *static_cast<Sending*>(source->ptr);
    const std::size_t size = std::min(most, sending.body.size() - sending.sent);
    std::copy_n(sending.body.data() + sending.sent, size, buffer);
    sending.sent += size;
    if (sending.sent < sending.body.size()) {
        return static_cast<ssize_t>(size);
    }
    if (!sending.ends) {
        return size == 0 ? ssize_t{NGHTTP2_ERR_DEFERRED} : static_cast<ssize_t>(size);
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!sending.trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto fields = fields_of(sending.trailers);
        nghttp2_submit_trailer(session, id, fields.data(), fields.size());
    }
    return static_cast<ssize_t>(size);
}

}  // namespace

const h2::CallbackTable<H2Client>& H2Client::callbacks() {
    static const h2::CallbackTable<H2Client> made = [] {
        h2::CallbackTable<H2Client> table;
        table.on_header<&H2Client::take_header>()
            .on_data<&H2Client::take_data>()
            .on_frame<&H2Client::take_frame>()
            .on_stream_close<&H2Client::close_stream>();
        return table;
    }();
    return made;
}

void H2Client::take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    H2Result& result = results_[frame.hd.stream_id];
    if (name != ":status") {
        result.headers[std::string(name)] = value;
    } else if (value.starts_with('1')) {
        result.interim.emplace_back(value);
    } else {
        result.status = value;
    }
}

void H2Client::take_data(std::int32_t id, std::string_view bytes) {
    results_[id].body += bytes;
}

void H2Client::take_frame(const nghttp2_frame& frame) {
    switch (frame.hd.type) {
        case NGHTTP2_HEADERS:
        case NGHTTP2_DATA:
            if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
                results_[frame.hd.stream_id].complete = true;
            }
            break;
        case NGHTTP2_RST_STREAM:
            results_[frame.hd.stream_id].reset = frame.rst_stream.error_code;
            break;
        case NGHTTP2_GOAWAY:
            ++goaways_;
            goaway_ = frame.goaway.error_code;
            last_stream_ = frame.goaway.last_stream_id;
            break;
        case NGHTTP2_PING:
            pongs_ += (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0 ? 1 : 0;
            break;
        default:
            break;
    }
}

void H2Client::close_stream(std::int32_t id, std::uint32_t /*error*/) {
    sending_.erase(id);
}

H2Client::H2Client(const H2ClientOptions& options) {
    const h2::Options how = h2::make_options();
    nghttp2_option_set_no_auto_window_update(how.get(), options.opens_windows ? 0 : 1);
    session_ = h2::make_client(callbacks(), *this, how.get());
    const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.window};
    if (nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &window, 1) != 0) {
        throw std::runtime_error("no HTTP/2 client");
    }
}

std::int32_t H2Client::request(std::string_view method, std::string_view path, std::optional<std::string> body) {
    const H2Fields fields{
        {":method", std::string(method)}, {":scheme", "https"}, {":authority", "x"}, {":path", std::string(path)}
    };
    return request_with(fields, std::move(body));
}

std::int32_t H2Client::request_with(const H2Fields& fields, std::optional<std::string> body, const H2Fields& trailers) {
    auto sending = std::make_unique<Sending>();
    sending->ends = body.has_value();
    sending->body = body.value_or("");
    sending->trailers = trailers;
    const bool has_body = !sending->ends || !sending->body.empty() || !trailers.empty();
    const nghttp2_data_provider provider{.source = {.ptr = sending.get()}, .read_callback = read_body<Sending>};
    const auto all = fields_of(fields);
    const std::int32_t id = nghttp2_submit_request(
        session_.get(), nullptr, all.data(), all.size(), has_body ? &provider : nullptr, nullptr
    );
    sending_[id] = std::move(sending);
    return id;
}

void H2Client::send_body(std::int32_t id, std::string_view bytes, bool ends) {
    sending_.at(id)->body += bytes;
    sending_.at(id)->ends = ends;
    nghttp2_session_resume_data(session_.get(), id);
}

void H2Client::reset(std::int32_t id) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void H2Client::ping() {
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
}

void H2Client::open_window(std::int32_t id, std::int32_t by) {
    nghttp2_submit_window_update(session_.get(), NGHTTP2_FLAG_NONE, id, by);
}

std::string H2Client::take() {
    std::string out;
    for (;;) {
        const auto bytes = h2::next_output(*session_.get());
        if (!bytes || bytes->empty()) {
            return out;
        }
        out += *bytes;
    }
}

bool H2Client::feed(std::string_view bytes) {
    return h2::receive(*session_.get(), bytes);
}

std::uint32_t H2Client::setting(nghttp2_settings_id id) const {
    return nghttp2_session_get_remote_settings(session_.get(), id);
}

std::string h2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    const auto size = static_cast<std::uint32_t>(payload.size());
    std::string frame;
    for (const std::uint32_t byte :
         {size >> 16,
          size >> 8,
          size,
          std::uint32_t{type},
          std::uint32_t{flags},
          stream >> 24,
          stream >> 16,
          stream >> 8,
          stream}) {
        frame += static_cast<char>(byte & 0xff);
    }
    frame += payload;
    return frame;
}

std::string h2_preface() {
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + h2_frame(NGHTTP2_SETTINGS, 0, 0, "");
}

}  // namespace arngate::http::test
