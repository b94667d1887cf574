#pragma once

#include "config/sources/kube_source.hpp"
#include "tests/core/kube/api_script.hpp"
#include "tests/support/manual_clock.hpp"

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace arngate::config::test {

/// A source, a server with scripts, and what the source reports.
class KubeSourceTest : public net::test::PoolTest {
protected:
    using Reported = std::expected<SourceReading, SourceFailure>;

    KubeSourceTest() : api(io, ca()), gate(io) {}

    [[nodiscard]] KubeSourceOptions options() {
        KubeSourceOptions all;
        all.executor = io.get_executor();
        all.access = [this] { return api.access(); };
        all.metrics = metrics;
        all.clock = &clock;
        all.reserved_prefixes = {"aws:"};
        all.watch.backoff.first = std::chrono::milliseconds(2);
        all.watch.backoff.longest = std::chrono::milliseconds(2);
        all.watch.watch.silence = std::chrono::minutes(5);
        all.on_watch_failure = [this] { ++failures; };
        return all;
    }
    void start(std::unique_ptr<Source> one) {
        source = std::move(one);
        source->start([this](Reported report) { reports.push_back(std::move(report)); });
        EXPECT_TRUE(reports.empty());
    }
    /// The n-th report, from 1.
    [[nodiscard]] const Reported& report(std::size_t count) {
        net::test::run_until(io, [&] { return reports.size() >= count; });
        return reports[count - 1];
    }
    void run_until_asked(std::size_t requests) {
        net::test::run_until(io, [&] { return api.requests().size() >= requests; });
    }
    void open_watch(const std::vector<std::string>& pieces = {}) { api.watch(pieces, {net::test::wait(gate)}); }

    kube::test::ApiScript api;
    net::test::Gate gate;
    ManualClock clock;
    std::vector<Reported> reports;
    int failures = 0;
    std::unique_ptr<Source> source;
};

}  // namespace arngate::config::test
