#include "core/ec2/name_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::ec2 {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start{1h};

NameCacheOptions small() {
    return {.max_instances = 2, .max_unknown = 2, .ttl = 100s, .unknown_ttl = 10s};
}

Instance instance(const std::string& id, const std::string& name = "ip-10-0-0-1.ec2.internal") {
    return {.id = id, .private_dns_name = name, .owner_account = "123456789012"};
}

TEST(NameCache, KeepsNamesForTheirTime) {
    NameCache cache(small());
    EXPECT_FALSE(cache.find("i-1", start));
    cache.insert(instance("i-1"), start);
    const auto known = cache.find("i-1", start + 99s);
    ASSERT_TRUE(known && known->instance);
    EXPECT_EQ(*known->instance, instance("i-1"));
    EXPECT_FALSE(cache.find("i-1", start + 100s));
}

TEST(NameCache, KeepsWhatIsUnknownForAShortTime) {
    NameCache cache(small());
    cache.insert_unknown("i-1", start);
    const auto known = cache.find("i-1", start + 9s);
    ASSERT_TRUE(known);
    EXPECT_FALSE(known->instance);
    EXPECT_FALSE(cache.find("i-1", start + 10s));
}

TEST(NameCache, DoesNotKeepAnInstanceWithoutAName) {
    NameCache cache(small());
    cache.insert(instance("i-1", ""), start);
    EXPECT_FALSE(cache.find("i-1", start));
    EXPECT_EQ(cache.instances(), 0U);
}

TEST(NameCache, TheOldestGoesFirst) {
    NameCache cache(small());
    cache.insert(instance("i-1"), start);
    cache.insert(instance("i-2"), start + 1s);
    cache.insert(instance("i-1"), start + 2s);
    cache.insert(instance("i-3"), start + 3s);
    EXPECT_EQ(cache.instances(), 2U);
    EXPECT_TRUE(cache.find("i-1", start + 3s));
    EXPECT_FALSE(cache.find("i-2", start + 3s));
    EXPECT_TRUE(cache.find("i-3", start + 3s));
}

TEST(NameCache, UnknownIdsPushNoNameOut) {
    NameCache cache(small());
    cache.insert(instance("i-1"), start);
    for (int i = 0; i < 100; ++i) {
        cache.insert_unknown("i-x" + std::to_string(i), start);
    }
    EXPECT_TRUE(cache.find("i-1", start)->instance);
    EXPECT_FALSE(cache.find("i-x97", start));
    EXPECT_TRUE(cache.find("i-x98", start));
    EXPECT_TRUE(cache.find("i-x99", start));
}

TEST(NameCache, TheLastWordCounts) {
    NameCache cache(small());
    cache.insert_unknown("i-1", start);
    cache.insert(instance("i-1"), start);
    EXPECT_TRUE(cache.find("i-1", start)->instance);
    cache.insert_unknown("i-1", start);
    EXPECT_FALSE(cache.find("i-1", start)->instance);
    cache.insert(instance("i-1", ""), start);
    EXPECT_FALSE(cache.find("i-1", start));
}

TEST(NameCache, MayBeOfNoSize) {
    NameCache cache({.max_instances = 0, .max_unknown = 0, .ttl = 1s, .unknown_ttl = 1s});
    cache.insert(instance("i-1"), start);
    cache.insert_unknown("i-2", start);
    EXPECT_FALSE(cache.find("i-1", start));
    EXPECT_FALSE(cache.find("i-2", start));
}

}  // namespace
}  // namespace arngate::ec2
