#include "bench/arngate-bench/http_client.hpp"

#include <nghttp2/nghttp2.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>
#include <stdexcept>
#include <unordered_map>

namespace arngate::bench {
namespace {

constexpr std::int32_t window_bytes = 1 << 20;

/// One request under way.
struct Stream {
    std::uint32_t ticket = 0;
    std::string_view unsent;  ///< rest of the request's body
    int status = 0;
    std::string body;
    bool is_too_large = false;
};

nghttp2_nv field(std::string_view name, std::string_view value) {
    // nghttp2 only reads what these point to, in spite of the type.
    return {
        .name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
        .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
        .namelen = name.size(),
        .valuelen = value.size(),
        .flags = NGHTTP2_NV_FLAG_NONE
    };
}

/// Many requests at once over one connection (RFC 9113), framed by nghttp2.
class H2Client final : public HttpClient {
public:
    H2Client(const RequestShape& shape, std::size_t streams) : shape_(shape), streams_(streams) {
        nghttp2_session_callbacks* callbacks = nullptr;
        check(nghttp2_session_callbacks_new(&callbacks));
        nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &on_close);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
        nghttp2_session* session = nullptr;
        const int made = nghttp2_session_client_new(&session, callbacks, this);
        nghttp2_session_callbacks_del(callbacks);
        check(made);
        session_.reset(session);
        const std::array<nghttp2_settings_entry, 3> settings{{
            {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
            {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(window_bytes)},
            {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 16 * 1024},
        }};
        check(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
        check(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, window_bytes));
    }

    std::size_t room() const override {
        const std::size_t theirs =
            nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
        const std::size_t most = std::min(streams_, theirs);
        return closing_ || open_.size() >= most ? 0 : most - open_.size();
    }
    bool is_closing() const override { return closing_; }

    void send(std::uint32_t ticket, std::string_view body) override {
        auto stream = std::make_unique<Stream>();
        stream->ticket = ticket;
        stream->unsent = body;
        std::array<char, 20> digits{};
        const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size()).ptr;
        const std::array<nghttp2_nv, 8> fields{
            field(":method", "POST"),
            field(":scheme", "https"),
            field(":authority", shape_.authority),
            field(":path", shape_.path),
            field("user-agent", "arngate-bench"),
            field("accept", "application/json"),
            field("content-type", "application/json"),
            field("content-length", {digits.data(), static_cast<std::size_t>(end - digits.data())}),
        };
        nghttp2_data_provider provider{.source = {.ptr = stream.get()}, .read_callback = &read_body};
        const std::int32_t id =
            nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(), &provider, stream.get());
        if (id < 0) {
            // Stream numbers are used up, or memory: either way this connection has served its time.
            closing_ = true;
            answers().push_back({.ticket = ticket});
            return;
        }
        open_.emplace(id, std::move(stream));
    }

    bool cancel(std::uint32_t ticket) override {
        const auto found =
            std::ranges::find_if(open_, [&](const auto& entry) { return entry.second->ticket == ticket; });
        if (found == open_.end()) {
            return true;
        }
        // The body's source goes with the stream, which nghttp2 forgets when the reset is sent; until then it may not
        // read on from a body that is the caller's again.
        found->second->unsent = {};
        nghttp2_session_set_stream_user_data(session_.get(), found->first, nullptr);
        cancelled_.push_back(std::move(found->second));
        check(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, found->first, NGHTTP2_CANCEL));
        open_.erase(found);
        return true;
    }

    bool receive(std::string_view bytes) override {
        const auto taken =
            nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        if (taken < 0) {
            closing_ = true;
        }
        // After a violation nghttp2 reads on until its GOAWAY has left.
        collect();
        return taken >= 0 && nghttp2_session_want_read(session_.get()) != 0 && !(closing_ && open_.empty());
    }

    void take_output(std::string& out) override {
        collect();
        out += output_;
        output_.clear();
    }

