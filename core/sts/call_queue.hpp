#pragma once

#include "core/base/clock.hpp"
#include "core/sts/adaptive_rate.hpp"
#include "core/sts/call_budget.hpp"
#include "core/sts/call_line.hpp"
#include "core/sts/call_source.hpp"
#include "core/sts/circuit_breaker.hpp"
#include "core/sts/trust.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arngate::sts {

struct CallLimits {
    std::size_t in_flight = 512;  ///< calls of one endpoint at once; at least 1
    /// Calls that wait for their turn. Newcomers get three quarters of it. A Governor counts those under way, too, and
    /// the calls of all endpoints together; it leaves an eighth free.
    std::size_t waiting = 8192;
    double calls_per_second = 0;       ///< 0: as many as STS takes
    double refusals_per_second = 100;  ///< that newcomers may cause; 0: any number
    BreakerOptions breaker;
};

/// How a call ended, as far as it says something about who called or about the endpoint.
enum class CallOutcome : std::uint8_t {
    proven,
    refused,
    throttled,
    failed,  ///< no sign of life, or a server error
    unknown,
};

/// In which order the calls of one STS endpoint begin, and when.
///
/// Accounts take turns, and so do the access keys of an account, so that a noisy one only delays itself. An account, or
/// an access key, that STS has lately proven is known; all others are newcomers, and so are known ones whose calls
/// lately were refused more often than not. Newcomers share a budget of refusals: a call takes one when it begins, and
/// gives it back unless it is refused. So junk costs no more calls than the budget, a herd of valid newcomers is not
/// held up by it, and whoever has been proven does not wait behind junk. When more calls wait than may, those go that
/// came last of whoever has the most waiting. Each known account learns from throttling how fast it may go, newcomers
/// do so together. Pure: no timers and no threads; the caller polls when `next` says so and after each call that ends.
class CallQueue {
public:
    using Ticket = CallLine::Ticket;
    enum class Asked : std::uint8_t { waits, circuit_open };
    /// Newcomers are whom STS has not proven lately, or mostly refused.
    enum class Rank : std::uint8_t { known, newcomer };
    enum class Place : std::uint8_t {
        back,
        front,  ///< for a call that was throttled and tries again
    };

    explicit CallQueue(CallLimits limits);

    /// A call wants to begin. `ticket` is the caller's and no other call's; of two, the smaller came first. With
    /// `waits`, it begins when `poll` says so, unless `take_excess` names it.
    [[nodiscard]] Asked ask(Ticket ticket, const CallSource& source, Place place, SteadyTime now);
    /// Calls that begin now.
    [[nodiscard]] std::vector<Ticket> poll(SteadyTime now);
    /// Takes out what waits beyond the limits. To be asked after `poll`, when all has begun that may.
    [[nodiscard]] std::vector<Ticket> take_excess(SteadyTime now);
    /// The same for whoever has a limit of its own: the call of that rank that is the first to go; nothing if none
    /// waits.
    [[nodiscard]] std::optional<Ticket> take_last(Rank rank, SteadyTime now);
    /// When to poll again if no call ends before; nothing: then only when one ends.
    [[nodiscard]] std::optional<SteadyTime> next(SteadyTime now) const;
    /// A call that waits does so no longer. True: it waited for a rate learnt from throttling.
    bool leave(Ticket ticket, SteadyTime now);
    /// A call that began has ended. True: throttled, but other calls of its kind were let through lately.
    bool finish(Ticket ticket, CallOutcome outcome, SteadyTime now, double draw);
    /// Takes all out that wait, as when the circuit has opened.
    [[nodiscard]] std::vector<Ticket> take_waiting();

    [[nodiscard]] CircuitBreaker::State circuit() const noexcept { return breaker_.state(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return known_.waiting + newcomers_.waiting; }
    [[nodiscard]] std::size_t waiting(Rank rank) const noexcept { return crowd(rank).waiting; }
    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
    /// Of these, the newcomers.
    [[nodiscard]] std::size_t newcomers_in_flight() const noexcept { return newcomers_in_flight_; }
    [[nodiscard]] std::uint64_t rate_cuts() const noexcept { return rate_cuts_; }
    /// Accounts that there is something to remember of, for tests.
    [[nodiscard]] std::size_t accounts() const noexcept { return accounts_.size(); }

private:
    struct Account;
    using Ring = std::list<Account*>;

    /// Accounts that have calls of one rank waiting.
    struct Crowd {
        Ring ring;  ///< by whose turn it is
        /// By how many calls wait, of equals by who came last.
        std::map<std::pair<std::size_t, Ticket>, Account*> by_share;
        std::size_t waiting = 0;
    };
    /// What one account has waiting in a rank.
    struct Share {
        std::size_t waiting = 0;
        Ticket newest = 0;
        std::optional<Ring::iterator> turn;  ///< while something waits
    };

    struct Account {
        std::uint64_t id = 0;
        AdaptiveRate rate;
        CallLine known;          ///< of keys in good standing
        CallLine fresh;          ///< of keys never proven: known if the account is
        CallLine doubtful;       ///< of keys in bad standing
        std::uint64_t turn = 0;  ///< of the call that began last
        Ticket newest = 0;       ///< that came
        std::size_t in_flight = 0;
        Share among_known;
        Share among_newcomers;
        /// Nothing needs to be remembered of it.
        [[nodiscard]] bool is_idle(SteadyTime now) const;
    };
    struct Call {
        Account* account;
        CallSource source;
        CallLine* line;      ///< nullptr: has begun
        bool has_known_key;  ///< in good standing when it came
        bool is_newcomer;    ///< when it came, and from when it has begun whether it has taken of the budget
        SteadyTime began;
    };
    using Calls = std::unordered_map<Ticket, Call>;
    using LinesOfRank = std::array<CallLine*, 2>;  ///< of which one may be null

    [[nodiscard]] std::size_t newcomer_room() const noexcept;
    [[nodiscard]] bool is_known(const Account& account) const;
    [[nodiscard]] const Crowd& crowd(Rank rank) const noexcept { return rank == Rank::known ? known_ : newcomers_; }
    [[nodiscard]] LinesOfRank lines(Account& account, Rank rank) const;
    /// Puts an account into the crowds where it has calls waiting.
    void place(Account& account);
    static void place(Account& account, Crowd& crowd, Share& share, std::size_t waiting);
    void out_of_line(Ticket ticket, Call& call);
    void forget_if_idle(Account& account, SteadyTime now);
    void sweep(SteadyTime now);
    [[nodiscard]] std::optional<Ticket> begin_known(SteadyTime now);
    [[nodiscard]] std::optional<Ticket> begin_newcomer(SteadyTime now);
    [[nodiscard]] Ticket begin(CallLine& line, bool as_newcomer, SteadyTime now);

    CallLimits limits_;
    CircuitBreaker breaker_;
    CallBudget calls_budget_;
    CallBudget refusals_budget_;
    AdaptiveRate newcomers_rate_;
    Trust known_accounts_;
    Trust known_keys_;
    std::unordered_map<std::uint64_t, Account> accounts_;
    Calls calls_;
    Crowd known_;
    Crowd newcomers_;
    std::size_t in_flight_ = 0;
    std::size_t newcomers_in_flight_ = 0;
    double newcomers_refused_ = 0;  ///< share of the last newcomers' calls
    unsigned poll_turn_ = 0;
    SteadyTime swept_;
    std::uint64_t rate_cuts_ = 0;
};

}  // namespace arngate::sts
