#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/net/h2_exchange.hpp"
#include "core/net/https_pool.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::net {

/// The client's side of one HTTP/2 connection (RFC 9113) on libnghttp2: requests and a server's bytes in, answers and
/// bytes for the server out. No socket, no timer: time comes in as a value. Framing, HPACK, flow control and the form
/// of messages are nghttp2's; limits are this class's.
///
/// What a server can take is bounded: header list and body of each answer, interim answers, and frames that carry
/// nothing (ENHANCE_YOUR_CALM when they are too many). Push is switched off. Targets and credentials never enter a
/// table of HPACK.
///
/// nghttp2's callbacks only record. When nghttp2 cannot go on, the connection is over (`is_over`), without exceptions.
class H2ClientCodec {
public:
    /// Throws std::bad_alloc.
    H2ClientCodec(const HttpsPoolOptions& limits, SteadyTime now);
    /// Exchanges still under way end as lost.
    ~H2ClientCodec();
    H2ClientCodec(const H2ClientCodec&) = delete;
    H2ClientCodec& operator=(const H2ClientCodec&) = delete;

    /// Begins an exchange; the request's bytes are put into the output at once, but for a body, which waits for the
    /// server's windows. Errors: internal_error (the request itself is malformed). `exchange.end` may be `refused` at
    /// once.
    [[nodiscard]] Result<void> submit(H2Exchange& exchange, const Endpoint& endpoint, const HttpRequest& request);
    /// Takes an exchange back (RST_STREAM, CANCEL). Nothing of it is pointed to afterwards.
    void cancel(H2Exchange& exchange) noexcept;

    /// Takes what the server sent; nothing of it is pointed to afterwards.
    void receive(std::string_view bytes, SteadyTime now);
    /// The exchanges that ended since the caller emptied it, which it does at once, in place.
    [[nodiscard]] std::vector<H2Exchange*>& finished() noexcept { return finished_; }

    /// Gathers what can be sent now. The caller removes from the front what it has sent.
    void pack() noexcept;
    [[nodiscard]] std::string_view output() const noexcept { return std::string_view(out_).substr(out_sent_); }
    void sent(std::size_t count) noexcept;

    /// Asks for a sign of life.
    void ping() noexcept;
    /// The connection is lost: every exchange ends.
    void abandon() noexcept;

    /// How many exchanges may be under way at once, ours and the server's limits taken together; 0 when the server
    /// takes no more requests on this connection.
    [[nodiscard]] std::size_t capacity() const noexcept;
    /// The server has said its settings.
    [[nodiscard]] bool has_settings() const noexcept { return has_settings_; }
    /// Exchanges under way.
    [[nodiscard]] std::size_t live() const noexcept { return live_; }
    /// Nothing is to be received or sent any more.
    [[nodiscard]] bool is_over() const noexcept;

private:
    struct Callbacks;

    void say_settings() noexcept;
    void take_frame(H2Exchange* exchange, const nghttp2_frame& frame);
    void take_field(H2Exchange& exchange, std::string_view name, std::string_view value);
    void take_headers(H2Exchange& exchange);
    void finish(H2Exchange& exchange, H2End end) noexcept;
    void reset(H2Exchange& exchange, H2End end) noexcept;
    void end_all(H2End end) noexcept;
    void detach(H2Exchange& exchange) noexcept;
    void count_control() noexcept;
    void append(std::string_view bytes);

    const std::size_t max_header_bytes_;
    const std::size_t max_body_bytes_;
    const std::size_t max_streams_;
    nghttp2_session* session_ = nullptr;
    H2Exchange* first_ = nullptr;
    H2Exchange* submitting_ = nullptr;
    std::vector<H2Exchange*> finished_;
    std::string out_;  ///< wiped, as requests hold credentials
    std::size_t out_sent_ = 0;
    std::size_t live_ = 0;
    std::size_t skipped_header_bytes_ = 0;  ///< of answers that nobody waits for any more
    SteadyTime refilled_;
    std::uint64_t control_budget_;
    std::uint32_t fault_ = NGHTTP2_NO_ERROR;  ///< the server's: ends the connection after the callbacks
    bool has_settings_ = false;
    bool going_away_ = false;
    bool broken_ = false;  ///< nothing can be received or sent any more
};

}  // namespace arngate::net
