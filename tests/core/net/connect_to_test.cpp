#include "core/net/endpoint.hpp"
#include "core/net/https_pool.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace arngate::net {
namespace {

TEST(ConnectTo, ReadsAllPieces) {
    const auto rule = ConnectTo::parse("sts.us-east-1.amazonaws.com:443:127.0.0.1:8443");
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->from, (Endpoint{"sts.us-east-1.amazonaws.com", 443}));
    EXPECT_EQ(rule->to, (Endpoint{"127.0.0.1", 8443}));
}

TEST(ConnectTo, PiecesMayBeEmpty) {
    const auto rule = ConnectTo::parse(":::");
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->from, (Endpoint{"", 0}));
    EXPECT_EQ(rule->to, (Endpoint{"", 0}));
}

TEST(ConnectTo, AddressesOfIpv6StandInBrackets) {
    const auto rule = ConnectTo::parse("[2001:db8::1]:443:[::1]:1");
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->from, (Endpoint{"2001:db8::1", 443}));
    EXPECT_EQ(rule->to, (Endpoint{"::1", 1}));
}

TEST(ConnectTo, RefusesOtherForms) {
    for (const char* text :
         {"",
          ":",
          "::",
          "::::",
          "a:443:b",
          "a:443:b:443:",
          "a:0:b:443",
          "a:443:b:65536",
          "a:443:b:+1",
          "a:443:b:1 ",
          "a b:443:c:443",
          "[::1:443:b:443",
          "[b]:443:c:443",
          "[::1]443:b:443:",
          "a:443:b/:443"}) {
        EXPECT_FALSE(ConnectTo::parse(text)) << text;
    }
}

TEST(ConnectTo, FirstRuleThatMatchesDecides) {
    const std::vector<ConnectTo> rules{
        *ConnectTo::parse("STS.example:443:10.0.0.1:"),
        *ConnectTo::parse("sts.example::10.0.0.2:8443"),
        *ConnectTo::parse(":8080::9090"),
    };
    EXPECT_EQ(redirected({"sts.example", 443}, rules), (Endpoint{"10.0.0.1", 443}));
    EXPECT_EQ(redirected({"sts.example", 444}, rules), (Endpoint{"10.0.0.2", 8443}));
    EXPECT_EQ(redirected({"other", 8080}, rules), (Endpoint{"other", 9090}));
    EXPECT_EQ(redirected({"other", 443}, rules), (Endpoint{"other", 443}));
}

TEST(Endpoint, IsWrittenWithBracketsForIpv6) {
    EXPECT_EQ(authority({"sts.example", 443}), "sts.example:443");
    EXPECT_EQ(authority({"::1", 443}), "[::1]:443");
    EXPECT_EQ(host_header({"sts.example", 443}), "sts.example");
    EXPECT_EQ(host_header({"sts.example", 8443}), "sts.example:8443");
    EXPECT_EQ(host_header({"::1", 443}), "[::1]");
}

TEST(Endpoint, HostIsOfAClosedSetOfBytes) {
    EXPECT_TRUE(is_valid_host("sts.us-east-1.amazonaws.com"));
    EXPECT_TRUE(is_valid_host("fe80::1"));
    EXPECT_TRUE(is_valid_host(std::string(253, 'a')));
    EXPECT_FALSE(is_valid_host(std::string(254, 'a')));
    for (const std::string& host :
         {std::string(),
          std::string("a b"),
          std::string("a\0b", 3),
          std::string("a@b"),
          std::string("a/b"),
          std::string("fe80::1%eth0"),
          std::string("a\r\nb"),
          std::string("g::1"),
          std::string("\xc3\xa4")}) {
        EXPECT_FALSE(is_valid_host(host)) << host;
    }
}

}  // namespace
}  // namespace arngate::net
