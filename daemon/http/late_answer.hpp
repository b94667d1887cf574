#pragma once

#include "daemon/http/exchange.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace arngate::http {

/// A request whose answer comes late, as its session knows it.
struct LateRequest {
    std::uint64_t number = 0;
    std::size_t expected_bytes = 0;  ///< what `Defer` was told
};

/// A session that takes answers after a handler has returned.
class LateAnswers {
public:
    LateAnswers() = default;
    LateAnswers(const LateAnswers&) = delete;
    LateAnswers& operator=(const LateAnswers&) = delete;

    virtual void answer_late(LateRequest request, Response response) = 0;

protected:
    ~LateAnswers() = default;
};

/// The right to answer that request, once. Dropped without a call, it answers 500. After the session has gone, it only
/// calls what is due after the write: the review was decided all the same, and is counted and logged.
[[nodiscard]] Completion make_late_answer(std::weak_ptr<LateAnswers> session, LateRequest request);

}  // namespace arngate::http
