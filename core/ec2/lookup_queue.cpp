#include "core/ec2/lookup_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace arngate::ec2 {
namespace {

using Kind = DescribeError::Kind;

std::unexpected<Error> unknown_instance() {
    return fail(Reason::template_failed, "{{EC2PrivateDNSName}}: EC2 knows no instance of the session name's id");
}

std::unexpected<Error> unavailable(std::string_view why) {
    return fail(Reason::ec2_unavailable, std::string(why));
}

}  // namespace

LookupQueue::LookupQueue(const LookupOptions& options)
    : options_(options), bucket_(options.calls_per_second, options.burst) {}

bool LookupQueue::add(const std::string& id, Waiter waiter, SteadyTime now) {
    if (waiting_ >= options_.max_waiting) {
        return false;
    }
    auto [flight, is_new] = flights_.try_emplace(id);
    flight->second.waiters.push_back(std::move(waiter));
    ++waiting_;
    if (is_new) {
        flight->second.deadline = now + options_.timeout;
        expiries_.push_back({flight->second.deadline, id});
        if (fresh_.empty()) {
            fresh_since_ = now;
        }
        fresh_.push_back(id);
    }
    return true;
}

std::optional<SteadyTime> LookupQueue::batch_due() const {
    if (!again_.empty()) {
        return not_before_;
    }
    if (fresh_.empty()) {
        return std::nullopt;
    }
    const bool is_full = fresh_.size() >= options_.max_batch;
    return std::max(not_before_, is_full ? fresh_since_ : fresh_since_ + options_.window);
}

/// Ids for which nobody waits any more need no call.
void LookupQueue::forget_landed() {
    const auto has_landed = [this](const std::string& id) { return !flights_.contains(id); };
    while (!fresh_.empty() && has_landed(fresh_.front())) {
        fresh_.pop_front();
    }
    while (!again_.empty()) {
        std::erase_if(again_.front(), has_landed);
        if (!again_.front().empty()) {
            break;
        }
        again_.pop_front();
    }
}

LookupQueue::Batch LookupQueue::take_batch(SteadyTime now) {
    forget_landed();
    const auto due = batch_due();
    if (!due || now < *due || calls_ >= options_.max_calls || !bucket_.take(now)) {
        return {};
    }
    Batch batch;
    if (!again_.empty()) {
        batch = std::move(again_.front());
        again_.pop_front();
    } else {
        while (!fresh_.empty() && batch.size() < options_.max_batch) {
            if (flights_.contains(fresh_.front())) {
                batch.push_back(std::move(fresh_.front()));
            }
            fresh_.pop_front();
        }
    }
    ++calls_;
    return batch;
}

SteadyTime LookupQueue::deadline_of(const Batch& batch, SteadyTime now) const {
    SteadyTime latest = now;
    for (const std::string& id : batch) {
        const auto flight = flights_.find(id);
        if (flight != flights_.end()) {
            latest = std::max(latest, flight->second.deadline);
        }
    }
    return latest;
}

LookupQueue::Settled LookupQueue::settle(const std::string& id, Outcome outcome, bool is_unknown) {
    Settled settled{.id = id, .outcome = std::move(outcome), .is_unknown = is_unknown, .waiters = {}};
    if (auto node = flights_.extract(id); !node.empty()) {
        settled.waiters = std::move(node.mapped().waiters);
        waiting_ -= settled.waiters.size();
    }
    return settled;
}

void LookupQueue::settle_described(const Batch& batch, Described described, std::vector<Settled>& out) {
    Batch left;
    for (const std::string& id : batch) {
        const auto found = std::ranges::find(described.instances, id, &Instance::id);
        if (found != described.instances.end()) {
            if (found->private_dns_name.empty()) {
                out.push_back(settle(
                    id, fail(Reason::template_failed, "{{EC2PrivateDNSName}}: the instance has no private DNS name now")
                ));
            } else {
                out.push_back(settle(id, std::move(*found)));
            }
        } else if (!described.has_more) {
            out.push_back(settle(id, unknown_instance(), true));
        } else if (!described.instances.empty()) {
            left.push_back(id);  // the page held something, so the end is nearer
        } else {
            out.push_back(settle(id, unavailable("EC2 answered with an empty page and promised another")));
        }
    }
    if (!left.empty()) {
        again_.push_back(std::move(left));
    }
}

