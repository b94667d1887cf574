#include "bench/arngate-bench/token_pool.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace arngate::bench {
namespace {

TokenPoolOptions options() {
    TokenPoolOptions made;
    made.keys.resize(1);
    made.keys[0].access_key_id = "AKIAIOSFODNN7EXAMPLE";
    made.keys[0].secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    made.cluster_id = "test-cluster";
    made.region = "us-east-1";
    made.count = 50;
    return made;
}

const WallTime now{std::chrono::seconds(1'767'323'045)};

TEST(TokenPool, GivesNoTokenTwiceAndThenRunsOut) {
    auto asked = options();
    asked.population = Population::all_new;
    const auto pool = TokenPool::make(asked, now);
    ASSERT_TRUE(pool) << pool.error();
    Random random(1);
    std::set<std::string> bodies;
    while (const auto review = (*pool)->draw(random)) {
        bodies.emplace(review->body);
    }
    EXPECT_EQ(bodies.size(), 50U);
}

TEST(TokenPool, MixesKinds) {
    auto asked = options();
    asked.mix = *parse_mix("valid=1,bad-signature=1,junk=1,prefix=1");
    const auto pool = TokenPool::make(asked, now);
    ASSERT_TRUE(pool) << pool.error();
    Random random(1);
    std::set<TokenKind> kinds;
    for (int draw = 0; draw < 200; ++draw) {
        kinds.insert((*pool)->draw(random)->kind);
    }
    EXPECT_EQ(kinds.size(), token_kinds);
}

TEST(TokenPool, RefusesMoreTokensThanKeysMake) {
    auto asked = options();
    asked.count = 900 * TokenPool::max_age_seconds + 1;
    EXPECT_FALSE(TokenPool::make(asked, now));
    asked.count = 1;
    asked.keys.clear();
    EXPECT_FALSE(TokenPool::make(asked, now));
    asked.mix = *parse_mix("junk=1");
    EXPECT_TRUE(TokenPool::make(asked, now));
}

TEST(TokenPool, RefusesMixesThatAreNone) {
    for (const char* const text :
         {"", "valid", "valid=", "valid=0", "valid=-1", "valid=nan", "valid=1,valid=2", "good=1", "junk=1x"}) {
        EXPECT_FALSE(parse_mix(text)) << text;
    }
}

}  // namespace
}  // namespace arngate::bench
