#pragma once

#include "daemon/http/exchange.hpp"
#include "daemon/http/h2_codec.hpp"
#include "daemon/http/late_answer.hpp"
#include "daemon/http/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace arngate::http {

/// HTTP/2. Everything that one read completes is served and answered before it is written, in one go. Answers that wait
/// do not hold up others; while too many wait, in a handler or for the client to read, complete requests wait too.
class H2Session final : public Session, public LateAnswers, public std::enable_shared_from_this<H2Session> {
public:
    /// `host` must outlive the session or have said `abandon`. The settings are in the output.
    H2Session(std::shared_ptr<SessionContext> context, SessionHost& host, std::string peer);

    [[nodiscard]] std::span<char> prepare() override { return {context_->scratch.data(), ReadScratch::size}; }
    void received(std::size_t bytes) override;
    void received_end() override { ended_ = true; }
    void park() override {}

    [[nodiscard]] std::string& output() noexcept override { return output_; }
    void resumed() override;
    void wrote() override;
    void abandon() noexcept override;

    [[nodiscard]] bool wants_read() const noexcept override;
    [[nodiscard]] bool finished() const noexcept override;
    [[nodiscard]] Phase phase() const noexcept override;
    [[nodiscard]] std::uint64_t serial() const noexcept override { return codec_.requests(); }
    void timed_out() override;
    [[nodiscard]] bool drain() override;
    [[nodiscard]] SteadyTime deadline() const noexcept override { return codec_.deadline(); }
    void expire() override;

    void answer_late(LateRequest request, Response response) override;

private:
    [[nodiscard]] bool may_serve();
    void serve();
    void serve_one(H2Stream& stream);
    void refuse(H2Stream& stream);
    void answer(H2Stream& stream, Response& response);
    void run_after_writes();
    void give_memory_back() noexcept;
    [[nodiscard]] Completion defer(std::size_t expected_bytes);

    std::shared_ptr<SessionContext> context_;
    SessionHost* host_;
    std::string peer_;
    H2Codec codec_;
    std::string output_;
    Response response_;
    Defer defer_;
    SteadyTime now_;  ///< of this turn
    std::uint64_t served_ = 0;
    std::uint64_t deferring_ = 0;        ///< the stream that the handler has
    std::size_t outstanding_ = 0;        ///< answers that will come late, also those that nobody awaits any more
    std::size_t outstanding_bytes_ = 0;  ///< what is expected of them
    bool in_turn_ = false;               ///< what is ready will be sent without being asked for
    bool resume_asked_ = false;
    bool blocked_ = false;  ///< answers are not read
    bool ended_ = false;    ///< the client sends no more
};

}  // namespace arngate::http
