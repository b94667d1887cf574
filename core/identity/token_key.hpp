#pragma once

#include <array>
#include <cstddef>
#include <cstring>

namespace arngate::identity {

/// A keyed 256-bit hash of a whole token. Compared in full; tells nothing about the token without the process's key.
struct TokenKey {
    std::array<unsigned char, 32> bytes{};
    bool operator==(const TokenKey&) const = default;
};

/// The first bytes of a key: keyed already, so no peer can choose where it goes.
struct TokenKeyHash {
    [[nodiscard]] std::size_t operator()(const TokenKey& key) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, key.bytes.data(), sizeof(hash));
        return hash;
    }
};

/// Which of `shards` parts of a container a key belongs to: by bytes that TokenKeyHash does not use, so that the keys
/// of a part spread over all its buckets.
[[nodiscard]] inline std::size_t shard_index(const TokenKey& key, std::size_t shards) noexcept {
    std::size_t choice = 0;
    std::memcpy(&choice, key.bytes.data() + sizeof(std::size_t), sizeof(choice));
    return choice % shards;
}

}  // namespace arngate::identity
