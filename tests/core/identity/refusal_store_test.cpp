#include "core/identity/refusal_store.hpp"

#include "core/identity/token_hasher.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace arngate::identity {
namespace {

using namespace std::chrono_literals;

class RefusalStoreTest : public testing::Test {
protected:
    TokenKey key(int number) { return {hasher(std::to_string(number))}; }
    static Error denied(std::string detail = "STS answered 403") { return {Reason::sts_denied, std::move(detail)}; }
    std::uint64_t count(const char* name) { return registry.counter(name, "").value(); }
    double entries() { return registry.gauge("arngate_refusals_entries", "").value(); }

    TokenHasher hasher;
    ManualClock clock;
    MetricsRegistry registry;
};

TEST_F(RefusalStoreTest, FindsWhatWasSaidForAWhile) {
    RefusalStore store({.ttl = 20s}, registry);
    EXPECT_FALSE(store.find(key(1), clock.steady()));
    store.insert(key(1), denied(), clock.steady());
    clock.advance(19s);
    const auto found = store.find(key(1), clock.steady());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->reason, Reason::sts_denied);
    EXPECT_EQ(found->detail, "STS answered 403");
    EXPECT_FALSE(store.find(key(2), clock.steady()));
    clock.advance(1s);
    EXPECT_FALSE(store.find(key(1), clock.steady()));
    EXPECT_EQ(store.size(), 0U);
    EXPECT_EQ(entries(), 0);
    EXPECT_EQ(count("arngate_refusals_reused_total"), 1U);
}

TEST_F(RefusalStoreTest, HoldsNoMoreThanItsBytesAndForgetsTheOldest) {
    RefusalStore store({.max_bytes = 16 * 1024}, registry);
    for (int i = 0; i < 10'000; ++i) {
        store.insert(key(i), denied(), clock.steady());
    }
    EXPECT_GT(store.size(), 8U);
    EXPECT_LT(store.size(), 16U * 1024 / sizeof(TokenKey));
    EXPECT_EQ(count("arngate_refusals_evictions_total"), 10'000U - store.size());
    EXPECT_TRUE(store.find(key(9'999), clock.steady()));
    EXPECT_FALSE(store.find(key(0), clock.steady()));
    EXPECT_EQ(entries(), static_cast<double>(store.size()));
}

TEST_F(RefusalStoreTest, CountsTheTextOfARefusal) {
    RefusalStore store({.max_bytes = 16 * 1024}, registry);
    store.insert(key(1), denied(std::string(2 * 1024, 'x')), clock.steady());
    EXPECT_EQ(store.size(), 0U) << "larger than a shard";
}

TEST_F(RefusalStoreTest, ReplacesARefusalAndDropsWhatHasEnded) {
    RefusalStore store({.ttl = 20s}, registry);
    for (int i = 0; i < 100; ++i) {
        store.insert(key(i), denied("first"), clock.steady());
    }
    store.insert(key(1), denied("second"), clock.steady());
    EXPECT_EQ(store.size(), 100U);
    EXPECT_EQ(store.find(key(1), clock.steady())->detail, "second");
    clock.advance(20s);
    for (int i = 200; i < 400; ++i) {
        store.insert(key(i), denied(), clock.steady());
    }
    EXPECT_EQ(store.size(), 200U);
    EXPECT_EQ(count("arngate_refusals_evictions_total"), 0U);
    EXPECT_EQ(entries(), 200);
}

TEST_F(RefusalStoreTest, CanBeOff) {
    RefusalStore store({.max_bytes = 0}, registry);
    store.insert(key(1), denied(), clock.steady());
    EXPECT_FALSE(store.find(key(1), clock.steady()));
    RefusalStore brief({.ttl = 0ms}, registry);
    brief.insert(key(1), denied(), clock.steady());
    EXPECT_FALSE(brief.find(key(1), clock.steady()));
}

TEST_F(RefusalStoreTest, MayBeUsedByManyThreads) {
    RefusalStore store({.max_bytes = 64 * 1024}, registry);
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) {
                    if (const auto found = store.find(key(i % 300), clock.steady())) {
                        EXPECT_EQ(found->detail, "STS answered 403");
                    } else {
                        store.insert(key(i % 300), denied(), clock.steady());
                    }
                }
            });
        }
    }
    EXPECT_EQ(entries(), static_cast<double>(store.size()));
}

}  // namespace
}  // namespace arngate::identity
