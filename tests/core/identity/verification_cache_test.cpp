#include "core/identity/verification_cache.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace arngate::identity {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const sts::CallerIdentity> identity(std::string_view name, std::size_t size = 0) {
    auto result = std::make_shared<sts::CallerIdentity>();
    result->user_id = name;
    result->arn = std::string(size, 'a');
    return result;
}

class VerificationCacheTest : public testing::Test {
protected:
    std::unique_ptr<VerificationCache> make(CacheOptions options) {
        return std::make_unique<VerificationCache>(options, metrics);
    }
    /// A cache of one shard.
    std::unique_ptr<VerificationCache> make(std::size_t max_bytes = 1 << 20) {
        CacheOptions options;
        options.max_bytes = max_bytes;
        options.shards = 1;
        return make(options);
    }
    void insert(VerificationCache& cache, std::string_view token, WallTime good_until, std::size_t size = 0) {
        cache.insert(cache.key_of(token), identity(token, size), good_until, clock.steady());
    }
    void insert(VerificationCache& cache, std::string_view token, std::size_t size = 0) {
        insert(cache, token, clock.wall() + 15min, size);
    }
    /// The name of the identity found, or "".
    std::string find(VerificationCache& cache, std::string_view token) {
        const auto found = cache.find(cache.key_of(token), clock.wall(), clock.steady());
        return found ? found->user_id : std::string();
    }
    /// What one entry of this size costs.
    std::size_t cost(std::size_t size = 0) {
        const auto cache = make();
        insert(*cache, "a", size);
        return cache->bytes();
    }

    ManualClock clock;
    MetricsRegistry registry;
    std::shared_ptr<CacheMetrics> metrics = std::make_shared<CacheMetrics>(registry);
};

TEST_F(VerificationCacheTest, ComparesKeysInFull) {
    TokenKey one;
    for (std::size_t i = 0; i < one.bytes.size(); ++i) {
        TokenKey other;
        other.bytes[i] = 1;
        EXPECT_NE(one, other);
    }
    EXPECT_EQ(one, TokenKey{});
    const auto cache = make();
    TokenKey colliding;
    colliding.bytes.back() = 1;
    EXPECT_EQ(TokenKeyHash{}(one), TokenKeyHash{}(colliding));
    cache->insert(one, identity("one"), clock.wall() + 1min, clock.steady());
    EXPECT_EQ(cache->find(colliding, clock.wall(), clock.steady()), nullptr);
}

TEST_F(VerificationCacheTest, FindsWhatWasInserted) {
    const auto cache = make(CacheOptions{});
    EXPECT_EQ(find(*cache, "a"), "");
    insert(*cache, "a");
    insert(*cache, "b");
    EXPECT_EQ(find(*cache, "a"), "a");
    EXPECT_EQ(find(*cache, "b"), "b");
    EXPECT_EQ(find(*cache, "ab"), "");
    EXPECT_EQ(cache->size(), 2U);
    EXPECT_EQ(metrics->hits.value(), 2U);
    EXPECT_EQ(metrics->misses.value(), 2U);
    EXPECT_EQ(metrics->entries.value(), 2.0);
    EXPECT_EQ(metrics->bytes.value(), static_cast<double>(cache->bytes()));
}

TEST_F(VerificationCacheTest, EndsWithTheTtl) {
    const auto cache = make();
    insert(*cache, "a");
    clock.advance(5min - 1s);
    EXPECT_EQ(find(*cache, "a"), "a");
    clock.advance(1s);
    EXPECT_EQ(find(*cache, "a"), "");
    EXPECT_EQ(cache->size(), 0U) << "what has expired goes when it is met";
    EXPECT_EQ(cache->bytes(), 0U);
    EXPECT_EQ(metrics->entries.value(), 0.0);
    EXPECT_EQ(metrics->bytes.value(), 0.0);
    EXPECT_EQ(metrics->evictions.value(), 0U);
}

TEST_F(VerificationCacheTest, EndsWithTheToken) {
    const auto cache = make();
    insert(*cache, "a", clock.wall() + 10s);
    clock.advance(9s);
    EXPECT_EQ(find(*cache, "a"), "a");
    clock.advance(1s);
    EXPECT_EQ(find(*cache, "a"), "");
}

TEST_F(VerificationCacheTest, FindsNothingBeforeTheTokenIsGood) {
    const auto cache = make();
    const auto key = cache->key_of("a");
    const WallTime from = clock.wall() - 10s;
    cache->insert(key, identity("a"), clock.wall() + 10s, clock.steady(), from);
    EXPECT_NE(cache->find(key, from, clock.steady()), nullptr);
    EXPECT_EQ(cache->find(key, from - 1ns, clock.steady()), nullptr);
    EXPECT_EQ(cache->find(key, from, clock.steady()), nullptr) << "gone for good";
}

