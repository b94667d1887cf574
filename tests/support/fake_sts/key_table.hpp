#pragma once

#include "tests/support/fake_sts/fault_plan.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace arngate::fake_sts {

/// An answer that stands in a key's entry, word for word.
struct ScriptedAnswer {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
};

/// One pair of keys and the identity that GetCallerIdentity answers for it.
struct Key {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;               ///< empty: a long-lived pair, which must come without a token
    std::optional<std::int64_t> expires_at;  ///< Unix seconds; nothing: it does not expire
    std::string account;
    std::string arn;
    std::string user_id;
    std::optional<ScriptedAnswer> answer{};  ///< given instead of the identity
    std::optional<FaultKind> fault{};        ///< befalls every proper request of this key
};

/// Reads {"keys":[{"access_key_id":…,"secret_access_key":…,"session_token":…,"expires_at":…,"account":…,"arn":…,
/// "user_id":…,"answer":{"status":…,"content_type":…,"body":…},"fault":…}]}. Every member but session_token,
/// expires_at, answer (its parts likewise) and fault is needed; unknown members are refused. The error says what is
/// wrong, without any value.
[[nodiscard]] std::expected<std::vector<Key>, std::string> parse_keys(std::string_view json);

/// The keys that STS knows. Thread-safe.
class KeyTable {
public:
    /// A key of the same id is replaced.
    void add(std::vector<Key> keys);
    /// nullptr if there is no such key.
    [[nodiscard]] std::shared_ptr<const Key> find(std::string_view access_key_id) const;
    [[nodiscard]] std::size_t size() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<const Key>, Hash, std::equal_to<>> keys_;
};

}  // namespace arngate::fake_sts
