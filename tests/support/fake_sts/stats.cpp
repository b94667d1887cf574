#include "tests/support/fake_sts/stats.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace arngate::fake_sts {
namespace {

std::uint64_t not_negative(const std::atomic<std::int64_t>& gauge) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, gauge.load()));
}

}  // namespace

void Stats::count_outcome(std::string_view outcome) {
    const std::lock_guard lock(mutex_);
    const auto found = outcomes_.find(outcome);
    if (found != outcomes_.end()) {
        ++found->second;
    } else {
        outcomes_.emplace(outcome, 1);
    }
}

std::uint64_t Stats::value(std::string_view counter) const {
    const std::pair<std::string_view, std::uint64_t> named[] = {
        {"connections", connections.load()},
        {"handshakes", handshakes.load()},
        {"resumed_handshakes", resumed_handshakes.load()},
        {"http2_handshakes", http2_handshakes.load()},
        {"failed_handshakes", failed_handshakes.load()},
        {"requests", requests.load()},
        {"open", not_negative(open)},
        {"held", not_negative(held)},
    };
    for (const auto& [name, value] : named) {
        if (name == counter) {
            return value;
        }
    }
    const std::lock_guard lock(mutex_);
    const auto found = outcomes_.find(counter);
    return found == outcomes_.end() ? 0 : found->second;
}

std::string Stats::json() const {
    std::string outcomes;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, count] : outcomes_) {
            outcomes += fmt::format(R"({}"{}":{})", outcomes.empty() ? "" : ",", name, count);
        }
    }
    return fmt::format(
        R"({{"connections":{},"handshakes":{},"resumed_handshakes":{},"http2_handshakes":{},"failed_handshakes":{},"requests":{},)"
        R"("open":{},"held":{},"outcomes":{{{}}}}})",
        connections.load(),
        handshakes.load(),
        resumed_handshakes.load(),
        http2_handshakes.load(),
        failed_handshakes.load(),
        requests.load(),
        not_negative(open),
        not_negative(held),
        outcomes
    );
}

void Stats::reset() {
    connections = 0;
    handshakes = 0;
    resumed_handshakes = 0;
    http2_handshakes = 0;
    failed_handshakes = 0;
    requests = 0;
    const std::lock_guard lock(mutex_);
    outcomes_.clear();
}

}  // namespace arngate::fake_sts