TEST_F(VerificationCacheTest, AFindDoesNotProlong) {
    const auto cache = make();
    insert(*cache, "a");
    for (int i = 0; i < 4; ++i) {
        clock.advance(1min);
        EXPECT_EQ(find(*cache, "a"), "a");
    }
    clock.advance(1min);
    EXPECT_EQ(find(*cache, "a"), "");
}

TEST_F(VerificationCacheTest, FollowsASetWallClock) {
    const auto cache = make();
    insert(*cache, "a", clock.wall() + 10s);
    clock.set_wall(clock.wall() + 10s);
    EXPECT_EQ(find(*cache, "a"), "");
}

TEST_F(VerificationCacheTest, KeepsNothingWithoutTtl) {
    CacheOptions options;
    options.ttl = 0s;
    const auto cache = make(options);
    insert(*cache, "a");
    EXPECT_EQ(find(*cache, "a"), "");
    options.ttl = std::chrono::seconds::max();
    const auto longest = make(options);
    insert(*longest, "a");
    EXPECT_EQ(find(*longest, "a"), "a");
}

TEST_F(VerificationCacheTest, EvictsTheLeastLatelyUsed) {
    const auto cache = make(3 * cost());
    insert(*cache, "a");
    insert(*cache, "b");
    insert(*cache, "c");
    EXPECT_EQ(cache->size(), 3U);
    EXPECT_EQ(find(*cache, "a"), "a");
    insert(*cache, "d");
    EXPECT_EQ(find(*cache, "b"), "");
    EXPECT_EQ(find(*cache, "a"), "a");
    EXPECT_EQ(find(*cache, "c"), "c");
    EXPECT_EQ(find(*cache, "d"), "d");
    EXPECT_EQ(metrics->evictions.value(), 1U);
    insert(*cache, "e");
    EXPECT_EQ(find(*cache, "a"), "") << "used before c and d";
}

TEST_F(VerificationCacheTest, NeverHoldsMoreThanItsBytes) {
    const std::size_t bound = 2 * cost() + cost(1000);
    const auto cache = make(bound);
    for (int i = 0; i < 100; ++i) {
        insert(*cache, std::to_string(i), i % 3 == 0 ? 1000U : 0U);
        EXPECT_LE(cache->bytes(), bound);
        EXPECT_GE(cache->size(), 1U);
        EXPECT_EQ(metrics->bytes.value(), static_cast<double>(cache->bytes()));
        EXPECT_EQ(metrics->entries.value(), static_cast<double>(cache->size()));
    }
}

TEST_F(VerificationCacheTest, DoesNotEmptyItselfForWhatCannotFit) {
    const auto exact = make(cost(1000));
    insert(*exact, "a", 1000);
    EXPECT_EQ(find(*exact, "a"), "a");
    const auto cache = make(cost(1000) - 1);
    insert(*cache, "b");
    insert(*cache, "a", 1000);
    EXPECT_EQ(find(*cache, "a"), "");
    EXPECT_EQ(find(*cache, "b"), "b");
}

TEST_F(VerificationCacheTest, ReplacesTheIdentityOfAKey) {
    const auto cache = make();
    const TokenKey key = cache->key_of("a");
    insert(*cache, "a", 1000);
    cache->insert(key, identity("second"), clock.wall() + 15min, clock.steady());
    EXPECT_EQ(find(*cache, "a"), "second");
    EXPECT_EQ(cache->size(), 1U);
    EXPECT_EQ(cache->bytes(), cost());
    EXPECT_EQ(metrics->entries.value(), 1.0);
    EXPECT_EQ(metrics->evictions.value(), 0U);
}

TEST_F(VerificationCacheTest, IgnoresAMissingIdentity) {
    const auto cache = make();
    cache->insert(cache->key_of("a"), nullptr, clock.wall() + 15min, clock.steady());
    EXPECT_EQ(cache->size(), 0U);
}

TEST_F(VerificationCacheTest, CanBeOff) {
    CacheOptions options;
    options.enabled = false;
    const auto cache = make(options);
    insert(*cache, "a");
    EXPECT_EQ(find(*cache, "a"), "");
    EXPECT_EQ(cache->size(), 0U);
    EXPECT_EQ(cache->key_of("a"), cache->key_of("a")) << "keys are of use all the same";
}

TEST_F(VerificationCacheTest, WorksWithNoShardsAskedFor) {
    CacheOptions options;
    options.shards = 0;
    const auto cache = make(options);
    insert(*cache, "a");
    EXPECT_EQ(find(*cache, "a"), "a");
}

