#pragma once

#include "bench/arngate-bench/embedded_sts.hpp"
#include "bench/arngate-bench/recorder.hpp"
#include "bench/arngate-bench/result.hpp"
#include "bench/arngate-bench/run_options.hpp"
#include "bench/arngate-bench/timeline.hpp"

#include <optional>
#include <vector>

namespace arngate::bench {

/// What happens beside the load, on the main thread: progress, STS's faults at their times, the server's CPU and
/// memory.
class Monitor {
public:
    /// `sts` may be null. The arguments outlive this object.
    Monitor(const RunOptions& options, std::vector<int> pids, EmbeddedSts* sts, Timeline& timeline);

    /// What a worker has written down since the last time.
    void take(Recorder& recorder);
    /// Does what is due at this moment, counted from the begin of the measurement; before it (< 0) nothing is.
    void look(Nanos since_begin);
    /// The last word on the server, at the end of the load.
    void finish();

    /// The server's use since the measurement began; nothing when it cannot be told.
    [[nodiscard]] std::optional<ServerUsage> server() const { return used_; }

private:
    void look_at_server(Nanos since_begin);
    void note_usage();

    std::vector<int> pids_;
    EmbeddedSts* sts_;
    Timeline& timeline_;
    bool shows_progress_ = false;
    std::optional<Nanos> fault_at_{0};
    Nanos progress_at_ = nanos_per_second;
    Nanos server_at_ = 0;
    double first_cpu_seconds_ = 0;
    std::optional<ServerUsage> used_;
};

}  // namespace arngate::bench
