#pragma once

#include "core/base/clock.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/h1_reader.hpp"
#include "daemon/http/h1_writer.hpp"
#include "daemon/http/h2_stream.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace arngate::http {

/// What all sessions of one listener share. One loop.
struct SessionContext {
    SessionContext(const HttpLimits& l, Handler& h, const Clock& c, std::shared_ptr<HttpMetrics> m)
        : limits(l), handler(h), clock(c), metrics(std::move(m)) {}

    HttpLimits limits;
    Handler& handler;  ///< not called any more once the listener is gone
    const Clock& clock;
    std::shared_ptr<HttpMetrics> metrics;
    ReadScratch scratch;
    DateLine date;
    H2StreamPool streams;
    std::string spare_output;  ///< grown memory that a session with much to write may take, and give back
    bool draining = false;     ///< every answer is the last of its connection
};

/// What a client is waited for, or does.
enum class Phase : std::uint8_t {
    idle,  ///< between requests
    head,  ///< a request has begun
    body,  ///< its head is complete
    busy,  ///< a handler will answer later
};

/// A protocol on one connection: bytes come in, bytes go out, and it knows no socket. The connection moves the bytes.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    /// Where the next bytes go. Only while `wants_read`.
    [[nodiscard]] virtual std::span<char> prepare() = 0;
    /// So many bytes were put there: serves what is complete.
    virtual void received(std::size_t bytes) = 0;
    /// The client sends no more.
    virtual void received_end() = 0;
    /// Called after a row of reads, before control goes back to the loop.
    virtual void park() = 0;

    /// What is to be written. The connection takes bytes from its front and calls `wrote` when all is written.
    [[nodiscard]] virtual std::string& output() noexcept = 0;
    /// Goes on after a late answer was put into the output.
    virtual void resumed() = 0;
    /// The output was written; serves what had to wait for that.
    virtual void wrote() = 0;
    /// Nothing more will be written or called: the connection is gone.
    virtual void abandon() noexcept = 0;

    [[nodiscard]] virtual bool wants_read() const noexcept = 0;
    /// Close once the output is written.
    [[nodiscard]] virtual bool finished() const noexcept = 0;
    [[nodiscard]] virtual Phase phase() const noexcept = 0;
    /// Requests begun so far, so that a phase can be told from the same phase of the next request.
    [[nodiscard]] virtual std::uint64_t serial() const noexcept = 0;
    /// The head or the body took too long.
    virtual void timed_out() = 0;

    /// The server stops, or the connection has idled too long. True: it may be closed now. Else the session ends as
    /// soon as its protocol allows, and may have put something into the output for that.
    [[nodiscard]] virtual bool drain() = 0;
    /// When `expire` wants to be called, beside what the phase says; for a protocol with several requests at once.
    [[nodiscard]] virtual SteadyTime deadline() const noexcept { return SteadyTime::max(); }
    /// That time has come.
    virtual void expire() {}
};

/// The connection, as a session sees it.
class SessionHost {
public:
    SessionHost() = default;
    SessionHost(const SessionHost&) = delete;
    SessionHost& operator=(const SessionHost&) = delete;
    virtual ~SessionHost() = default;

    /// A late answer is in the output. Does nothing by itself: the loop calls `resumed`, writes and reads on, so that
    /// no handler is ever called from within another.
    virtual void resume() = 0;
};

}  // namespace arngate::http
