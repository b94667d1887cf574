#pragma once

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/ec2/describe_instances.hpp"
#include "core/ec2/token_bucket.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace arngate::ec2 {

struct LookupOptions {
    double calls_per_second = 15;
    double burst = 5;
    std::size_t max_batch = max_instances_per_call;
    std::size_t max_waiting = 8'192;             ///< who wait for a name, together
    std::size_t max_calls = 8;                   ///< under way at a time
    std::chrono::milliseconds window{10};        ///< how long the first id waits for company
    std::chrono::milliseconds timeout{5'000};    ///< how long an id may take, all its calls together
    unsigned max_attempts = 3;                   ///< calls for one id that fail for a reason that may pass
    std::chrono::milliseconds first_pause{200};  ///< of all calls after one was throttled or failed; doubles
    std::chrono::milliseconds longest_pause{2'000};
};

/// Which instances are asked about when, and who is told what. All decisions of the look-up, without a socket or a
/// timer: time and answers come in, batches and results go out.
/// - Ids that come within a short window, or while the rate or the running calls forbid another call, go out together.
/// - An id that is asked for again while it waits shares the look-up, and its time.
/// - When EC2 refuses a batch for an id it does not know, the others are asked about again without it; if EC2 does not
///   say which, each half is asked about on its own.
/// - Whoever waits is answered once: by the outcome, by time running out, or by close().
/// Not thread-safe.
class LookupQueue {
public:
    /// Error reasons: template_failed (there is no such name), ec2_unavailable (it could not be learnt now).
    using Outcome = Result<Instance>;
    using Waiter = std::move_only_function<void(const Outcome&)>;
    using Batch = std::vector<std::string>;
    using Answer = std::expected<Described, DescribeError>;

    /// What became of an id, for the cache and for those who waited (maybe none: their time was up before).
    struct Settled {
        std::string id;
        Outcome outcome;
        bool is_unknown = false;  ///< EC2 has no such instance
        std::vector<Waiter> waiters;
    };

    explicit LookupQueue(const LookupOptions& options);

    /// False: too many wait; the waiter was not taken.
    [[nodiscard]] bool add(const std::string& id, Waiter waiter, SteadyTime now);

    /// A batch to ask EC2 about now; empty when none is due. Each must be given back to finish().
    [[nodiscard]] Batch take_batch(SteadyTime now);
    /// By when the call for this batch is of use to anybody.
    [[nodiscard]] SteadyTime deadline_of(const Batch& batch, SteadyTime now) const;
    /// The answer about a batch. `jitter` is drawn from [0, 1) and spreads the pause after a failure.
    [[nodiscard]] std::vector<Settled> finish(const Batch& batch, Answer answer, SteadyTime now, double jitter);
    /// Those whose time is up.
    [[nodiscard]] std::vector<Settled> expire(SteadyTime now);
    /// Everyone, when no more will be asked.
    [[nodiscard]] std::vector<Settled> close();

    /// When take_batch or expire will next have something to do; nothing: when something comes in.
    [[nodiscard]] std::optional<SteadyTime> wake_at(SteadyTime now);
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }

private:
    struct Flight {
        std::vector<Waiter> waiters;
        SteadyTime deadline;
        unsigned failures = 0;
    };
    struct Expiry {
        SteadyTime at;
        std::string id;
    };

    [[nodiscard]] std::optional<SteadyTime> batch_due() const;
    void forget_landed();
    [[nodiscard]] Settled settle(const std::string& id, Outcome outcome, bool is_unknown = false);
    void settle_described(const Batch& batch, Described described, std::vector<Settled>& out);
    void isolate(const Batch& batch, const DescribeError& error, std::vector<Settled>& out);
    void retry(const Batch& batch, const DescribeError& error, std::vector<Settled>& out);
    void pause(SteadyTime now, double jitter);

    LookupOptions options_;
    TokenBucket bucket_;
    std::unordered_map<std::string, Flight> flights_;  ///< by id: all that somebody waits for
    std::deque<Expiry> expiries_;                      ///< of the flights, in order of time; some have landed before
    std::deque<std::string> fresh_;                    ///< not asked about yet
    SteadyTime fresh_since_{};
    std::deque<Batch> again_;  ///< to be asked about again, and not to be mixed with others
    SteadyTime not_before_{};
    unsigned failures_in_a_row_ = 0;
    std::size_t calls_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace arngate::ec2
