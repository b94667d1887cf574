#pragma once

#include "bench/arngate-bench/alias_table.hpp"

#include <cstdint>
#include <optional>

namespace arngate::bench {

/// Nanoseconds of the steady clock.
using Nanos = std::int64_t;
inline constexpr Nanos nanos_per_second = 1'000'000'000;

enum class Load : std::uint8_t {
    closed,    ///< the next request when one is answered
    constant,  ///< open loop, arrivals at equal distances
    poisson,   ///< open loop, independent arrivals: exponentially distributed distances
    herd,      ///< all arrivals at the first moment
};

/// One of several pacers that share a load.
struct PacerShare {
    unsigned number = 0;
    unsigned of = 1;
};

struct PacerOptions {
    Load load = Load::closed;
    double rate = 0;          ///< arrivals a second over all shares; open loop only
    Nanos begin = 0;          ///< nothing arrives before
    Nanos end = 0;            ///< nor from here on
    std::uint64_t limit = 0;  ///< arrivals over all shares; 0: no limit
    std::uint64_t seed = 0;
};

/// Says when requests arrive. In open loop the times are fixed from the beginning and nothing that happens afterwards
/// moves them: a request that cannot be sent because the server stalls keeps its intended time and is handed out later,
/// so latency counted from that time omits nothing. No clock inside; not thread-safe.
class Pacer {
public:
    Pacer(const PacerOptions& options, const PacerShare& share);

    /// The intended time of the next arrival, if it is due at `now`; it counts as taken.
    [[nodiscard]] std::optional<Nanos> take(Nanos now);
    /// When the next arrival is due; nothing when there are no more. In closed loop: `begin`.
    [[nodiscard]] std::optional<Nanos> next() const noexcept;
    /// Whether nothing more will ever arrive.
    [[nodiscard]] bool is_over(Nanos now) const noexcept;

private:
    void advance();

    PacerOptions options_;
    PacerShare share_;
    Random random_;
    std::uint64_t taken_ = 0;
    std::uint64_t allowed_;
    double offset_ = 0;  ///< of the next arrival from `begin`, nanoseconds
};

}  // namespace arngate::bench
