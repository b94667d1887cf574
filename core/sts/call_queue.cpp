#include "core/sts/call_queue.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace arngate::sts {
namespace {

constexpr std::size_t remembered = 8192;
/// Accounts beyond this number are looked through for those that nothing needs to be remembered of.
constexpr std::size_t many_accounts = 1024;
/// Newcomers get one turn in this many while known ones wait, so that they can become known.
constexpr unsigned newcomers_turn = 8;
constexpr double weight_of_latest = 1.0 / 64;
/// When more than this share of the newcomers' calls is refused, most of those that wait are junk.
constexpr double mostly_refused = 0.9;
/// Then only so many wait as the budget lets begin in this time.
constexpr double junk_patience_seconds = 2;
constexpr std::size_t least_newcomer_room = 16;

template <class Lines>
std::size_t size_of(const Lines& lines) {
    std::size_t size = 0;
    for (const auto* line : lines) {
        size += line == nullptr ? 0 : line->size();
    }
    return size;
}

/// The line whose call at this end comes before those of the others at theirs; null if nobody waits.
template <class Lines, class Comparison>
auto foremost(const Lines& lines, CallLine::Waiting (CallLine::*end)() const, Comparison comes_before) {
    typename Lines::value_type found = nullptr;
    for (auto* line : lines) {
        if (line != nullptr && !line->empty() && (found == nullptr || comes_before((line->*end)(), (found->*end)()))) {
            found = line;
        }
    }
    return found;
}

template <class Lines>
auto with_first(const Lines& lines) {
    return foremost(lines, &CallLine::first, std::less<>());
}

template <class Lines>
auto with_last(const Lines& lines) {
    return foremost(lines, &CallLine::last, std::greater<>());
}

}  // namespace

CallQueue::CallQueue(CallLimits limits)
    : limits_(limits),
      breaker_(limits.breaker),
      calls_budget_(limits.calls_per_second),
      refusals_budget_(limits.refusals_per_second),
      known_accounts_(remembered),
      known_keys_(remembered) {
    limits_.in_flight = std::max<std::size_t>(limits_.in_flight, 1);
}

std::size_t CallQueue::newcomer_room() const noexcept {
    const std::size_t most = limits_.waiting - limits_.waiting / 4;
    if (limits_.refusals_per_second == 0 || newcomers_refused_ <= mostly_refused) {
        return most;
    }
    const auto worth_it = static_cast<std::size_t>(limits_.refusals_per_second * junk_patience_seconds);
    return std::min(most, std::max(worth_it, least_newcomer_room));
}

bool CallQueue::is_known(const Account& account) const {
    return known_accounts_.of(account.id) == Trust::Standing::good;
}

CallQueue::LinesOfRank CallQueue::lines(Account& account, Rank rank) const {
    const Rank of_fresh = is_known(account) ? Rank::known : Rank::newcomer;
    return {rank == Rank::known ? &account.known : &account.doubtful, rank == of_fresh ? &account.fresh : nullptr};
}

void CallQueue::place(Account& account) {
    place(account, known_, account.among_known, size_of(lines(account, Rank::known)));
    place(account, newcomers_, account.among_newcomers, size_of(lines(account, Rank::newcomer)));
}

void CallQueue::place(Account& account, Crowd& crowd, Share& share, std::size_t waiting) {
    if (waiting == share.waiting && account.newest == share.newest) {
        return;
    }
    if (share.waiting > 0) {
        crowd.by_share.erase({share.waiting, share.newest});
    }
    crowd.waiting += waiting - share.waiting;
    share.waiting = waiting;
    share.newest = account.newest;
    if (waiting > 0) {
        crowd.by_share.emplace(std::pair(share.waiting, share.newest), &account);
    }
    if (waiting > 0 && !share.turn) {
        share.turn = crowd.ring.insert(crowd.ring.end(), &account);
    } else if (waiting == 0 && share.turn) {
        crowd.ring.erase(*share.turn);
        share.turn.reset();
    }
}

CallQueue::Asked CallQueue::ask(Ticket ticket, const CallSource& source, Place place_wanted, SteadyTime now) {
    if (!breaker_.allows(now)) {
        return Asked::circuit_open;
    }
    sweep(now);
    Account& account = accounts_[source.account];
    account.id = source.account;
    account.newest = ticket;
    const Trust::Standing key = known_keys_.of(source.key);
    const bool is_newcomer = key == Trust::Standing::bad || (key == Trust::Standing::unknown && !is_known(account));
    CallLine& line = key == Trust::Standing::good  ? account.known
                     : key == Trust::Standing::bad ? account.doubtful
                                                   : account.fresh;
    if (place_wanted == Place::front) {
        line.join_front(ticket);
    } else {
        line.join(ticket, source.key, account.turn);
    }
    calls_.emplace(ticket, Call{&account, source, &line, key == Trust::Standing::good, is_newcomer, SteadyTime()});
    place(account);
    return Asked::waits;
}

