#include "daemon/http/late_answer.hpp"

#include "daemon/http/answers.hpp"

#include <utility>

namespace arngate::http {
namespace {

class Ticket {
public:
    Ticket(std::weak_ptr<LateAnswers> session, LateRequest request) : session_(std::move(session)), request_(request) {}
    Ticket(Ticket&& other) noexcept : session_(std::exchange(other.session_, {})), request_(other.request_) {}
    Ticket& operator=(Ticket&&) = delete;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() {
        if (!session_.expired()) {
            Response response;
            fill_internal_error(response);
            answer(std::move(response));
        }
    }

    void answer(Response response) {
        if (const auto session = std::exchange(session_, {}).lock()) {
            session->answer_late(request_, std::move(response));
        } else if (response.after_write) {
            response.after_write();
        }
    }

private:
    std::weak_ptr<LateAnswers> session_;
    LateRequest request_;
};

}  // namespace

Completion make_late_answer(std::weak_ptr<LateAnswers> session, LateRequest request) {
    return [ticket = Ticket(std::move(session), request)](Response response) mutable {
        ticket.answer(std::move(response));
    };
}

}  // namespace arngate::http
