#pragma once

#include "core/base/random.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace arngate::kube {

struct BackoffOptions {
    std::chrono::milliseconds first{500};
    std::chrono::milliseconds longest{30'000};
    /// A number from [0, bound).
    std::function<std::uint64_t(std::uint64_t bound)> random = random_below;
};

/// How long to wait after each failure in a row: twice as long as before, up to a limit, and of that by chance between
/// half and all, so that many clients do not come back at once. Pure.
class Backoff {
public:
    explicit Backoff(BackoffOptions options);

    /// Never less than `at_least`, which a server may have asked for.
    [[nodiscard]] std::chrono::milliseconds next(std::chrono::milliseconds at_least = {});
    /// Something went well.
    void reset() noexcept { span_ = options_.first; }

private:
    BackoffOptions options_;
    std::chrono::milliseconds span_;
};

}  // namespace arngate::kube
