#pragma once

#include "core/base/clock.hpp"
#include "core/base/event_budget.hpp"
#include "core/h2/session.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/h2_stream.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/metrics.hpp"

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::http {

/// HTTP/2 (RFC 9113) on libnghttp2: bytes of a client in, complete requests out, answers in, bytes out. No socket, no
/// clock, no handler: time comes in as a value. Framing, HPACK, flow control and the form of messages are nghttp2's;
/// limits, deadlines and what is left of RFC 9113, section 8 are this class's.
///
/// What a client can take is bounded: streams at once, header list, body, bytes of all bodies (the connection's
/// window), and the number of resets and of frames that ask for nothing (ENHANCE_YOUR_CALM when they are too many).
/// Whoever drives it bounds the answers that wait, by `held_bytes`.
///
/// nghttp2's callbacks only record; nothing is sent or received from within one. When nghttp2 runs out of memory or
/// cannot go on, the connection is over (`is_over`), without exceptions.
class H2Codec {
public:
    /// All must outlive the codec. Throws std::bad_alloc.
    H2Codec(const HttpLimits& limits, H2StreamPool& pool, HttpMetrics& metrics, SteadyTime now);
    ~H2Codec();
    H2Codec(const H2Codec&) = delete;
    H2Codec& operator=(const H2Codec&) = delete;

    /// Takes what the client sent; nothing of it is pointed to afterwards.
    void receive(std::string_view bytes, SteadyTime now);
    [[nodiscard]] bool has_ready() const noexcept { return next_ready_ < ready_.size(); }
    /// The next request that is complete, or refused (`H2Stream::refusal`), in the order of completion; nullptr when
    /// there is none. It is in the stage `handling`, and lives until the next `receive`, `send` or `expire`.
    [[nodiscard]] H2Stream* next_ready() noexcept;
    /// The request is not looked at any more: its body is wiped and the client may send as much again.
    void release_body(H2Stream& stream) noexcept;
    /// The stream of that number while a handler has it; nullptr when the client has reset it.
    [[nodiscard]] H2Stream* handled(std::int32_t id) noexcept;
    /// Answers a request in the stage `handling`. `response.body` is taken, and a kept buffer is left in its place.
    void answer(H2Stream& stream, Response& response, std::string_view date, SteadyTime now);

    /// Appends what can be sent now, until `out` is larger than `most` bytes.
    void send(std::string& out, std::size_t most, SteadyTime now);
    /// What is due after the write of answers that were sent, or will never be. The caller empties it.
    [[nodiscard]] std::vector<std::move_only_function<void()>>& after_writes() noexcept { return after_writes_; }

    /// Ends gracefully: says so, and after a round trip, or a second, which requests will still be answered (GOAWAY
    /// twice, RFC 9113, section 6.8). Those in flight are. A client that has just connected is told with its first
    /// request: it has one on its way, and may take a connection that ends before it for an error.
    void drain(SteadyTime now);
    /// Ends with an error of RFC 9113, section 7: one GOAWAY, and no answers any more.
    void fail(std::uint32_t error) noexcept;
    /// The connection is lost: all streams end.
    void abandon() noexcept;

    /// When `expire` has something to do, at the earliest.
    [[nodiscard]] SteadyTime deadline() const noexcept { return deadline_; }
    /// Refuses bodies, and resets answers, that have taken too long.
    void expire(SteadyTime now);

    /// Nothing is to be received or sent any more.
    [[nodiscard]] bool is_over() const noexcept;
    /// The client has said its settings: the connection has begun.
    [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }
    [[nodiscard]] bool is_draining() const noexcept { return drain_ != Drain::none; }
    /// Streams that are open here, whatever their stage.
    [[nodiscard]] std::size_t streams() const noexcept { return live_; }
    /// Requests begun so far.
    [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
    /// Bytes of answers that wait for the client's windows or for `send`.
    [[nodiscard]] std::size_t held_bytes() const noexcept { return held_; }

private:
    enum class Drain : std::uint8_t { none, with_first_request, said, final };

    enum class Applied : std::uint8_t { no, yes };

    [[nodiscard]] static const h2::CallbackTable<H2Codec>& callbacks();
    [[nodiscard]] H2Stream* stream_of(std::int32_t id) const noexcept;

    void say_settings();
    void say_drain(SteadyTime now) noexcept;
    void finish_drain() noexcept;
    Applied apply_fault() noexcept;

    // What nghttp2 tells, and asks for.
    void begin_frame(const nghttp2_frame_hd& head);
    void begin_headers(const nghttp2_frame& frame);
    void take_header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    void take_data(std::int32_t id, std::string_view bytes);
    void take_frame(const nghttp2_frame& frame);
    int note_sent(const nghttp2_frame& frame);
    void close_stream(std::int32_t id, std::uint32_t error);
    [[nodiscard]] static nghttp2_data_provider answer_of(H2Stream& stream) noexcept;
    int send_answer(H2Stream& stream, std::string_view frame_head, std::size_t size);

    void take_progress(H2Stream& stream);
    void take_body(H2Stream& stream, std::string_view bytes);
    void make_ready(H2Stream& stream);
    void refuse(H2Stream& stream, unsigned status);
    void consume(std::size_t bytes) noexcept;
    void count_reset() noexcept;
    void count_control() noexcept;

    void open(H2Stream& stream) noexcept;
    void close(H2Stream& stream);
    void watch(H2Stream& stream, SteadyTime deadline) noexcept;

    const HttpLimits& limits_;
    H2StreamPool& pool_;
    HttpMetrics& metrics_;
    h2::Session session_;
    H2Stream* first_ = nullptr;
    std::vector<H2Stream*> ready_;  ///< nullptr: was reset meanwhile
    std::size_t next_ready_ = 0;
    std::vector<std::move_only_function<void()>> after_writes_;
    std::string* out_ = nullptr;  ///< while sending
    std::size_t most_ = 0;
    SteadyTime now_;
    SteadyTime deadline_ = SteadyTime::max();
    SteadyTime first_request_until_;  ///< until then a client that has not asked yet will
    SteadyTime drain_until_ = SteadyTime::max();
    EventBudget resets_;
    EventBudget control_;
    std::size_t live_ = 0;
    std::size_t held_ = 0;
    std::uint64_t requests_ = 0;
    std::string greeting_;                    ///< the settings, until they are sent
    std::uint32_t fault_ = NGHTTP2_NO_ERROR;  ///< ends the connection after the callbacks
    Drain drain_ = Drain::none;
    bool has_begun_ = false;
    bool failed_ = false;  ///< GOAWAY for an error is on its way
    bool broken_ = false;  ///< nghttp2 cannot go on
};

}  // namespace arngate::http
