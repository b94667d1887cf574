#include "bench/arngate-bench/token_pool.hpp"

#include "core/aws/credentials.hpp"
#include "core/base/secret.hpp"
#include "core/base/text.hpp"
#include "core/token/mint.hpp"
#include "core/token/presigned_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numeric>

namespace arngate::bench {
namespace {

constexpr std::array<std::string_view, token_kinds> kind_names{"valid", "bad-signature", "junk", "prefix"};
constexpr std::size_t signature_digits = 64;
constexpr std::size_t max_signed_expires = 900;

std::string random_bytes_of(std::size_t size, Random& random) {
    std::string bytes(size, '\0');
    std::ranges::generate(bytes, [&random] { return static_cast<char>(random() & 0xFFU); });
    return bytes;
}

std::string body_with(std::string_view token) {
    return fmt::format(
        R"({{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{{"creationTimestamp":null}},)"
        R"("spec":{{"token":"{}","audiences":["https://kubernetes.default.svc"]}},"status":{{"user":{{}}}}}})",
        token
    );
}

aws::Credentials credentials_of(const fake_sts::Key& key) {
    return {
        .access_key_id = key.access_key_id,
        .secret_access_key = Secret(key.secret_access_key),
        .session_token = Secret(key.session_token),
        .expires_at = std::nullopt,
        .source = "keys file"
    };
}

// The presigned URL ends in the signature; `mint` puts nothing behind it.
std::string with_random_signature(std::string_view token, Random& random) {
    const std::string_view encoded = token.substr(token::token_prefix.size());
    std::string url(text::base64url_decoded_size(encoded.size()), '\0');
    static_cast<void>(text::base64url_decode(encoded, url.data()));
    const std::string digits = text::hex(random_bytes_of(signature_digits / 2, random));
    url.replace(url.size() - signature_digits, signature_digits, digits);
    return std::string(token::token_prefix) + text::base64url_encode(url);
}

/// Makes the signed tokens, each of them once.
class Minting {
public:
    Minting(const TokenPoolOptions& options, WallTime now) : options_(options), now_(now) {
        for (const fake_sts::Key& key : options.keys) {
            credentials_.push_back(credentials_of(key));
        }
    }

    [[nodiscard]] std::size_t possible() const noexcept {
        return credentials_.size() * max_signed_expires * TokenPool::max_age_seconds;
    }

    [[nodiscard]] std::expected<token::MintedToken, std::string> next() {
        const std::size_t number = made_++;
        const std::size_t variant = number / credentials_.size();
        token::MintRequest request{.cluster_id = options_.cluster_id, .region = options_.region};
        request.signed_expires = std::chrono::seconds(variant % max_signed_expires + 1);
        const auto age = std::chrono::seconds(variant / max_signed_expires);
        return token::mint(request, credentials_[number % credentials_.size()], now_ - age);
    }

private:
    const TokenPoolOptions& options_;
    WallTime now_;
    std::vector<aws::Credentials> credentials_;
    std::size_t made_ = 0;
};

std::expected<std::string, std::string> make_body(TokenKind kind, Minting& minting, Random& random) {
    if (kind == TokenKind::junk) {
        return body_with(std::string(token::token_prefix) + text::base64url_encode(random_bytes_of(400, random)));
    }
    if (kind == TokenKind::other_prefix) {
        return body_with(fmt::format(
            "eyJhbGciOiJSUzI1NiJ9.{}.{}",
            text::base64url_encode(random_bytes_of(300, random)),
            text::base64url_encode(random_bytes_of(256, random))
        ));
    }
    const auto minted = minting.next();
    if (!minted) {
        return std::unexpected(minted.error());
    }
    const std::string_view token = minted->token.expose();
    return body_with(kind == TokenKind::valid ? std::string(token) : with_random_signature(token, random));
}

// How many of a kind a pool of `count` needs. Kinds are drawn by chance, so where tokens may not be used twice there is
// a margin of six standard deviations.
std::size_t needed(const TokenPoolOptions& options, double share) {
    if (share <= 0) {
        return 0;
    }
    const auto count = static_cast<double>(options.count);
    double wanted = std::ceil(count * share);
    if (options.population == Population::all_new && share < 1) {
        wanted += std::ceil(6 * std::sqrt(count * share * (1 - share)));
    }
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::min(wanted, count)));
}

}  // namespace

