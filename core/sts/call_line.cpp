#include "core/sts/call_line.hpp"

namespace arngate::sts {

CallLine::End CallLine::first_of(Keys::const_reference entry) {
    const auto& [key, waiting] = entry;
    return {{waiting.turn, *waiting.calls.begin()}, key};
}

CallLine::End CallLine::last_of(Keys::const_reference entry) {
    const auto& [key, waiting] = entry;
    return {{waiting.turn + waiting.calls.size() - 1, *waiting.calls.rbegin()}, key};
}

void CallLine::withdraw(Keys::const_reference entry) {
    firsts_.erase(first_of(entry));
    lasts_.erase(last_of(entry));
    taking_turns_ -= entry.second.calls.size();
}

void CallLine::enter(Keys::iterator entry) {
    if (entry->second.calls.empty()) {
        keys_.erase(entry);
        return;
    }
    firsts_.insert(first_of(*entry));
    lasts_.insert(last_of(*entry));
    taking_turns_ += entry->second.calls.size();
}

void CallLine::join(Ticket ticket, std::uint64_t key, std::uint64_t turn_now) {
    const auto [entry, is_new] = keys_.try_emplace(key);
    if (is_new) {
        // Not the turn that is being served: whoever comes one by one, but again and again, would have that for ever.
        entry->second.turn = turn_now + 1;
    } else {
        withdraw(*entry);
    }
    entry->second.calls.insert(ticket);
    enter(entry);
}

void CallLine::leave(Ticket ticket, std::uint64_t key) {
    if (front_.erase(ticket) > 0) {
        return;
    }
    const auto entry = keys_.find(key);
    withdraw(*entry);
    entry->second.calls.erase(ticket);
    enter(entry);
}

CallLine::Waiting CallLine::begin_first() {
    if (!front_.empty()) {
        return {0, front_.extract(front_.begin()).value()};
    }
    const End first = *firsts_.begin();
    const auto entry = keys_.find(first.key);
    withdraw(*entry);
    entry->second.calls.erase(first.call.ticket);
    ++entry->second.turn;
    enter(entry);
    return first.call;
}

CallLine::Waiting CallLine::first() const {
    return front_.empty() ? firsts_.begin()->call : Waiting{0, *front_.begin()};
}

CallLine::Waiting CallLine::last() const {
    return lasts_.empty() ? Waiting{0, *front_.rbegin()} : lasts_.rbegin()->call;
}

}  // namespace arngate::sts
