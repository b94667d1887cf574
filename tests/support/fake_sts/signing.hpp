#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

/// SigV4 from the verifier's side, written apart from core/aws so that a mistake there is not repeated here.
namespace arngate::fake_sts {

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view bytes);
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view bytes);
[[nodiscard]] std::string to_hex(const Digest& digest);

/// Derived signing keys by (secret, date, region, service): four HMACs saved a request. Bounded; thread-safe.
class SigningKeys {
public:
    [[nodiscard]] Digest get(
        std::string_view secret_access_key,
        std::string_view date,
        std::string_view region,
        std::string_view service = "sts"
    );

private:
    static constexpr std::size_t max_entries_ = 65'536;
    std::shared_mutex mutex_;
    std::unordered_map<std::string, Digest> keys_;
};

}  // namespace arngate::fake_sts
