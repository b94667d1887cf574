#pragma once

#include "core/base/reason.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace arngate::auth {

/// Says once an STS endpoint and outage that known identities are used in place of its answers, and once that this has
/// ended. Thread-safe; while there is no outage, `answered` reads one atomic.
class OutageLog {
public:
    /// A known identity was used since this endpoint could not be asked.
    void used_stale(std::string_view endpoint, Reason reason);
    /// The endpoint has answered.
    void answered(std::string_view endpoint);

private:
    std::atomic<std::size_t> outages_{0};
    std::mutex mutex_;
    std::set<std::string, std::less<>> endpoints_;  ///< as many as there are STS hosts at most
};

}  // namespace arngate::auth
