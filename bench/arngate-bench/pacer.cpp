#include "bench/arngate-bench/pacer.hpp"

#include <algorithm>
#include <limits>

namespace arngate::bench {
namespace {

std::uint64_t part_of(std::uint64_t limit, const PacerShare& share) {
    if (limit == 0) {
        return std::numeric_limits<std::uint64_t>::max();
    }
    return limit / share.of + (share.number < limit % share.of ? 1 : 0);
}

}  // namespace

Pacer::Pacer(const PacerOptions& options, const PacerShare& share)
    : options_(options), share_(share), random_(options.seed + share.number), allowed_(part_of(options.limit, share)) {
    advance();
}

void Pacer::advance() {
    if (options_.load == Load::constant) {
        // The shares interleave: together they make one even sequence. Computed anew each time, so that no error adds
        // up.
        const double number = share_.number + static_cast<double>(taken_) * share_.of;
        offset_ = number * static_cast<double>(nanos_per_second) / options_.rate;
    } else if (options_.load == Load::poisson) {
        const double mean = static_cast<double>(nanos_per_second) * share_.of / options_.rate;
        offset_ += std::exponential_distribution<double>(1.0 / mean)(random_);
    }
}

std::optional<Nanos> Pacer::next() const noexcept {
    if (taken_ >= allowed_) {
        return std::nullopt;
    }
    // Compared before the conversion: a low rate may put the next arrival beyond what a Nanos holds.
    if (offset_ >= static_cast<double>(options_.end - options_.begin)) {
        return std::nullopt;
    }
    return options_.begin + static_cast<Nanos>(offset_);
}

bool Pacer::is_over(Nanos now) const noexcept {
    return !next() || (options_.load == Load::closed && now >= options_.end);
}

std::optional<Nanos> Pacer::take(Nanos now) {
    const auto due = next();
    if (!due || *due > now || is_over(now)) {
        return std::nullopt;
    }
    ++taken_;
    advance();
    return options_.load == Load::closed ? now : *due;
}

}  // namespace arngate::bench