void CallQueue::out_of_line(Ticket ticket, Call& call) {
    call.line->leave(ticket, call.source.key);
    call.line = nullptr;
    place(*call.account);
}

CallQueue::Ticket CallQueue::begin(CallLine& line, bool as_newcomer, SteadyTime now) {
    const auto [turn, ticket] = line.begin_first();
    Call& call = calls_.at(ticket);
    call.line = nullptr;
    call.account->turn = std::max(call.account->turn, turn);
    place(*call.account);
    call.is_newcomer = as_newcomer;
    call.began = now;
    ++call.account->in_flight;
    ++in_flight_;
    calls_budget_.take(now);
    breaker_.began();
    if (as_newcomer) {
        ++newcomers_in_flight_;
        refusals_budget_.take(now);
        newcomers_rate_.began(now);
    } else {
        call.account->rate.began(now);
    }
    return ticket;
}

std::optional<CallQueue::Ticket> CallQueue::begin_known(SteadyTime now) {
    Ring& ring = known_.ring;
    for (auto turn = ring.begin(); turn != ring.end();) {
        const auto at = turn++;
        Account& account = **at;
        CallLine* const line = with_first(lines(account, Rank::known));
        if (line == nullptr) {
            place(account);  // forgotten meanwhile, as one of too many: a newcomer again
        } else if (account.rate.next(now) <= now) {
            ring.splice(ring.end(), ring, at);
            return begin(*line, false, now);
        }
    }
    return std::nullopt;
}

std::optional<CallQueue::Ticket> CallQueue::begin_newcomer(SteadyTime now) {
    Ring& ring = newcomers_.ring;
    const bool has_room = newcomers_in_flight_ < std::max<std::size_t>(limits_.in_flight / 2, 1);
    if (ring.empty() || !has_room || refusals_budget_.next(now) > now || newcomers_rate_.next(now) > now) {
        return std::nullopt;
    }
    Account& account = *ring.front();
    CallLine* const line = with_first(lines(account, Rank::newcomer));
    if (line == nullptr) {
        place(account);
        return std::nullopt;
    }
    ring.splice(ring.end(), ring, ring.begin());
    return begin(*line, true, now);
}

std::optional<CallQueue::Ticket> CallQueue::take_last(Rank rank, SteadyTime now) {
    while (crowd(rank).waiting > 0) {
        Account& account = *crowd(rank).by_share.rbegin()->second;
        CallLine* const line = with_last(lines(account, rank));
        if (line == nullptr) {
            place(account);  // of the other rank meanwhile
            continue;
        }
        const Ticket ticket = line->last().ticket;
        const auto found = calls_.find(ticket);
        out_of_line(ticket, found->second);
        calls_.erase(found);
        forget_if_idle(account, now);
        return ticket;
    }
    return std::nullopt;
}

std::vector<CallQueue::Ticket> CallQueue::take_excess(SteadyTime now) {
    std::vector<Ticket> excess;
    const auto take_until = [&](Rank rank, auto fits) {
        while (!fits()) {
            const auto ticket = take_last(rank, now);
            if (!ticket) {
                break;
            }
            excess.push_back(*ticket);
        }
    };
    take_until(Rank::newcomer, [this] { return newcomers_.waiting <= newcomer_room(); });
    take_until(Rank::known, [this] { return waiting() <= limits_.waiting; });
    return excess;
}

std::vector<CallQueue::Ticket> CallQueue::poll(SteadyTime now) {
    std::vector<Ticket> begun;
    while (waiting() > 0 && in_flight_ < limits_.in_flight && calls_budget_.next(now) <= now && breaker_.allows(now)) {
        const bool newcomers_first = ++poll_turn_ % newcomers_turn == 0;
        auto ticket = newcomers_first ? begin_newcomer(now) : begin_known(now);
        if (!ticket) {
            ticket = newcomers_first ? begin_known(now) : begin_newcomer(now);
        }
        if (!ticket) {
            break;
        }
        begun.push_back(*ticket);
    }
    return begun;
}

