#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>

namespace arngate::sts {

/// Calls that wait, in an order in which access keys take turns (start-time fair queueing, with a cost of one a call):
/// each call of a key has a turn after the one before it, so whoever has many has most of them far back. Turns belong
/// to keys, not to calls: when a call leaves without having had its turn, the next of its key has it. Lines that are
/// served together share the count of turns, which their owner keeps. Pure.
class CallLine {
public:
    using Ticket = std::uint64_t;

    struct Waiting {
        std::uint64_t turn;  ///< 0: of none, before all others
        Ticket ticket;
        auto operator<=>(const Waiting&) const = default;
    };

    /// A call comes; its ticket is no other's. `turn_now` is that of the call that began last.
    void join(Ticket ticket, std::uint64_t key, std::uint64_t turn_now);
    /// A call that has had its turn and comes again goes before all that have not.
    void join_front(Ticket ticket) { front_.insert(ticket); }
    /// A call of this key, which is in the line, waits no longer.
    void leave(Ticket ticket, std::uint64_t key);
    /// The first of the line begins. Not of an empty line.
    Waiting begin_first();

    [[nodiscard]] bool empty() const noexcept { return front_.empty() && keys_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return front_.size() + taking_turns_; }
    /// Of a line that is not empty, as the next.
    [[nodiscard]] Waiting first() const;
    [[nodiscard]] Waiting last() const;

private:
    struct Key {
        std::uint64_t turn = 0;  ///< of its first call; those behind it have the next ones
        std::set<Ticket> calls;  ///< never empty
    };
    /// One end of what a key has waiting.
    struct End {
        Waiting call;
        std::uint64_t key;
        auto operator<=>(const End&) const = default;
    };
    using Keys = std::unordered_map<std::uint64_t, Key>;

    static End first_of(Keys::const_reference entry);
    static End last_of(Keys::const_reference entry);
    /// Around each change of what a key has waiting.
    void withdraw(Keys::const_reference entry);
    void enter(Keys::iterator entry);

    std::set<Ticket> front_;
    Keys keys_;
    std::set<End> firsts_;
    std::set<End> lasts_;
    std::size_t taking_turns_ = 0;
};

}  // namespace arngate::sts
