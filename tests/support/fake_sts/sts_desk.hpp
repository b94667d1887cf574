#pragma once

#include "tests/support/fake_sts/answer.hpp"
#include "tests/support/fake_sts/aws_api.hpp"
#include "tests/support/fake_sts/fault_plan.hpp"
#include "tests/support/fake_sts/request_check.hpp"
#include "tests/support/fake_sts/stats.hpp"

#include "core/base/clock.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace arngate::fake_sts {

/// What a server works with; all of it outlives the server.
struct StsServerParts {
    const Clock& clock;
    RequestCheck& check;
    FaultSwitch& faults;
    Stats& stats;
    AwsApi* api = nullptr;  ///< for calls signed in a header, and for EC2; nullptr: there are none
};

/// How an answer leaves.
enum class Delivery : std::uint8_t {
    whole,
    half_then_close,
    half_then_reset,
    reset,
    byte_by_byte,
    goaway,        ///< over HTTP/2: the connection takes no more, this request included; over HTTP/1.1: it is the last
    reset_stream,  ///< over HTTP/2: RST_STREAM in place of the answer; over HTTP/1.1 as `reset`
};

/// An answer, whatever version of HTTP it goes out by.
struct Answer {
    int status = 200;
    std::string content_type{};
    std::string body{};
    std::string request_id{};
    std::string location{};  ///< of a redirect; empty: none
    std::string outcome{};   ///< for the statistics
    Delivery delivery = Delivery::whole;
    std::chrono::milliseconds byte_delay{0};
};

/// Where requests are judged, and met by the faults of the plan in force. No I/O. Thread-safe.
class StsDesk {
public:
    StsDesk(const StsServerParts& parts, bool verify) : parts_(parts), verify_(verify) {}

    /// What was decided on one request, and the plan it was decided by.
    struct Verdict {
        Answer answer;
        std::shared_ptr<const FaultPlan> plan;
        FaultSwitch* faults = nullptr;  ///< where the next plan will be
    };
    /// Counts the request.
    [[nodiscard]] Verdict judge(const Request& request);

    [[nodiscard]] Stats& stats() const noexcept { return parts_.stats; }

private:
    [[nodiscard]] Answer decide(const Request& request, const FaultPlan& plan);
    [[nodiscard]] Answer decide_api(const Request& request, AwsApi::Service service, const FaultPlan& plan);

    StsServerParts parts_;
    bool verify_;
};

}  // namespace arngate::fake_sts
