#pragma once

#include "core/sts/governor.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

/// What a Governor knows, and the book-keeping on it.
namespace arngate::sts {

/// A call that waits for its turn or has begun. All but the timer is guarded by the governor's lock; the timer is only
/// touched on the loop of the call, and is there only while the call waits: most calls need none, and a permit may
/// outlive its loop.
struct Governor::Wait {
    enum class Status : std::uint8_t { waits, begun, circuit_open, turned_away };

    Wait(const boost::asio::any_io_executor& loop, Endpoint& at, CallQueue::Ticket number)
        : executor(loop), endpoint(at), ticket(number) {}

    boost::asio::any_io_executor executor;
    std::optional<boost::asio::steady_timer> timer;
    Endpoint& endpoint;
    CallQueue::Ticket ticket;
    Status status = Status::waits;
};

struct Governor::Endpoint {
    Endpoint(std::string_view host, const CallLimits& limits, MetricsRegistry& registry);

    std::string name;
    CallQueue queue;
    Gauge& circuit_state;
    Counter& circuit_opened;
    std::unordered_map<CallQueue::Ticket, std::shared_ptr<Wait>> waits;  ///< those whose turn has not come
    Reason last_failure = Reason::sts_unreachable;
    CircuitBreaker::State shown = CircuitBreaker::State::closed;  ///< in the metric and the log
    std::optional<SteadyTime> timer_at;
    // What of it stands in the governor's sums.
    std::size_t counted_waiting = 0;
    std::size_t counted_calls = 0;
    std::size_t counted_newcomers = 0;
    std::uint64_t counted_cuts = 0;
};

struct Governor::State {
    State(CallLimits with, MetricsRegistry& all);

    /// What is left to do when the lock is gone.
    struct Aftermath {
        Wait* own = nullptr;  ///< the call that asks now: it need not be woken, and is not among `waits`
        std::vector<std::shared_ptr<Wait>> wake;
        std::optional<CircuitBreaker::State> circuit;  ///< it has changed to this
        std::optional<SteadyTime> timer;               ///< one is to be set for then
    };

    // With the lock.
    [[nodiscard]] Endpoint& endpoint_of(const aws::StsHost& host);
    /// Lets begin what may, turns away what is too much, and finds out what is to be said and done.
    [[nodiscard]] Aftermath settle(Endpoint& endpoint, SteadyTime now, Wait* own = nullptr);
    /// Brings the metrics and the sums up to date. A change of the circuit is left to say.
    void show(Endpoint& endpoint, Aftermath& after);

    // Without the lock.
    /// On the loop of `here`.
    static void carry_out(
        const std::shared_ptr<Governor>& governor,
        Endpoint& endpoint,
        const boost::asio::any_io_executor& here,
        Aftermath after
    );
    /// A call that will not be told how it ended: its loop is going down.
    void abandon(const Wait& wait);

    const CallLimits limits;
    MetricsRegistry& registry;
    Gauge& waiting;
    Counter& circuit_open;
    Counter& queue_full;
    Counter& too_late;
    Counter& rate_cuts;
    const std::uint64_t seed;

    std::mutex mutex;
    std::map<std::string, std::unique_ptr<Endpoint>, std::less<>>
        endpoints;  ///< as many as there are STS hosts at most
    CallQueue::Ticket last_ticket = 0;
    std::size_t calls = 0;      ///< that wait or are under way, at all endpoints
    std::size_t newcomers = 0;  ///< of these

private:
    static void move_on(
        const std::vector<CallQueue::Ticket>& tickets, Endpoint& endpoint, Wait::Status to, Aftermath& after
    );
    void turn_away(Endpoint& endpoint, SteadyTime now, Aftermath& after);
    [[nodiscard]] bool turn_one_away(CallQueue::Rank rank, SteadyTime now, Aftermath& after);
    void count(Endpoint& endpoint);
    void on_timer(
        const std::shared_ptr<Governor>& governor,
        Endpoint& endpoint,
        const boost::asio::any_io_executor& here,
        SteadyTime at
    );
};

}  // namespace arngate::sts
