#include "daemon/http/request_target.hpp"

#include <gtest/gtest.h>

namespace arngate::http {
namespace {

TEST(RequestTarget, SplitsAtTheFirstQuestionMark) {
    const auto target = split_target("/a?b=c?d");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a");
    EXPECT_EQ(target->query, "b=c?d");
    EXPECT_EQ(split_path("/x")->query, "");
}

TEST(RequestTarget, TakesTheAbsoluteFormOfHttpOnly) {
    EXPECT_EQ(split_target("HTTPS://example.com")->path, "/");
    EXPECT_EQ(split_target("http://example.com?q")->query, "q");
    EXPECT_EQ(split_target("http://example.com/x?y")->path, "/x");
    for (const auto* other : {"", "*", "example.com:443", "ftp://example.com/", "a/b"}) {
        EXPECT_FALSE(split_target(other)) << other;
    }
}

TEST(RequestTarget, APathHasNoAbsoluteForm) {
    EXPECT_FALSE(split_path("http://example.com/"));
    EXPECT_FALSE(split_path("*"));
    EXPECT_FALSE(split_path(""));
}

TEST(RequestTarget, AHostHasNoUserPathOrBlank) {
    EXPECT_TRUE(is_host("localhost:21362"));
    EXPECT_TRUE(is_host("[::1]:443"));
    EXPECT_TRUE(is_host(""));
    for (const auto* bad : {"a@b", "a/b", "a b", "a\tb", "a?b", "a#b", "a\\b", "\x80"}) {
        EXPECT_FALSE(is_host(bad)) << bad;
    }
}

}  // namespace
}  // namespace arngate::http