private:
    struct Free {
        void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
    };

    void collect() {
        const std::uint8_t* bytes = nullptr;
        for (;;) {
            const auto count = nghttp2_session_mem_send(session_.get(), &bytes);
            if (count <= 0) {
                closing_ = closing_ || count < 0;
                break;
            }
            output_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
        }
        cancelled_.clear();
    }

    static void check(int result) {
        if (result == NGHTTP2_ERR_NOMEM) {
            throw std::bad_alloc();
        }
        if (result != 0) {
            throw std::logic_error(nghttp2_strerror(result));
        }
    }

    static Stream* stream_of(nghttp2_session* session, std::int32_t id) {
        return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
    }

    static ssize_t read_body(
        nghttp2_session* /*session*/,
        std::int32_t /*id*/,
        std::uint8_t* buffer,
        std::size_t size,
        std::uint32_t* flags,
        nghttp2_data_source* source,
        void* /*self*/
    ) {
        auto& stream = *static_cast<Stream*>(source->ptr);
        const std::size_t count = std::min(size, stream.unsent.size());
        std::ranges::copy_n(stream.unsent.data(), static_cast<std::ptrdiff_t>(count), reinterpret_cast<char*>(buffer));
        stream.unsent.remove_prefix(count);
        if (stream.unsent.empty()) {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        }
        return static_cast<ssize_t>(count);
    }

    static int on_header(
        nghttp2_session* session,
        const nghttp2_frame* frame,
        const std::uint8_t* name,
        std::size_t name_size,
        const std::uint8_t* value,
        std::size_t value_size,
        std::uint8_t /*flags*/,
        void* /*self*/
    ) {
        constexpr std::string_view status = ":status";
        if (name_size == status.size() && std::memcmp(name, status.data(), name_size) == 0) {
            if (Stream* const stream = stream_of(session, frame->hd.stream_id)) {
                const auto* const text = reinterpret_cast<const char*>(value);
                std::from_chars(text, text + value_size, stream->status);
            }
        }
        return 0;
    }

    static int on_data(
        nghttp2_session* session,
        std::uint8_t /*flags*/,
        std::int32_t id,
        const std::uint8_t* bytes,
        std::size_t size,
        void* /*self*/
    ) {
        if (Stream* const stream = stream_of(session, id)) {
            if (size > max_answer_bytes - stream->body.size()) {
                stream->is_too_large = true;
                nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
            } else if (!stream->is_too_large) {
                stream->body.append(reinterpret_cast<const char*>(bytes), size);
            }
        }
        return 0;
    }

    static int on_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t error_code, void* self) {
        auto& client = *static_cast<H2Client*>(self);
        const auto found = client.open_.find(id);
        if (found == client.open_.end()) {
            return 0;
        }
        const Stream& stream = *found->second;
        const bool is_whole = error_code == NGHTTP2_NO_ERROR && !stream.is_too_large;
        client.answers().push_back({
            .ticket = stream.ticket,
            .status = is_whole ? stream.status : 0,
            .verdict = is_whole ? verdict_of(stream.body) : Verdict::none,
        });
        client.open_.erase(found);
        return 0;
    }

    static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* self) {
        if (frame->hd.type == NGHTTP2_GOAWAY) {
            static_cast<H2Client*>(self)->closing_ = true;
        }
        return 0;
    }

    RequestShape shape_;
    std::size_t streams_;
    std::string output_;
    std::unordered_map<std::int32_t, std::unique_ptr<Stream>> open_;
    std::vector<std::unique_ptr<Stream>> cancelled_;  ///< until nghttp2 has let go of them
    std::unique_ptr<nghttp2_session, Free> session_;
    bool closing_ = false;
};

}  // namespace

std::unique_ptr<HttpClient> make_h2_client(const RequestShape& shape, std::size_t streams) {
    return std::make_unique<H2Client>(shape, streams);
}

}  // namespace arngate::bench
