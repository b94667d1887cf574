#include "core/base/byte_set.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace arngate::text {
namespace {

constexpr ByteSet vowels([](char c) { return std::string_view("aeiou").contains(c); });
constexpr ByteSet high([](char c) { return static_cast<unsigned char>(c) >= 0x80; });

TEST(ByteSet, HoldsWhatItWasMadeOf) {
    for (int value = 0; value < 256; ++value) {
        const char c = static_cast<char>(value);
        EXPECT_EQ(vowels.contains(c), std::string_view("aeiou").contains(c)) << value;
        EXPECT_EQ(high.contains(c), value >= 0x80) << value;
    }
}

TEST(ByteSet, FindsTheEndOfARunWhereverItIs) {
    for (std::size_t size = 0; size < 20; ++size) {
        const std::string run(size, 'e');
        EXPECT_EQ(vowels.run_length(run), size);
        EXPECT_TRUE(vowels.contains_all(run));
        for (std::size_t at = 0; at < size; ++at) {
            std::string text = run;
            text[at] = 'x';
            EXPECT_EQ(vowels.run_length(text), at) << size;
            EXPECT_FALSE(vowels.contains_all(text)) << size << " " << at;
        }
    }
}

TEST(ByteSet, LooksNoFurtherThanTheText) {
    constexpr std::string_view text = "aaaaaaaa";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        EXPECT_EQ(vowels.run_length(text.substr(0, size)), size);
    }
}

}  // namespace
}  // namespace arngate::text
