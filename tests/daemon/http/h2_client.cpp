#include "tests/daemon/http/h2_client.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace arngate::http::test {
namespace {

std::uint8_t* bytes_of(const std::string& text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

std::vector<nghttp2_nv> fields_of(const H2Fields& fields) {
    std::vector<nghttp2_nv> out;
    for (const auto& [name, value] : fields) {
        out.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return out;
}

}  // namespace

struct H2Client::Callbacks {
    static H2Client& client(void* user) { return *static_cast<H2Client*>(user); }

    static int on_header(
        nghttp2_session* /*session*/,
        const nghttp2_frame* frame,
        const std::uint8_t* name,
        std::size_t name_size,
        const std::uint8_t* value,
        std::size_t value_size,
        std::uint8_t /*flags*/,
        void* user
    ) {
        H2Result& result = client(user).results_[frame->hd.stream_id];
        const std::string field(reinterpret_cast<const char*>(name), name_size);
        const std::string text(reinterpret_cast<const char*>(value), value_size);
        if (field != ":status") {
            result.headers[field] = text;
        } else if (text.starts_with('1')) {
            result.interim.push_back(text);
        } else {
            result.status = text;
        }
        return 0;
    }

    static int on_data(
        nghttp2_session* /*session*/,
        std::uint8_t /*flags*/,
        std::int32_t id,
        const std::uint8_t* bytes,
        std::size_t size,
        void* user
    ) {
        client(user).results_[id].body.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
    }

    static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
        H2Client& self = client(user);
        switch (frame->hd.type) {
            case NGHTTP2_HEADERS:
            case NGHTTP2_DATA:
                if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
                    self.results_[frame->hd.stream_id].complete = true;
                }
                break;
            case NGHTTP2_RST_STREAM:
                self.results_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
                break;
            case NGHTTP2_GOAWAY:
                ++self.goaways_;
                self.goaway_ = frame->goaway.error_code;
                self.last_stream_ = frame->goaway.last_stream_id;
                break;
            case NGHTTP2_PING:
                self.pongs_ += (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 ? 1 : 0;
                break;
            default:
                break;
        }
        return 0;
    }

    static int on_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t /*error*/, void* user) {
        client(user).sending_.erase(id);
        return 0;
    }

    static ssize_t read_body(
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
        std::copy_n(sending.body.data() + sending.sent, size, reinterpret_cast<char*>(buffer));
        sending.sent += size;
        if (sending.sent == sending.body.size()) {
            if (!sending.ends && size == 0) {
                return NGHTTP2_ERR_DEFERRED;
            }
            if (sending.ends) {
                *flags |= NGHTTP2_DATA_FLAG_EOF;
                if (!sending.trailers.empty()) {
                    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
                    const auto fields = fields_of(sending.trailers);
                    nghttp2_submit_trailer(session, id, fields.data(), fields.size());
                }
            }
        }
        return static_cast<ssize_t>(size);
    }
};

H2Client::H2Client(const H2ClientOptions& options) {
    nghttp2_session_callbacks* calls = nullptr;
    nghttp2_option* with = nullptr;
    nghttp2_session_callbacks_new(&calls);
    nghttp2_option_new(&with);
    nghttp2_session_callbacks_set_on_header_callback(calls, Callbacks::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, Callbacks::on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, Callbacks::on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, Callbacks::on_close);
    nghttp2_option_set_no_auto_window_update(with, options.opens_windows ? 0 : 1);
    const int made = nghttp2_session_client_new2(&session_, calls, this, with);
    nghttp2_session_callbacks_del(calls);
    nghttp2_option_del(with);
    const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.window};
    if (made != 0 || nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1) != 0) {
        throw std::runtime_error("no HTTP/2 client");
    }
}

H2Client::~H2Client() {
    nghttp2_session_del(session_);
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
    const nghttp2_data_provider provider{.source = {.ptr = sending.get()}, .read_callback = Callbacks::read_body};
    const auto all = fields_of(fields);
    const std::int32_t id =
        nghttp2_submit_request(session_, nullptr, all.data(), all.size(), has_body ? &provider : nullptr, nullptr);
    sending_[id] = std::move(sending);
    return id;
}

void H2Client::send_body(std::int32_t id, std::string_view bytes, bool ends) {
    sending_.at(id)->body += bytes;
    sending_.at(id)->ends = ends;
    nghttp2_session_resume_data(session_, id);
}

void H2Client::reset(std::int32_t id) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void H2Client::ping() {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

void H2Client::open_window(std::int32_t id, std::int32_t by) {
    nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, id, by);
}

std::string H2Client::take() {
    std::string out;
    for (;;) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
        if (size <= 0) {
            return out;
        }
        out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
}

bool H2Client::feed(std::string_view bytes) {
    const ssize_t taken =
        nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return taken == static_cast<ssize_t>(bytes.size());
}

std::uint32_t H2Client::setting(nghttp2_settings_id id) const {
    return nghttp2_session_get_remote_settings(session_, id);
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