TEST_F(VerificationCacheTest, GivesTheGaugesBack) {
    {
        const auto cache = make();
        insert(*cache, "a");
        cache->clear();
        EXPECT_EQ(cache->size(), 0U);
        EXPECT_EQ(metrics->entries.value(), 0.0);
        insert(*cache, "b");
    }
    EXPECT_EQ(metrics->entries.value(), 0.0);
    EXPECT_EQ(metrics->bytes.value(), 0.0);
}

TEST_F(VerificationCacheTest, AnIdentityOutlivesItsEntry) {
    const auto cache = make();
    insert(*cache, "a");
    const auto found = cache->find(cache->key_of("a"), clock.wall(), clock.steady());
    cache->clear();
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->user_id, "a");
}

TEST_F(VerificationCacheTest, KeepsWhatIsStaleToTheEndOfItsToken) {
    CacheOptions options;
    options.keep_stale = true;
    const auto cache = make(options);
    const TokenKey key = cache->key_of("a");
    insert(*cache, "a");
    clock.advance(5min);
    EXPECT_EQ(find(*cache, "a"), "") << "it is not fresh";
    EXPECT_EQ(cache->peek(key, clock.wall(), clock.steady()), nullptr);
    ASSERT_NE(cache->find_stale(key, clock.wall()), nullptr);
    clock.advance(10min - 1s);
    EXPECT_EQ(cache->find_stale(key, clock.wall())->user_id, "a");
    clock.advance(1s);
    EXPECT_EQ(cache->find_stale(key, clock.wall()), nullptr);
    EXPECT_EQ(cache->size(), 0U);
    EXPECT_EQ(metrics->bytes.value(), 0);
}

TEST_F(VerificationCacheTest, KeepsNothingStaleUnlessAskedTo) {
    const auto cache = make();
    insert(*cache, "a");
    EXPECT_EQ(cache->find_stale(cache->key_of("a"), clock.wall()), nullptr) << "not even what is fresh";
    clock.advance(5min);
    EXPECT_EQ(find(*cache, "a"), "");
    EXPECT_EQ(cache->size(), 0U);
}

TEST_F(VerificationCacheTest, RefreshesWhatWasStale) {
    CacheOptions options;
    options.keep_stale = true;
    const auto cache = make(options);
    insert(*cache, "a");
    clock.advance(6min);
    EXPECT_EQ(find(*cache, "a"), "");
    insert(*cache, "a", clock.wall() + 9min);
    EXPECT_EQ(find(*cache, "a"), "a");
    EXPECT_EQ(cache->size(), 1U);
}

TEST_F(VerificationCacheTest, ForgetsWhatIsRemoved) {
    const auto cache = make();
    insert(*cache, "a");
    insert(*cache, "b");
    cache->remove(cache->key_of("a"));
    cache->remove(cache->key_of("never there"));
    EXPECT_EQ(find(*cache, "a"), "");
    EXPECT_EQ(find(*cache, "b"), "b");
    EXPECT_EQ(metrics->entries.value(), 1);
    EXPECT_EQ(metrics->bytes.value(), static_cast<double>(cache->bytes()));
}

TEST_F(VerificationCacheTest, PeeksWithoutCounting) {
    const auto cache = make();
    insert(*cache, "a");
    EXPECT_NE(cache->peek(cache->key_of("a"), clock.wall(), clock.steady()), nullptr);
    EXPECT_EQ(cache->peek(cache->key_of("b"), clock.wall(), clock.steady()), nullptr);
    EXPECT_EQ(metrics->hits.value() + metrics->misses.value(), 0U);
}

TEST_F(VerificationCacheTest, MayBeUsedByManyThreads) {
    CacheOptions options;
    options.max_bytes = 20 * cost();
    options.shards = 2;
    const auto cache = make(options);
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 2000; ++i) {
                    const std::string token = std::to_string((i * (thread + 1)) % 40);
                    const auto found = cache->find(cache->key_of(token), clock.wall(), clock.steady());
                    if (found) {
                        EXPECT_EQ(found->user_id, token);
                    } else {
                        insert(*cache, token);
                    }
                    if (i % 500 == 0) {
                        cache->clear();
                    }
                    EXPECT_LE(cache->bytes(), options.max_bytes);
                }
            });
        }
    }
    EXPECT_EQ(metrics->hits.value() + metrics->misses.value(), 8000U);
    EXPECT_EQ(metrics->entries.value(), static_cast<double>(cache->size()));
    EXPECT_EQ(metrics->bytes.value(), static_cast<double>(cache->bytes()));
}

}  // namespace
}  // namespace arngate::identity
