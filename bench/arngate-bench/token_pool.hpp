#pragma once

#include "bench/arngate-bench/alias_table.hpp"
#include "tests/support/fake_sts/key_table.hpp"

#include "core/base/clock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::bench {

/// What a token is, and so what a right answer to it is.
enum class TokenKind : std::uint8_t {
    valid,          ///< freshly signed: to be granted
    bad_signature,  ///< well-formed, with a random signature: to be refused, at the cost of an STS call
    junk,           ///< the prefix and random bytes
    other_prefix,   ///< looks like a service account's JWT, as kube-apiserver passes on when it cannot verify one
};
inline constexpr std::size_t token_kinds = 4;

[[nodiscard]] std::string_view name_of(TokenKind kind) noexcept;

/// Which token of a pool a request carries.
enum class Population : std::uint8_t {
    uniform,
    zipf,     ///< few tokens make most requests
    all_new,  ///< no token twice; the pool can run out
    one,
};

/// Shares of the kinds of tokens; any scale.
using TokenMix = std::array<double, token_kinds>;

/// "valid=90,bad-signature=5,junk=3,prefix=2"; kinds that are not named have no share. Fails with a text for the user.
[[nodiscard]] std::expected<TokenMix, std::string> parse_mix(std::string_view text);

struct TokenPoolOptions {
    std::vector<fake_sts::Key> keys;  ///< whose tokens; may be empty when the mix has no valid ones
    std::string cluster_id;
    std::string region;
    std::size_t count = 0;  ///< distinct tokens over all kinds
    TokenMix mix{1, 0, 0, 0};
    Population population = Population::uniform;
    double zipf_exponent = 1.0;
    std::uint64_t seed = 0;
};

/// A request's body and what its token is.
struct DrawnReview {
    std::string_view body;
    TokenKind kind = TokenKind::valid;
};

/// TokenReview bodies as kube-apiserver writes them, made before a run so that nothing is signed during it. Immutable
/// but for the counters of `all_new`; threads share it, each with a generator of its own.
class TokenPool {
public:
    /// Tokens differ in X-Amz-Expires and in their age, up to `max_age_seconds`. Fails with a text for the user.
    [[nodiscard]] static std::expected<std::unique_ptr<TokenPool>, std::string> make(
        const TokenPoolOptions& options, WallTime now
    );
    /// Tokens are this old at most when the run begins; STS grants 900 seconds.
    static constexpr std::size_t max_age_seconds = 240;

    /// Nothing: all tokens of the kind that was due are used up (`all_new` only). The view lives as long as the pool.
    [[nodiscard]] std::optional<DrawnReview> draw(Random& random);

    [[nodiscard]] std::size_t size() const noexcept;

private:
    struct Bodies {
        std::vector<std::string> all;
        std::optional<AliasTable> zipf;
        std::atomic<std::size_t> next{0};
    };

    explicit TokenPool(const TokenPoolOptions& options) : population_(options.population), kind_of_(options.mix) {}
    [[nodiscard]] std::optional<std::size_t> place(Bodies& bodies, Random& random) const;

    Population population_;
    AliasTable kind_of_;
    std::array<Bodies, token_kinds> kinds_;
};

}  // namespace arngate::bench
