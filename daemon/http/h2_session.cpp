#include "daemon/http/h2_session.hpp"

#include "core/base/log.hpp"
#include "core/base/secret.hpp"
#include "daemon/http/answers.hpp"
#include "daemon/http/request_target.hpp"

#include <exception>
#include <string_view>
#include <utility>

namespace arngate::http {
namespace {

/// What a connection keeps of its output's memory between two turns.
constexpr std::size_t kept_capacity = 4 * 1024;
/// What the loop keeps for the next that has much to write.
constexpr std::size_t spare_capacity = 512 * 1024;

}  // namespace

H2Session::H2Session(std::shared_ptr<SessionContext> context, SessionHost& host, std::string peer)
    : context_(std::move(context)),
      host_(&host),
      peer_(std::move(peer)),
      codec_(context_->limits, context_->streams, *context_->metrics, context_->clock.steady()),
      defer_([this](std::size_t expected_bytes) { return defer(expected_bytes); }),
      now_(context_->clock.steady()) {
    if (context_->draining) {
        codec_.drain(now_);
    }
    serve();
}

// --- turns

void H2Session::received(std::size_t bytes) {
    now_ = context_->clock.steady();
    char* const data = context_->scratch.data();
    codec_.receive({data, bytes}, now_);
    wipe(data, bytes);
    serve();
}

void H2Session::resumed() {
    now_ = context_->clock.steady();
    resume_asked_ = false;
    serve();
}

void H2Session::wrote() {
    now_ = context_->clock.steady();
    output_.clear();
    run_after_writes();
    serve();
}

void H2Session::timed_out() {
    now_ = context_->clock.steady();
    codec_.fail(NGHTTP2_SETTINGS_TIMEOUT);
    serve();
}

bool H2Session::drain() {
    now_ = context_->clock.steady();
    codec_.drain(now_);
    serve();
    return false;
}

void H2Session::expire() {
    now_ = context_->clock.steady();
    codec_.expire(now_);
    serve();
}

void H2Session::abandon() noexcept {
    host_ = nullptr;
    codec_.abandon();
    run_after_writes();
}

// --- what a connection asks

bool H2Session::wants_read() const noexcept {
    return !ended_ && output_.size() <= context_->limits.max_pipelined_bytes && !codec_.is_over();
}

bool H2Session::finished() const noexcept {
    return codec_.is_over() || (ended_ && outstanding_ == 0);
}

Phase H2Session::phase() const noexcept {
    if (!codec_.has_begun()) {
        return Phase::head;
    }
    // Each stream, and the end, has a deadline of its own.
    return codec_.streams() > 0 || codec_.is_draining() ? Phase::busy : Phase::idle;
}

// --- requests and answers

bool H2Session::may_serve() {
    const HttpLimits& limits = context_->limits;
    const std::size_t unread = output_.size() + codec_.held_bytes();
    const bool blocked = unread > limits.max_pipelined_bytes;
    if (blocked && !blocked_) {
        context_->metrics->limit(Limit::pipelined_bytes).add();
    }
    blocked_ = blocked;
    return unread + outstanding_bytes_ <= limits.max_pipelined_bytes && outstanding_ < limits.max_streams;
}

void H2Session::serve() {
    if (output_.empty() && output_.capacity() < context_->spare_output.capacity()) {
        std::swap(output_, context_->spare_output);
    }
    in_turn_ = true;
    while (codec_.has_ready() && may_serve()) {
        if (H2Stream* stream = codec_.next_ready(); stream != nullptr) {
            serve_one(*stream);
        }
    }
    in_turn_ = false;
    codec_.send(output_, context_->limits.max_pipelined_bytes, now_);
    if (output_.empty()) {
        give_memory_back();
        run_after_writes();
    }
}

void H2Session::give_memory_back() noexcept {
    if (output_.capacity() <= kept_capacity) {
        return;
    }
    if (output_.capacity() <= spare_capacity && output_.capacity() > context_->spare_output.capacity()) {
        std::swap(output_, context_->spare_output);
    }
    output_ = std::string();
}

void H2Session::serve_one(H2Stream& stream) {
    if (stream.refusal != 0) {
        return refuse(stream);
    }
    const auto target = split_path(stream.path);
    const Request request{
        .method = stream.method,
        .path = target->path,
        .query = target->query,
        .body = stream.body.view(),
        .peer = peer_,
        .received = now_,
    };
    deferring_ = static_cast<std::uint64_t>(stream.id);
    bool answered = true;
    try {
        answered = context_->handler.handle(request, response_, defer_);
    } catch (const std::exception&) {
        // The text of what was thrown may quote the request.
        log::error("http: a handler failed", {{"client", peer_}});
        fill_internal_error(response_);
    }
    codec_.release_body(stream);
    // It may have been completed before the handler returned.
    if (answered && stream.stage == H2Stage::handling) {
        answer(stream, response_);
    }
    std::string body = std::move(response_.body);
    response_ = Response{};
    body.clear();
    response_.body = std::move(body);
}

void H2Session::refuse(H2Stream& stream) {
    if (stream.refusal == 413) {
        context_->metrics->limit(Limit::body_bytes).add();
    } else if (stream.refusal == 431) {
        context_->metrics->limit(Limit::header_bytes).add();
    }
    context_->metrics->requests.with({"invalid", std::to_string(stream.refusal)}).add();
    Response response;
    fill_error(response, stream.refusal, status_phrase(stream.refusal));
    answer(stream, response);
}

void H2Session::answer(H2Stream& stream, Response& response) {
    ++served_;
    const std::size_t most = context_->limits.max_requests_per_connection;
    const bool last = most != 0 && served_ >= most && !codec_.is_draining();
    if (last) {
        context_->metrics->limit(Limit::requests_per_connection).add();
    }
    codec_.answer(stream, response, context_->date.at(context_->clock.wall()), now_);
    if (last || response.close) {
        codec_.drain(now_);
    }
}

Completion H2Session::defer(std::size_t expected_bytes) {
    Completion completion =
        make_late_answer(weak_from_this(), {.number = deferring_, .expected_bytes = expected_bytes});
    ++outstanding_;
    outstanding_bytes_ += expected_bytes;
    return completion;
}

void H2Session::answer_late(LateRequest request, Response response) {
    --outstanding_;
    outstanding_bytes_ -= request.expected_bytes;
    now_ = context_->clock.steady();
    H2Stream* awaiting = codec_.handled(static_cast<std::int32_t>(request.number));
    if (awaiting != nullptr) {
        answer(*awaiting, response);
    } else if (response.after_write) {
        response.after_write();
    }
    if (!in_turn_ && host_ != nullptr && !std::exchange(resume_asked_, true)) {
        host_->resume();
    }
}

void H2Session::run_after_writes() {
    auto& due = codec_.after_writes();
    while (!due.empty()) {
        auto now = std::exchange(due, {});
        for (auto& call : now) {
            call();
        }
        now.clear();
        if (due.empty()) {
            due = std::move(now);  // keeps its memory
        }
    }
}

}  // namespace arngate::http
