#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::fake_sts {

/// What happened, for tests to look at. Thread-safe.
class Stats {
public:
    std::atomic<std::uint64_t> connections{0};         ///< accepted
    std::atomic<std::uint64_t> handshakes{0};          ///< TLS handshakes that were completed
    std::atomic<std::uint64_t> resumed_handshakes{0};  ///< of them, with a session from before
    std::atomic<std::uint64_t> http2_handshakes{0};    ///< of them, for HTTP/2
    std::atomic<std::uint64_t> failed_handshakes{0};
    std::atomic<std::uint64_t> requests{0};  ///< read to their end
    std::atomic<std::int64_t> open{0};       ///< connections at this moment
    std::atomic<std::int64_t> held{0};       ///< requests whose answer is kept back by a plan with `hold`

    /// Counts an answer: "granted", the code of an STS error, or the name of a fault.
    void count_outcome(std::string_view outcome);

    /// The value of a counter above by its name, else of that outcome (0 before its first).
    [[nodiscard]] std::uint64_t value(std::string_view counter) const;
    [[nodiscard]] std::string json() const;
    /// All counters to 0; the gauges `open` and `held` stay.
    void reset();

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t, std::less<>> outcomes_;
};

}  // namespace arngate::fake_sts
