#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace arngate::sts {

/// Lets the access keys of an account take turns (start-time fair queueing, with a cost of one a call): calls begin by
/// their turn's number, and each call that waits puts its key's next one a turn later. Whoever has many calls waiting
/// has most of them far back. Pure.
class KeyTurns {
public:
    /// The turn of one more call of this key that waits.
    [[nodiscard]] std::uint64_t join(std::uint64_t key) {
        Key& calls = keys_[key];
        calls.last = calls.waiting == 0 ? now_ : std::max(calls.last + 1, now_);
        ++calls.waiting;
        return calls.last;
    }
    /// A call that joined waits no longer.
    void leave(std::uint64_t key) {
        if (const auto found = keys_.find(key); --found->second.waiting == 0) {
            keys_.erase(found);
        }
    }
    /// A call of this turn begins.
    void began(std::uint64_t turn) { now_ = std::max(now_, turn); }

private:
    struct Key {
        std::uint64_t last = 0;  ///< turn of the call that joined last
        std::uint64_t waiting = 0;
    };

    std::uint64_t now_ = 1;
    std::unordered_map<std::uint64_t, Key> keys_;  ///< those with calls that wait
};

}  // namespace arngate::sts
