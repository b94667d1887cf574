#include "core/base/memory.hpp"

#include "core/base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace arngate {
namespace {

TEST(Memory, LosesNothing) {
    const std::string before(100'000, 'x');
    static std::string in_static_storage;
    in_static_storage = "written";
    std::string encoded;
    std::thread other([&encoded] {
        for (int i = 0; i < 100; ++i) {
            encoded = text::base64_encode("still runs");
        }
    });
    release_unused_memory();
    release_unused_memory();
    other.join();
    EXPECT_EQ(before, std::string(100'000, 'x'));
    EXPECT_EQ(in_static_storage, "written");
    EXPECT_EQ(encoded, text::base64_encode("still runs"));
    EXPECT_STREQ(std::to_string(42).c_str(), "42");
}

}  // namespace
}  // namespace arngate
