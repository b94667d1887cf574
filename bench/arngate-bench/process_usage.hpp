#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace arngate::bench {

/// What processes have used, summed.
struct Usage {
    double cpu_seconds = 0;       ///< user and system, since their beginning
    std::uint64_t rss_bytes = 0;  ///< resident now; shared pages count in each
};

/// From /proc (proc_pid_stat(5)). Fails with a text for the user when one of them is not there.
[[nodiscard]] std::expected<Usage, std::string> usage_of(const std::vector<int>& pids);

/// CPU seconds of the calling thread.
[[nodiscard]] double thread_cpu_seconds();

}  // namespace arngate::bench