std::string_view name_of(TokenKind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::expected<TokenMix, std::string> parse_mix(std::string_view text) {
    TokenMix mix{};
    for (const std::string_view part : text::split(text, ',')) {
        const auto equals = part.find('=');
        const auto* const kind = std::ranges::find(kind_names, part.substr(0, equals));
        if (equals == std::string_view::npos || kind == kind_names.end()) {
            return std::unexpected("a mix is KIND=SHARE,… with the kinds valid, bad-signature, junk and prefix");
        }
        double& share = mix[static_cast<std::size_t>(kind - kind_names.begin())];
        if (share != 0) {
            return std::unexpected(fmt::format("the mix names {} twice", *kind));
        }
        const std::string_view number = part.substr(equals + 1);
        const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), share);
        if (error != std::errc() || rest != number.data() + number.size() || !(share > 0) || share > 1e6) {
            return std::unexpected(fmt::format("the share of {} is not a number above 0", *kind));
        }
    }
    return mix;
}

std::expected<std::unique_ptr<TokenPool>, std::string> TokenPool::make(const TokenPoolOptions& options, WallTime now) {
    const double sum = std::accumulate(options.mix.begin(), options.mix.end(), 0.0);
    if (options.count == 0 || sum <= 0) {
        return std::unexpected("there are no tokens to send");
    }
    std::array<std::size_t, token_kinds> wanted{};
    std::ranges::transform(options.mix, wanted.begin(), [&](double share) { return needed(options, share / sum); });
    const std::size_t to_sign = wanted[0] + wanted[1];
    Minting minting(options, now);
    if (to_sign > 0 && options.keys.empty()) {
        return std::unexpected("signed tokens need keys: give --keys");
    }
    if (to_sign > minting.possible()) {
        return std::unexpected(fmt::format(
            "{} distinct tokens are wanted, but {} key(s) make no more than {}: add keys or use fewer tokens",
            to_sign,
            options.keys.size(),
            minting.possible()
        ));
    }
    Random random(options.seed);
    std::unique_ptr<TokenPool> pool(new TokenPool(options));
    for (std::size_t kind = 0; kind < token_kinds; ++kind) {
        Bodies& bodies = pool->kinds_[kind];
        bodies.all.reserve(wanted[kind]);
        for (std::size_t number = 0; number < wanted[kind]; ++number) {
            auto body = make_body(static_cast<TokenKind>(kind), minting, random);
            if (!body) {
                return std::unexpected(body.error());
            }
            bodies.all.push_back(*std::move(body));
        }
        if (options.population == Population::zipf && !bodies.all.empty()) {
            bodies.zipf.emplace(zipf_weights(bodies.all.size(), options.zipf_exponent));
        }
    }
    return pool;
}

std::optional<std::size_t> TokenPool::place(Bodies& bodies, Random& random) const {
    switch (population_) {
        case Population::one:
            return 0;
        case Population::zipf:
            return bodies.zipf->draw(random);
        case Population::uniform:
            return std::uniform_int_distribution<std::size_t>(0, bodies.all.size() - 1)(random);
        case Population::all_new:
            break;
    }
    const std::size_t next = bodies.next.fetch_add(1, std::memory_order_relaxed);
    return next < bodies.all.size() ? std::optional(next) : std::nullopt;
}

std::optional<DrawnReview> TokenPool::draw(Random& random) {
    const std::size_t kind = kind_of_.draw(random);
    Bodies& bodies = kinds_[kind];
    const auto number = place(bodies, random);
    if (!number) {
        return std::nullopt;
    }
    return DrawnReview{.body = bodies.all[*number], .kind = static_cast<TokenKind>(kind)};
}

std::size_t TokenPool::size() const noexcept {
    return std::accumulate(kinds_.begin(), kinds_.end(), std::size_t{0}, [](std::size_t sum, const Bodies& bodies) {
        return sum + bodies.all.size();
    });
}

}  // namespace arngate::bench