void LookupQueue::isolate(const Batch& batch, const DescribeError& error, std::vector<Settled>& out) {
    const auto is_named = [&error](const std::string& id) {
        return std::ranges::find(error.named, id) != error.named.end();
    };
    if (batch.size() == 1) {
        out.push_back(settle(batch.front(), unknown_instance(), true));
        return;
    }
    Batch others;
    for (const std::string& id : batch) {
        if (is_named(id)) {
            out.push_back(settle(id, unknown_instance(), true));
        } else {
            others.push_back(id);
        }
    }
    if (others.empty()) {
        return;
    }
    if (others.size() < batch.size()) {
        again_.push_back(std::move(others));
        return;
    }
    const auto middle = others.begin() + static_cast<std::ptrdiff_t>(others.size() / 2);
    again_.emplace_back(others.begin(), middle);
    again_.emplace_back(middle, others.end());
}

void LookupQueue::retry(const Batch& batch, const DescribeError& error, std::vector<Settled>& out) {
    Batch left;
    for (const std::string& id : batch) {
        const auto flight = flights_.find(id);
        if (flight == flights_.end()) {
            continue;
        }
        if (++flight->second.failures < options_.max_attempts) {
            left.push_back(id);
        } else {
            out.push_back(settle(id, unavailable(error.detail)));
        }
    }
    if (!left.empty()) {
        again_.push_back(std::move(left));
    }
}

void LookupQueue::pause(SteadyTime now, double jitter) {
    constexpr unsigned most_doublings = 8;
    const auto grown = options_.first_pause * (1U << std::min(failures_in_a_row_, most_doublings));
    const std::chrono::duration<double, std::milli> longest = std::min(grown, options_.longest_pause);
    const auto drawn = longest * (0.5 + jitter / 2.0);
    not_before_ = std::max(not_before_, now + std::chrono::duration_cast<SteadyTime::duration>(drawn));
    ++failures_in_a_row_;
}

std::vector<LookupQueue::Settled> LookupQueue::finish(
    const Batch& batch, Answer answer, SteadyTime now, double jitter
) {
    --calls_;
    std::vector<Settled> out;
    if (answer) {
        failures_in_a_row_ = 0;
        settle_described(batch, std::move(*answer), out);
        return out;
    }
    const DescribeError& error = answer.error();
    switch (error.kind) {
        case Kind::unknown_instance:
            failures_in_a_row_ = 0;
            isolate(batch, error, out);
            break;
        case Kind::throttled:
        case Kind::unavailable:
            pause(now, jitter);
            retry(batch, error, out);
            break;
        case Kind::bad_credentials:
            // Fresh ones may be had at once; if not, this ends like any other failure.
            retry(batch, error, out);
            break;
        case Kind::refused:
            for (const std::string& id : batch) {
                out.push_back(settle(id, fail(Reason::template_failed, "{{EC2PrivateDNSName}}: " + error.detail)));
            }
            break;
        case Kind::bad_answer:
            for (const std::string& id : batch) {
                out.push_back(settle(id, unavailable(error.detail)));
            }
            break;
    }
    return out;
}

std::vector<LookupQueue::Settled> LookupQueue::expire(SteadyTime now) {
    std::vector<Settled> out;
    while (!expiries_.empty() && expiries_.front().at <= now) {
        const Expiry expiry = std::move(expiries_.front());
        expiries_.pop_front();
        // An id that landed and was asked for again has a later deadline.
        const auto flight = flights_.find(expiry.id);
        if (flight != flights_.end() && flight->second.deadline <= now) {
            out.push_back(settle(expiry.id, unavailable("EC2 gave no answer about the instance in time")));
        }
    }
    return out;
}

std::vector<LookupQueue::Settled> LookupQueue::close() {
    std::vector<Settled> out;
    out.reserve(flights_.size());
    while (!flights_.empty()) {
        const std::string id = flights_.begin()->first;
        out.push_back(settle(id, unavailable("the server is shutting down")));
    }
    return out;
}

std::optional<SteadyTime> LookupQueue::wake_at(SteadyTime now) {
    while (!expiries_.empty() && !flights_.contains(expiries_.front().id)) {
        expiries_.pop_front();
    }
    std::optional<SteadyTime> at;
    if (!expiries_.empty()) {
        at = expiries_.front().at;
    }
    const auto due = batch_due();
    if (due && calls_ < options_.max_calls) {
        const SteadyTime batch_at = std::max(*due, bucket_.next(now));
        at = at ? std::min(*at, batch_at) : batch_at;
    }
    return at;
}

}  // namespace arngate::ec2
