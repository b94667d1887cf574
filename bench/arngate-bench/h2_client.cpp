#include "bench/arngate-bench/http_client.hpp"
#include "core/h2/session.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
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

/// Many requests at once over one connection (RFC 9113), framed by nghttp2.
class H2Client final : public HttpClient {
public:
    H2Client(const RequestShape& shape, std::size_t streams)
        : shape_(shape), streams_(streams), session_(h2::make_client(callbacks(), *this)) {
        const std::array<nghttp2_settings_entry, 3> settings{{
            {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
            {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(window_bytes)},
            {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 16 * 1024},
        }};
        check(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
        check(nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, window_bytes));
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
            h2::field(":method", "POST"),
            h2::field(":scheme", "https"),
            h2::field(":authority", shape_.authority),
            h2::field(":path", shape_.path),
            h2::field("user-agent", "arngate-bench"),
            h2::field("accept", "application/json"),
            h2::field("content-type", "application/json"),
            h2::field("content-length", {digits.data(), static_cast<std::size_t>(end - digits.data())}),
        };
        const nghttp2_data_provider provider = h2::body_of(stream->unsent);
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
        const bool received = h2::receive(*session_, bytes);
        closing_ = closing_ || !received;
        // After a violation nghttp2 reads on until its GOAWAY has left.
        collect();
        return received && nghttp2_session_want_read(session_.get()) != 0 && !(closing_ && open_.empty());
    }

    void take_output(std::string& out) override {
        collect();
        out += output_;
        output_.clear();
    }

private:
    void collect() {
        for (;;) {
            const auto bytes = h2::next_output(*session_);
            if (!bytes || bytes->empty()) {
                closing_ = closing_ || !bytes;
                break;
            }
            output_ += *bytes;
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

    static const h2::CallbackTable<H2Client>& callbacks() {
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

    [[nodiscard]] Stream* stream_of(std::int32_t id) const {
        return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
    }

    void take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
        Stream* const stream = name == ":status" ? stream_of(frame.hd.stream_id) : nullptr;
        if (stream != nullptr) {
            std::from_chars(value.data(), value.data() + value.size(), stream->status);
        }
    }

    void take_data(std::int32_t id, std::string_view bytes) {
        Stream* const stream = stream_of(id);
        if (stream == nullptr) {
            return;
        }
        if (bytes.size() > max_answer_bytes - stream->body.size()) {
            stream->is_too_large = true;
            check(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL));
        } else if (!stream->is_too_large) {
            stream->body += bytes;
        }
    }

    void close_stream(std::int32_t id, std::uint32_t error) {
        const auto found = open_.find(id);
        if (found == open_.end()) {
            return;
        }
        const Stream& stream = *found->second;
        const bool is_whole = error == NGHTTP2_NO_ERROR && !stream.is_too_large;
        answers().push_back({
            .ticket = stream.ticket,
            .status = is_whole ? stream.status : 0,
            .verdict = is_whole ? verdict_of(stream.body) : Verdict::none,
        });
        open_.erase(found);
    }

    void take_frame(const nghttp2_frame& frame) { closing_ = closing_ || frame.hd.type == NGHTTP2_GOAWAY; }

    RequestShape shape_;
    std::size_t streams_;
    std::string output_;
    std::unordered_map<std::int32_t, std::unique_ptr<Stream>> open_;
    std::vector<std::unique_ptr<Stream>> cancelled_;  ///< until nghttp2 has let go of them
    h2::Session session_;
    bool closing_ = false;
};

}  // namespace

std::unique_ptr<HttpClient> make_h2_client(const RequestShape& shape, std::size_t streams) {
    return std::make_unique<H2Client>(shape, streams);
}

}  // namespace arngate::bench
