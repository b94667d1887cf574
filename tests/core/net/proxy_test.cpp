#include "core/net/proxy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::net {
namespace {

TEST(Proxy, ReadsHostAndPort) {
    struct Case {
        const char* url;
        Endpoint address;
    };
    for (const auto& [url, address] : std::initializer_list<Case>{
             {"http://proxy.example:3128", {"proxy.example", 3128}},
             {"HTTP://proxy.example:3128/", {"proxy.example", 3128}},
             {"http://proxy.example", {"proxy.example", 80}},
             {"http://proxy.example:", {"proxy.example", 80}},
             {"proxy.example:3128", {"proxy.example", 3128}},
             {"http://[2001:db8::1]:3128", {"2001:db8::1", 3128}},
             {"http://[2001:db8::1]", {"2001:db8::1", 80}},
         }) {
        const auto proxy = Proxy::parse(url);
        ASSERT_TRUE(proxy) << url;
        EXPECT_EQ(proxy->address, address) << url;
        EXPECT_TRUE(proxy->authorization.empty()) << url;
    }
}

TEST(Proxy, RefusesWhatItCannotUseWithoutRepeatingIt) {
    for (const char* url :
         {"https://user:hunter2@proxy.example:3128",
          "socks5://user:hunter2@proxy.example:1080",
          "http://user:hunter2%zz@proxy.example:3128",
          "http://user:hunter2%4@proxy.example:3128",
          "http://us%3Aer:hunter2@proxy.example:3128",
          "http://user:hunter2@",
          "http://user:hunter2@proxy.example:0",
          "http://user:hunter2@proxy.example:65536",
          "http://user:hunter2@proxy example:1",
          "http://user:hunter2@[::1",
          "http://user:hunter2@[::1]x",
          "http://user:hunter2@[proxy]:1"}) {
        const auto proxy = Proxy::parse(url);
        ASSERT_FALSE(proxy) << url;
        EXPECT_FALSE(proxy.error().contains("hunter2")) << url;
        EXPECT_FALSE(proxy.error().empty()) << url;
    }
    EXPECT_TRUE(Proxy::parse("https://proxy.example").error().contains("https://"));
}

TEST(Proxy, AuthorizesWithDecodedUserAndPassword) {
    const auto proxy = Proxy::parse("http://Aladdin:open%20sesame@proxy.example:3128");
    ASSERT_TRUE(proxy);
    EXPECT_EQ(proxy->authorization.expose(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617, section 2
    const Secret request = proxy->connect_request({"sts.example", 443});
    EXPECT_TRUE(request.expose().starts_with("CONNECT sts.example:443 HTTP/1.1\r\nHost: sts.example:443\r\n"));
    EXPECT_TRUE(request.expose().ends_with("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"));
}

TEST(Proxy, PlusInAPasswordIsItself) {
    const auto proxy = Proxy::parse("http://a:b+c@proxy.example");
    ASSERT_TRUE(proxy);
    EXPECT_EQ(proxy->authorization.expose(), "Basic YTpiK2M=");
}

TEST(Proxy, SaysNothingAboutAuthorizationWithoutOne) {
    const auto proxy = Proxy::parse("http://proxy.example");
    ASSERT_TRUE(proxy);
    EXPECT_FALSE(proxy->connect_request({"sts.example", 443}).expose().contains("Authorization"));
    EXPECT_TRUE(proxy->connect_request({"::1", 8443}).expose().starts_with("CONNECT [::1]:8443 HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace arngate::net
