#include "core/sts/call_source.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace arngate::sts {
namespace {

constexpr std::size_t id_length = 20;
constexpr std::size_t first_digit = 4;
constexpr std::size_t account_digits = 9;  ///< 45 bits, of which the account takes the 2nd to the 41st
constexpr std::uint64_t largest_account = 999'999'999'999;

/// Spreads numbers that differ by a secret (the finalizer of SplitMix64).
std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

std::uint64_t hash(std::string_view text, std::uint64_t seed) {
    std::uint64_t value = mix(seed ^ text.size());
    while (!text.empty()) {
        std::uint64_t piece = 0;
        const std::size_t size = std::min(text.size(), sizeof(piece));
        std::memcpy(&piece, text.data(), size);
        value = mix(value ^ piece);
        text.remove_prefix(size);
    }
    return value;
}

}  // namespace

std::optional<std::uint64_t> account_of(std::string_view access_key_id) {
    if (access_key_id.size() != id_length) {
        return std::nullopt;
    }
    std::uint64_t bits = 0;
    for (const char c : access_key_id.substr(first_digit, account_digits)) {
        unsigned digit = 0;
        if (c >= 'A' && c <= 'Z') {
            digit = static_cast<unsigned>(c - 'A');
        } else if (c >= '2' && c <= '7') {
            digit = static_cast<unsigned>(c - '2') + 26U;
        } else {
            return std::nullopt;
        }
        bits = bits << 5U | digit;
    }
    const bool is_new_form = (bits >> 44U) == 1;
    const std::uint64_t account = (bits >> 4U) & 0xff'ffff'ffffU;
    if (!is_new_form || account > largest_account) {
        return std::nullopt;
    }
    return account;
}

CallSource source_of(const ClaimedCredentials& claimed, std::uint64_t seed) {
    CallSource source;
    source.key = hash(claimed.session_token, hash(claimed.access_key_id, seed));
    const auto account = account_of(claimed.access_key_id);
    source.account = account ? mix(mix(seed) ^ *account) : source.key;
    return source;
}

}  // namespace arngate::sts
