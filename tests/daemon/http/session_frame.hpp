#pragma once

#include "core/base/metrics.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/metrics.hpp"
#include "daemon/http/session.hpp"
#include "tests/daemon/http/test_handler.hpp"
#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace arngate::http::test {

class FakeHost final : public SessionHost {
public:
    void resume() override { ++resumed; }
    int resumed = 0;
};

/// What a session of either protocol needs around it, when there is no connection.
class SessionFrame : public ::testing::Test {
protected:
    /// A session under the limits as they are now.
    template <class Session>
    [[nodiscard]] std::shared_ptr<Session> make_session() {
        context = std::make_shared<SessionContext>(limits, handler, clock, metrics);
        return std::make_shared<Session>(context, host, "192.0.2.1:5");
    }

    [[nodiscard]] std::uint64_t limit(Limit which) { return metrics->limit(which).value(); }

    HttpLimits limits;
    TestHandler handler;
    TestClock clock;
    MetricsRegistry registry;
    std::shared_ptr<HttpMetrics> metrics = std::make_shared<HttpMetrics>(registry);
    std::shared_ptr<SessionContext> context;
    FakeHost host;
};

}  // namespace arngate::http::test
