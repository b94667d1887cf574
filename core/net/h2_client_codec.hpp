#pragma once

#include "core/base/clock.hpp"
#include "core/base/event_budget.hpp"
#include "core/base/result.hpp"
#include "core/h2/session.hpp"
#include "core/net/h2_exchange.hpp"
#include "core/net/https_pool.hpp"
#include "core/net/wiped_output.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
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
    [[nodiscard]] std::string_view output() const noexcept { return out_.unsent(); }
    void sent(std::size_t count) noexcept { out_.sent(count); }

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
    [[nodiscard]] static const h2::CallbackTable<H2ClientCodec>& callbacks();
    [[nodiscard]] H2Exchange* exchange_of(std::int32_t id) const noexcept;

    void say_settings() noexcept;
    void begin(H2Exchange& exchange, std::int32_t id) noexcept;
    void finish(H2Exchange& exchange, H2End end) noexcept;
    void reset(H2Exchange& exchange, H2End end) noexcept;
    void end_all(H2End end) noexcept;
    void detach(H2Exchange& exchange) noexcept;

    // What nghttp2 tells of the server's bytes.
    void begin_frame(const nghttp2_frame_hd& head);
    void begin_headers(const nghttp2_frame& frame);
    int take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    int refuse_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    void take_data(std::int32_t id, std::string_view bytes);
    void take_frame(const nghttp2_frame& frame);
    void close_stream(std::int32_t id, std::uint32_t error);

    int skip_field(std::size_t bytes);
    void take_field(H2Exchange& exchange, std::string_view name, std::string_view value);
    void take_headers(H2Exchange& exchange);
    void count_control() noexcept;

    const std::size_t max_header_bytes_;
    const std::size_t max_body_bytes_;
    const std::size_t max_streams_;
    h2::Session session_;
    H2Exchange* first_ = nullptr;
    H2Exchange* submitting_ = nullptr;
    std::vector<H2Exchange*> finished_;
    WipedOutput out_;
    std::size_t live_ = 0;
    std::size_t skipped_header_bytes_ = 0;  ///< of answers that nobody waits for any more
    SteadyTime now_;
    EventBudget control_;                     ///< frames that carry nothing
    std::uint32_t fault_ = NGHTTP2_NO_ERROR;  ///< the server's: ends the connection after the callbacks
    bool has_settings_ = false;
    bool going_away_ = false;
    bool broken_ = false;  ///< nothing can be received or sent any more
};

}  // namespace arngate::net
