#pragma once

#include "daemon/http/exchange.hpp"
#include "daemon/http/h1_reader.hpp"
#include "daemon/http/late_answer.hpp"
#include "daemon/http/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace arngate::http {

/// HTTP/1.0 and 1.1. Requests are served in the order they come; one whose answer waits holds up those behind it, which
/// stay unread. When the server stops, a client that has just connected is answered once: it has a request on its way,
/// and may take a connection that ends before it for an error. Nothing is allocated for a request that is answered at
/// once, beyond what the handler itself does.
class H1Session final : public Session, public LateAnswers, public std::enable_shared_from_this<H1Session> {
public:
    /// `host` must outlive the session or have said `abandon`.
    H1Session(std::shared_ptr<SessionContext> context, SessionHost& host, std::string peer);

    [[nodiscard]] std::span<char> prepare() override { return reader_.prepare(); }
    void received(std::size_t bytes) override;
    void received_end() override;
    void park() override { reader_.park(); }

    [[nodiscard]] std::string& output() noexcept override { return output_; }
    void resumed() override { serve(); }
    void wrote() override;
    void abandon() noexcept override;

    [[nodiscard]] bool wants_read() const noexcept override { return !closing_ && !waiting_ && !ended_ && !blocked_; }
    [[nodiscard]] bool finished() const noexcept override { return !waiting_ && (closing_ || (ended_ && !blocked_)); }
    [[nodiscard]] Phase phase() const noexcept override;
    [[nodiscard]] std::uint64_t serial() const noexcept override { return served_; }
    void timed_out() override;
    [[nodiscard]] bool drain() override;
    [[nodiscard]] SteadyTime deadline() const noexcept override;
    void expire() override { closing_ = true; }
    void answer_late(LateRequest request, Response response) override;

private:
    /// What a late answer needs to know of its request.
    struct Exchange {
        Ending ending = Ending::keep_alive;
        BodyPart body = BodyPart::sent;
    };

    void serve();
    void serve_one();
    void call_handler(const Request& request, Exchange exchange);
    /// The answer to a request that cannot be read; nothing that follows it can be, either.
    void refuse(unsigned status);
    void write(Response& response, Exchange exchange);
    [[nodiscard]] Exchange exchange_of_request() const;
    void run_after_writes();
    /// The client has just connected and not asked for anything yet.
    [[nodiscard]] bool is_fresh() const noexcept { return served_ == 0 && phase() == Phase::idle; }

    std::shared_ptr<SessionContext> context_;
    SessionHost* host_;
    std::string peer_;
    H1Reader reader_;
    std::string output_;
    Response response_;
    Defer defer_;
    std::vector<std::move_only_function<void()>> after_writes_;
    SteadyTime first_request_until_;  ///< when the server stops, a fresh client is waited for until then
    std::uint64_t served_ = 0;
    Exchange late_exchange_;
    std::optional<Response> early_;  ///< the late answer that came before the handler returned
    bool in_handler_ = false;
    bool waiting_ = false;  ///< for a late answer
    bool blocked_ = false;  ///< for the client to read what is written
    bool closing_ = false;  ///< after the output
    bool ended_ = false;    ///< the client sends no more
};

}  // namespace arngate::http
