#include "core/identity/token_hasher.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace arngate::identity {
namespace {

TEST(TokenHasher, IsAFunctionOfTheWholeText) {
    const TokenHasher hasher;
    const std::string text(5000, 'a');
    const auto hash = hasher(text);
    EXPECT_EQ(hasher(text), hash);
    for (const std::size_t at : {std::size_t{0}, std::size_t{63}, std::size_t{64}, text.size() - 1}) {
        std::string other = text;
        other[at] = 'b';
        EXPECT_NE(hasher(other), hash) << at;
    }
    EXPECT_NE(hasher(text.substr(1)), hash);
    EXPECT_NE(hasher(""), hasher(std::string(1, '\0')));
}

TEST(TokenHasher, HasAKeyOfItsOwn) {
    const TokenHasher one;
    const TokenHasher two;
    const auto first = one("token");
    EXPECT_NE(two("token"), first);
    EXPECT_EQ(one("token"), first) << "the thread's context was keyed for the other in between";
}

TEST(TokenHasher, GivesAllThreadsTheSame) {
    const TokenHasher hasher;
    const auto expected = hasher("token");
    std::vector<std::array<unsigned char, 32>> hashes(4);
    {
        std::vector<std::jthread> threads;
        for (auto& hash : hashes) {
            threads.emplace_back([&hasher, &hash] {
                for (int i = 0; i < 100; ++i) {
                    hash = hasher("token");
                }
            });
        }
    }
    for (const auto& hash : hashes) {
        EXPECT_EQ(hash, expected);
    }
}

}  // namespace
}  // namespace arngate::identity
