#include "core/sts/call_queue.hpp"

#include <algorithm>
#include <chrono>
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

std::list<CallQueue::Ticket>* CallQueue::known_line(Account& account) const {
    const bool has_fresh = !account.fresh.empty() && known_accounts_.of(account.id) == Trust::Standing::good;
    if (account.known.empty()) {
        return has_fresh ? &account.fresh : nullptr;
    }
    // Whoever came first, so that neither line starves the other.
    return has_fresh && account.fresh.front() < account.known.front() ? &account.fresh : &account.known;
}

std::list<CallQueue::Ticket>* CallQueue::newcomer_line(Account& account) const {
    if (!account.fresh.empty() && known_accounts_.of(account.id) != Trust::Standing::good) {
        return &account.fresh;
    }
    return account.doubtful.empty() ? nullptr : &account.doubtful;
}

void CallQueue::place(Account& account) {
    const auto settle = [&account](Ring& ring, std::optional<Ring::iterator>& position, bool belongs) {
        if (belongs && !position) {
            position = ring.insert(ring.end(), &account);
        } else if (!belongs && position) {
            ring.erase(*position);
            position.reset();
        }
    };
    settle(known_ring_, account.among_known, known_line(account) != nullptr);
    settle(newcomer_ring_, account.among_newcomers, newcomer_line(account) != nullptr);
}

CallQueue::Asked CallQueue::ask(Ticket ticket, const CallSource& source, Place place_wanted, SteadyTime now) {
    if (!breaker_.allows(now)) {
        return Asked::circuit_open;
    }
    const Trust::Standing key = known_keys_.of(source.key);
    const bool is_newcomer =
        key == Trust::Standing::bad ||
        (key == Trust::Standing::unknown && known_accounts_.of(source.account) != Trust::Standing::good);
    if (place_wanted == Place::back) {
        if (waiting_ >= limits_.waiting || (is_newcomer && newcomers_waiting_ >= newcomer_room())) {
            return Asked::full;
        }
        const auto known = accounts_.find(source.account);
        if (known != accounts_.end() && known->second.waiting() >= limits_.waiting - limits_.waiting / 4) {
            return Asked::full;
        }
    }
    sweep(now);
    Account& account = accounts_[source.account];
    account.id = source.account;
    std::list<Ticket>& line = key == Trust::Standing::good  ? account.known
                              : key == Trust::Standing::bad ? account.doubtful
                                                            : account.fresh;
    const auto position = line.insert(place_wanted == Place::front ? line.begin() : line.end(), ticket);
    calls_.emplace(
        ticket, Call{&account, source, &line, position, key == Trust::Standing::good, is_newcomer, SteadyTime()}
    );
    ++waiting_;
    newcomers_waiting_ += is_newcomer ? 1 : 0;
    place(account);
    return Asked::waits;
}

void CallQueue::out_of_line(Call& call) {
    call.line->erase(call.position);
    call.line = nullptr;
    --waiting_;
    newcomers_waiting_ -= call.is_newcomer ? 1 : 0;
    place(*call.account);
}

CallQueue::Ticket CallQueue::begin(std::list<Ticket>& line, bool as_newcomer, SteadyTime now) {
    const Ticket ticket = line.front();
    Call& call = calls_.at(ticket);
    out_of_line(call);
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
    for (auto turn = known_ring_.begin(); turn != known_ring_.end();) {
        const auto at = turn++;
        Account& account = **at;
        std::list<Ticket>* const line = known_line(account);
        if (line == nullptr) {
            place(account);  // forgotten meanwhile, as one of too many: a newcomer again
        } else if (account.rate.next(now) <= now) {
            known_ring_.splice(known_ring_.end(), known_ring_, at);
            return begin(*line, false, now);
        }
    }
    return std::nullopt;
}

std::optional<CallQueue::Ticket> CallQueue::begin_newcomer(SteadyTime now) {
    const bool has_room = newcomers_in_flight_ < std::max<std::size_t>(limits_.in_flight / 2, 1);
    if (newcomer_ring_.empty() || !has_room || refusals_budget_.next(now) > now || newcomers_rate_.next(now) > now) {
        return std::nullopt;
    }
    Account& account = *newcomer_ring_.front();
    std::list<Ticket>* const line = newcomer_line(account);
    if (line == nullptr) {
        place(account);
        return std::nullopt;
    }
    newcomer_ring_.splice(newcomer_ring_.end(), newcomer_ring_, newcomer_ring_.begin());
    return begin(*line, true, now);
}

std::vector<CallQueue::Ticket> CallQueue::poll(SteadyTime now) {
    std::vector<Ticket> begun;
    while (waiting_ > 0 && in_flight_ < limits_.in_flight && calls_budget_.next(now) <= now && breaker_.allows(now)) {
        const bool newcomers_first = ++turn_ % newcomers_turn == 0;
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
    if (waiting_ == 0 || in_flight_ >= limits_.in_flight || breaker_.waits_for_probe()) {
        return std::nullopt;
    }
    std::optional<SteadyTime> soonest;
    const auto consider = [&soonest](SteadyTime when) { soonest = soonest ? std::min(*soonest, when) : when; };
    for (const Account* account : known_ring_) {
        consider(account->rate.next(now));
    }
    if (!newcomer_ring_.empty() && newcomers_in_flight_ < std::max<std::size_t>(limits_.in_flight / 2, 1)) {
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
    out_of_line(call);
    calls_.erase(found);
    forget_if_idle(account, now);
    return was_slowed;
}

std::vector<CallQueue::Ticket> CallQueue::take_waiting() {
    std::vector<Ticket> all;
    all.reserve(waiting_);
    for (auto entry = calls_.begin(); entry != calls_.end();) {
        Call& call = entry->second;
        if (call.line == nullptr) {
            ++entry;
            continue;
        }
        out_of_line(call);
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
    return waiting() == 0 && in_flight == 0 && !rate.is_limited(now) && !rate.is_moving(now);
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
