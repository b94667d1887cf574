#pragma once

#include "daemon/http/exchange.hpp"

#include <cstdint>
#include <memory>

namespace arngate::http {

/// A session that takes answers after a handler has returned.
class LateAnswers {
public:
    LateAnswers() = default;
    LateAnswers(const LateAnswers&) = delete;
    LateAnswers& operator=(const LateAnswers&) = delete;

    /// The answer to the request of that number.
    virtual void answer_late(std::uint64_t request, Response response) = 0;

protected:
    ~LateAnswers() = default;
};

/// The right to answer one request, once. Dropped without a call, it answers 500. After the session has gone, it only
/// calls what is due after the write: the review was decided all the same, and is counted and logged.
[[nodiscard]] Completion make_late_answer(std::weak_ptr<LateAnswers> session, std::uint64_t request);

}  // namespace arngate::http