std::optional<SteadyTime> CallQueue::next(SteadyTime now) const {
    if (waiting() == 0 || in_flight_ >= limits_.in_flight || breaker_.waits_for_probe()) {
        return std::nullopt;
    }
    std::optional<SteadyTime> soonest;
    const auto consider = [&soonest](SteadyTime when) { soonest = soonest ? std::min(*soonest, when) : when; };
    for (const Account* account : known_.ring) {
        consider(account->rate.next(now));
    }
    if (!newcomers_.ring.empty() && newcomers_in_flight_ < std::max<std::size_t>(limits_.in_flight / 2, 1)) {
        consider(std::max(refusals_budget_.next(now), newcomers_rate_.next(now)));
    }
    if (soonest) {
        soonest = std::max({*soonest, calls_budget_.next(now), now});
    }
    return soonest;
}

bool CallQueue::leave(Ticket ticket, SteadyTime now) {
    const auto found = calls_.find(ticket);
    if (found == calls_.end() || found->second.line == nullptr) {
        return false;
    }
    Call& call = found->second;
    Account& account = *call.account;
    const bool was_slowed = (call.is_newcomer ? newcomers_rate_ : account.rate).is_limited(now);
    out_of_line(ticket, call);
    calls_.erase(found);
    forget_if_idle(account, now);
    return was_slowed;
}

std::vector<CallQueue::Ticket> CallQueue::take_waiting() {
    std::vector<Ticket> all;
    all.reserve(waiting());
    for (auto entry = calls_.begin(); entry != calls_.end();) {
        Call& call = entry->second;
        if (call.line == nullptr) {
            ++entry;
            continue;
        }
        out_of_line(entry->first, call);
        all.push_back(entry->first);
        entry = calls_.erase(entry);
    }
    return all;
}

bool CallQueue::finish(Ticket ticket, CallOutcome outcome, SteadyTime now, double draw) {
    const auto found = calls_.find(ticket);
    if (found == calls_.end() || found->second.line != nullptr) {
        return false;
    }
    const Call call = found->second;
    calls_.erase(found);
    Account& account = *call.account;
    --account.in_flight;
    --in_flight_;
    newcomers_in_flight_ -= call.is_newcomer ? 1 : 0;
    AdaptiveRate& rate = call.is_newcomer ? newcomers_rate_ : account.rate;
    if (call.is_newcomer && outcome != CallOutcome::refused) {
        refusals_budget_.give_back();
    }
    switch (outcome) {
        case CallOutcome::proven:
        case CallOutcome::refused: {
            const bool proven = outcome == CallOutcome::proven;
            breaker_.answered();
            rate.accepted(now);
            if (call.is_newcomer) {
                newcomers_refused_ += ((proven ? 0 : 1) - newcomers_refused_) * weight_of_latest;
            }
            if (proven && call.is_newcomer) {
                account.rate.accepted(now);
            }
            if (proven) {
                known_keys_.proven(call.source.key);
            } else {
                known_keys_.refused(call.source.key);
            }
            // An account's standing speaks for keys that nobody knows, so only those count for it.
            if (!call.has_known_key) {
                if (proven) {
                    known_accounts_.proven(call.source.account);
                } else {
                    known_accounts_.refused(call.source.account);
                }
            }
            place(account);
            break;
        }
        case CallOutcome::throttled:
            breaker_.answered();
            if (rate.throttled(call.began, now)) {
                ++rate_cuts_;
            }
            break;
        case CallOutcome::failed:
            breaker_.failed(now, draw);
            break;
        case CallOutcome::unknown:
            breaker_.gave_up();
            break;
    }
    const bool goes_on = outcome == CallOutcome::throttled && rate.is_moving(now);
    forget_if_idle(account, now);
    return goes_on;
}

bool CallQueue::Account::is_idle(SteadyTime now) const {
    return among_known.waiting + among_newcomers.waiting == 0 && in_flight == 0 && !rate.is_limited(now) &&
           !rate.is_moving(now);
}

void CallQueue::forget_if_idle(Account& account, SteadyTime now) {
    if (account.is_idle(now)) {
        accounts_.erase(account.id);
    }
}

void CallQueue::sweep(SteadyTime now) {
    if (accounts_.size() < many_accounts || now < swept_ + std::chrono::seconds(1)) {
        return;
    }
    swept_ = now;
    std::erase_if(accounts_, [now](const auto& entry) { return entry.second.is_idle(now); });
}

}  // namespace arngate::sts
