#include "core/token/mint.hpp"

#include "core/token/presigned_url.hpp"
#include "tests/core/token/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::token {
namespace {

using namespace std::chrono_literals;

aws::Credentials credentials() {
    aws::Credentials out;
    out.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    out.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    out.session_token = Secret("a/b+c=");
    return out;
}

MintRequest request() {
    MintRequest out;
    out.cluster_id = "my-cluster";
    out.region = "us-east-1";
    return out;
}

std::string url_of(const MintedToken& minted) {
    const std::string_view encoded = minted.token.expose().substr(token_prefix.size());
    std::string url(text::base64url_decoded_size(encoded.size()), '\0');
    EXPECT_EQ(text::base64url_decode(encoded, url.data()), url.size());
    return url;
}

std::string query_of(const MintedToken& minted) {
    const std::string url = url_of(minted);
    return url.substr(url.find('?') + 1);
}

/// The signature stands last in what is minted and in its place in what is sent.
std::vector<std::string> sorted_pieces(std::string_view query) {
    const auto pieces = text::split(query, '&');
    std::vector<std::string> out(pieces.begin(), pieces.end());
    std::ranges::sort(out);
    return out;
}

TEST(Mint, MakesATokenThatIsAccepted) {
    const WallTime now = sample::at(sample::date) + 999ms;
    const auto minted = mint(request(), credentials(), now);
    ASSERT_TRUE(minted.has_value()) << minted.error();
    EXPECT_EQ(minted->expires_at, sample::at(sample::date) + 14min);
    const auto parsed = PresignedUrl::parse(minted->token.expose(), sample::rules(), now);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->host().name, "sts.us-east-1.amazonaws.com");
    EXPECT_EQ(parsed->access_key_id(), "AKIAIOSFODNN7EXAMPLE");
    const Secret target = parsed->request_target();
    EXPECT_EQ(sorted_pieces(target.expose().substr(2)), sorted_pieces(query_of(*minted)));
}

TEST(Mint, UsesTheHostOfTheVariant) {
    MintRequest wanted = request();
    wanted.variant = aws::EndpointVariant::fips_dual_stack;
    const auto minted = mint(wanted, credentials(), sample::at(sample::date));
    ASSERT_TRUE(minted.has_value());
    EXPECT_TRUE(url_of(*minted).starts_with("https://sts-fips.us-east-1.api.aws/?Action="));
}

TEST(Mint, UsesTheEndpointHostWhenGiven) {
    MintRequest wanted = request();
    wanted.endpoint_host = "localhost:4566";
    const auto minted = mint(wanted, credentials(), sample::at(sample::date));
    ASSERT_TRUE(minted.has_value());
    EXPECT_TRUE(url_of(*minted).starts_with("https://localhost:4566/?Action="));
}

TEST(Mint, SignsTheGlobalEndpointForUsEast1) {
    MintRequest wanted = request();
    wanted.region = "aws-global";
    const auto minted = mint(wanted, credentials(), sample::at(sample::date));
    ASSERT_TRUE(minted.has_value());
    const std::string url = url_of(*minted);
    EXPECT_TRUE(url.starts_with("https://sts.amazonaws.com/?"));
    EXPECT_NE(url.find("%2Fus-east-1%2Fsts%2Faws4_request"), std::string::npos);
}

TEST(Mint, LeavesOutAnEmptySessionToken) {
    aws::Credentials keys = credentials();
    keys.session_token = Secret();
    const auto minted = mint(request(), keys, sample::at(sample::date));
    ASSERT_TRUE(minted.has_value());
    EXPECT_EQ(url_of(*minted).find("Security-Token"), std::string::npos);
}

TEST(Mint, RefusesWhatNoServerWouldAccept) {
    const WallTime now = sample::at(sample::date);
    for (const std::string& id :
         {std::string(), std::string("  "), std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f")}) {
        MintRequest wanted = request();
        wanted.cluster_id = id;
        EXPECT_FALSE(mint(wanted, credentials(), now).has_value()) << id;
    }
    for (const std::string& region : {std::string(), std::string("a.b"), std::string("x/"), std::string("-a")}) {
        MintRequest wanted = request();
        wanted.region = region;
        EXPECT_FALSE(mint(wanted, credentials(), now).has_value()) << region;
    }
    for (const std::string& host :
         {std::string("a/b"), std::string("u@h"), std::string("a b"), std::string("a\r\n"), std::string("a?b")}) {
        MintRequest wanted = request();
        wanted.endpoint_host = host;
        EXPECT_FALSE(mint(wanted, credentials(), now).has_value()) << host;
    }
    aws::Credentials no_id = credentials();
    no_id.access_key_id.clear();
    EXPECT_FALSE(mint(request(), no_id, now).has_value());
    aws::Credentials no_key = credentials();
    no_key.secret_access_key = Secret();
    EXPECT_FALSE(mint(request(), no_key, now).has_value());
}

TEST(Mint, EndsWithTheCredentials) {
    const WallTime now = sample::at(sample::date);
    struct Case {
        std::chrono::seconds left;
        std::chrono::seconds told;
    };
    for (const Case& c :
         {Case{.left = 24h, .told = 14min},
          Case{.left = 15min, .told = 14min},
          Case{.left = 15min - 1s, .told = 14min - 1s},
          Case{.left = 5min, .told = 4min},
          Case{.left = 61s, .told = 1s},
          Case{.left = 60s, .told = 60s},
          Case{.left = 1s, .told = 1s}}) {
        aws::Credentials temporary = credentials();
        temporary.expires_at = now + c.left;
        const auto minted = mint(request(), temporary, now);
        ASSERT_TRUE(minted.has_value());
        EXPECT_EQ(minted->expires_at, now + c.told) << c.left.count();
    }
    MintRequest without_margin = request();
    without_margin.expiry_margin = 0s;
    aws::Credentials temporary = credentials();
    temporary.expires_at = now + 5min + 999ms;
    EXPECT_EQ(mint(without_margin, temporary, now)->expires_at, now + 5min);
}

}  // namespace
}  // namespace arngate::token
