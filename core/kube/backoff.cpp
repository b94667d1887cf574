#include "core/kube/backoff.hpp"

#include <algorithm>
#include <utility>

namespace arngate::kube {

Backoff::Backoff(BackoffOptions options) : options_(std::move(options)), span_(options_.first) {}

std::chrono::milliseconds Backoff::next(std::chrono::milliseconds at_least) {
    const std::chrono::milliseconds half = span_ / 2;
    const auto by_chance = options_.random(static_cast<std::uint64_t>((span_ - half).count()) + 1);
    const std::chrono::milliseconds wait = half + std::chrono::milliseconds(by_chance);
    span_ = std::min(span_ * 2, options_.longest);
    return std::max(wait, at_least);
}

}  // namespace arngate::kube
