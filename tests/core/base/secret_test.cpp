#include "core/base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace arngate {
namespace {

// What must not be possible at all.
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<std::string_view, Secret>);

TEST(Secret, HoldsACopyOfItsText) {
    std::string text = "token";
    const Secret secret(text);
    text[0] = 'x';
    EXPECT_EQ(secret.expose(), "token");
    EXPECT_EQ(secret.size(), 5U);
    EXPECT_FALSE(secret.empty());
    EXPECT_TRUE(Secret().empty());
    EXPECT_EQ(Secret().expose(), "");
    EXPECT_TRUE(Secret("").empty());
}

TEST(Secret, KeepsItsAddressWhenMoved) {
    Secret first("token");
    const char* address = first.expose().data();
    Secret second(std::move(first));
    EXPECT_EQ(second.expose().data(), address);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is promised
    Secret third("other");
    third = std::move(second);
    EXPECT_EQ(third.expose().data(), address);
    EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, SurvivesAssignmentToItself) {
    Secret secret("token");
    Secret& same = secret;
    secret = std::move(same);
    EXPECT_EQ(secret.expose(), "token");
}

TEST(Secret, IsFilledAndCut) {
    Secret secret = Secret::of_size(4);
    std::ranges::copy(std::string_view("abcd"), secret.mutable_data());
    secret.truncate(2);
    EXPECT_EQ(secret.expose(), "ab");
    EXPECT_EQ(Secret::of_size(0).size(), 0U);
}

TEST(Secret, DigestTellsSameFromOtherAndNothingElse) {
    const Secret secret("token");
    EXPECT_EQ(secret.digest().size(), 8U);
    EXPECT_EQ(secret.digest(), Secret("token").digest());
    EXPECT_EQ(secret.digest(), secret_digest("token"));
    EXPECT_NE(secret.digest(), Secret("tokem").digest());
    EXPECT_EQ(secret.digest().find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Secret, WipesStrings) {
    std::string text(100, 'x');
    const char* bytes = text.data();
    wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(std::string_view(bytes, 100), std::string(100, '\0'));
}

}  // namespace
}  // namespace arngate
