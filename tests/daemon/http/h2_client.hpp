#pragma once

#include "core/h2/session.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::http::test {

/// What became of one request.
struct H2Result {
    std::string status;  ///< of the final answer; empty: none came
    std::vector<std::string> interim;
    std::map<std::string, std::string> headers;
    std::string body;
    bool complete = false;               ///< END_STREAM came
    std::optional<std::uint32_t> reset;  ///< RST_STREAM came, with this error
};

using H2Fields = std::vector<std::pair<std::string, std::string>>;

struct H2ClientOptions {
    std::uint32_t window = 1 << 20;  ///< of each answer
    bool opens_windows = true;       ///< as answers are read
};

/// The client side of nghttp2 in memory: a second implementation of the protocol, which checks what it is sent. It may
/// also be told to say what a good client would not.
class H2Client {
public:
    explicit H2Client(const H2ClientOptions& options = {});
    H2Client(const H2Client&) = delete;
    H2Client& operator=(const H2Client&) = delete;

    /// Begins a request; with `body` it ends, else the caller says more with `send_body`.
    std::int32_t request(std::string_view method, std::string_view path, std::optional<std::string> body = "");
    std::int32_t request_with(
        const H2Fields& fields, std::optional<std::string> body = "", const H2Fields& trailers = {}
    );
    /// The rest of a body that was left open.
    void send_body(std::int32_t id, std::string_view bytes, bool ends);
    void reset(std::int32_t id);
    void ping();
    void open_window(std::int32_t id, std::int32_t by);

    /// What is to be sent to the server.
    [[nodiscard]] std::string take();
    /// What the server sent; false when it broke the protocol.
    [[nodiscard]] bool feed(std::string_view bytes);

    [[nodiscard]] H2Result& result(std::int32_t id) { return results_[id]; }
    [[nodiscard]] std::optional<std::uint32_t> goaway() const { return goaway_; }
    [[nodiscard]] std::int32_t last_stream() const { return last_stream_; }
    [[nodiscard]] int goaways() const { return goaways_; }
    [[nodiscard]] int pongs() const { return pongs_; }
    [[nodiscard]] std::uint32_t setting(nghttp2_settings_id id) const;
    [[nodiscard]] std::size_t open_streams() const { return sending_.size(); }

private:
    struct Sending {
        std::string body;
        std::size_t sent = 0;
        bool ends = true;
        H2Fields trailers;
    };

    [[nodiscard]] static const h2::CallbackTable<H2Client>& callbacks();
    void take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    void take_data(std::int32_t id, std::string_view bytes);
    void take_frame(const nghttp2_frame& frame);
    void close_stream(std::int32_t id, std::uint32_t error);

    h2::Session session_;
    std::map<std::int32_t, std::unique_ptr<Sending>> sending_;
    std::map<std::int32_t, H2Result> results_;
    std::optional<std::uint32_t> goaway_;
    std::int32_t last_stream_ = 0;
    int goaways_ = 0;
    int pongs_ = 0;
};

/// A frame of any kind, well formed or not (RFC 9113, section 4.1).
[[nodiscard]] std::string h2_frame(
    std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload
);
/// The preface, with empty settings: what a client that writes its own frames begins with.
[[nodiscard]] std::string h2_preface();

}  // namespace arngate::http::test
