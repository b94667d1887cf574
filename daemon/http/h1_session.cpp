#include "daemon/http/h1_session.hpp"

#include "core/base/log.hpp"
#include "daemon/http/answers.hpp"
#include "daemon/http/request_target.hpp"

#include <exception>
#include <string_view>
#include <utility>

namespace arngate::http {
namespace {

/// A buffer that grew for one large answer is given back.
constexpr std::size_t kept_capacity = 8 * 1024;

}  // namespace

H1Session::H1Session(std::shared_ptr<SessionContext> context, SessionHost& host, std::string peer)
    : context_(std::move(context)),
      host_(&host),
      peer_(std::move(peer)),
      reader_(context_->limits, context_->scratch),
      defer_([this](std::size_t expected_bytes) {
          return make_late_answer(weak_from_this(), {.number = served_, .expected_bytes = expected_bytes});
      }),
      first_request_until_(context_->clock.steady() + context_->limits.first_request_timeout) {}

void H1Session::received(std::size_t bytes) {
    reader_.commit(bytes);
    serve();
}

void H1Session::received_end() {
    ended_ = true;
}

Phase H1Session::phase() const noexcept {
    if (waiting_) {
        return Phase::busy;
    }
    if (reader_.in_body()) {
        return Phase::body;
    }
    return reader_.in_request() ? Phase::head : Phase::idle;
}

void H1Session::serve() {
    while (!closing_ && !waiting_) {
        const bool has_more = reader_.in_request();
        if (has_more && output_.size() > context_->limits.max_pipelined_bytes) {
            if (!blocked_) {
                context_->metrics->limit(Limit::pipelined_bytes).add();
            }
            blocked_ = true;
            return;
        }
        blocked_ = false;
        switch (reader_.parse()) {
            case H1Reader::Outcome::need_more:
                if (reader_.take_expect_continue()) {
                    output_ += "HTTP/1.1 100 Continue\r\n\r\n";
                }
                return;
            case H1Reader::Outcome::failed:
                return refuse(reader_.failure_status());
            case H1Reader::Outcome::complete:
                serve_one();
                break;
        }
    }
}

H1Session::Exchange H1Session::exchange_of_request() const {
    const auto& limits = context_->limits;
    Exchange exchange;
    exchange.body = reader_.method() == "HEAD" ? BodyPart::left_out : BodyPart::sent;
    const bool last = limits.max_requests_per_connection != 0 && served_ >= limits.max_requests_per_connection;
    if (last) {
        context_->metrics->limit(Limit::requests_per_connection).add();
    }
    if (last || !reader_.keep_alive()) {
        exchange.ending = Ending::close;
    } else if (!reader_.is_http11()) {
        exchange.ending = Ending::keep_alive_said;
    }
    return exchange;
}

void H1Session::serve_one() {
    ++served_;
    const auto target = split_target(reader_.target());
    if (!target) {
        return refuse(400);
    }
    const Request request{
        .method = reader_.method(),
        .path = target->path,
        .query = target->query,
        .body = reader_.body(),
        .peer = peer_,
        .received = context_->clock.steady(),
    };
    call_handler(request, exchange_of_request());
    reader_.consume();
    if (early_) {
        Response response = std::move(*early_);
        early_.reset();
        write(response, late_exchange_);
    }
}

void H1Session::call_handler(const Request& request, Exchange exchange) {
    bool answered = true;
    in_handler_ = true;
    late_exchange_ = exchange;
    try {
        answered = context_->handler.handle(request, response_, defer_);
    } catch (const std::exception&) {
        // The text of what was thrown may quote the request.
        log::error("http: a handler failed", {{"client", peer_}});
        fill_internal_error(response_);
    }
    in_handler_ = false;
    if (answered) {
        early_.reset();
        write(response_, exchange);
    } else {
        waiting_ = !early_;
    }
    std::string body = std::move(response_.body);
    response_ = Response{};
    if (body.capacity() <= kept_capacity) {
        body.clear();
        response_.body = std::move(body);
    }
}

void H1Session::write(Response& response, Exchange exchange) {
    if (response.close || context_->draining) {
        exchange.ending = Ending::close;
    }
    append_response(output_, response, context_->date.at(context_->clock.wall()), exchange.ending, exchange.body);
    closing_ = closing_ || exchange.ending == Ending::close;
    if (response.after_write) {
        after_writes_.push_back(std::move(response.after_write));
    }
}

void H1Session::refuse(unsigned status) {
    if (status == 413) {
        context_->metrics->limit(Limit::body_bytes).add();
    } else if (status == 431) {
        context_->metrics->limit(Limit::header_bytes).add();
    }
    context_->metrics->requests.with({"invalid", std::to_string(status)}).add();
    Response response;
    fill_error(response, status, status_phrase(status));
    write(response, Exchange{.ending = Ending::close});
}

void H1Session::timed_out() {
    if (!closing_) {
        refuse(408);
    }
}

bool H1Session::drain() {
    const bool may_ask_yet = is_fresh() && context_->draining && context_->clock.steady() < first_request_until_;
    return phase() == Phase::idle && output_.empty() && !may_ask_yet;
}

SteadyTime H1Session::deadline() const noexcept {
    return context_->draining && is_fresh() ? first_request_until_ : SteadyTime::max();
}

void H1Session::answer_late(LateRequest request, Response response) {
    const bool awaited = request.number == served_ && (in_handler_ ? !early_ : waiting_);
    if (!awaited || host_ == nullptr) {
        if (response.after_write) {
            response.after_write();
        }
        return;
    }
    if (in_handler_) {
        early_ = std::move(response);
        return;
    }
    waiting_ = false;
    write(response, late_exchange_);
    host_->resume();
}

void H1Session::run_after_writes() {
    while (!after_writes_.empty()) {
        auto due = std::exchange(after_writes_, {});
        for (auto& call : due) {
            call();
        }
        due.clear();
        if (after_writes_.empty()) {
            after_writes_ = std::move(due);  // keeps its memory
        }
    }
}

void H1Session::wrote() {
    if (output_.capacity() > kept_capacity) {
        output_ = std::string();
    } else {
        output_.clear();
    }
    run_after_writes();
    if (blocked_) {
        serve();
    }
}

void H1Session::abandon() noexcept {
    host_ = nullptr;
    closing_ = true;
    waiting_ = false;
    run_after_writes();
}

}  // namespace arngate::http
