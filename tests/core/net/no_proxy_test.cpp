#include "core/net/https_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace arngate::net {
namespace {

struct Case {
    const char* no_proxy;
    const char* host;
    std::uint16_t port;
    bool applies;
};

TEST(ProxySettings, NoProxyIsReadAsGoReadsIt) {
    const std::vector<Case> cases{
        {"", "sts.us-east-1.amazonaws.com", 443, true},
        {"*", "sts.us-east-1.amazonaws.com", 443, false},
        {" * ", "sts.us-east-1.amazonaws.com", 443, false},
        // Domains: with themselves, unless a dot or "*." comes first.
        {"amazonaws.com", "sts.us-east-1.amazonaws.com", 443, false},
        {"amazonaws.com", "amazonaws.com", 443, false},
        {"AmazonAWS.com", "STS.amazonaws.COM", 443, false},
        {"azonaws.com", "sts.amazonaws.com", 443, true},
        {".amazonaws.com", "sts.amazonaws.com", 443, false},
        {".amazonaws.com", "amazonaws.com", 443, true},
        {"*.amazonaws.com", "sts.amazonaws.com", 443, false},
        {"*.amazonaws.com", "amazonaws.com", 443, true},
        {"amazonaws.com", "amazonaws.com.evil.example", 443, true},
        // Ports.
        {"amazonaws.com:443", "sts.amazonaws.com", 443, false},
        {"amazonaws.com:8443", "sts.amazonaws.com", 443, true},
        {":443", "sts.amazonaws.com", 443, true},
        // Addresses.
        {"192.0.2.1", "192.0.2.1", 443, false},
        {"192.0.2.1", "192.0.2.10", 443, true},
        {"192.0.2.1:443", "192.0.2.1", 443, false},
        {"192.0.2.1:80", "192.0.2.1", 443, true},
        {"192.0.2.1", "::ffff:192.0.2.1", 443, false},
        {"2001:db8::1", "2001:db8:0::1", 443, false},
        {"[2001:db8::1]:443", "2001:db8::1", 443, false},
        {"[2001:db8::1]:444", "2001:db8::1", 443, true},
        // Networks.
        {"192.0.2.0/24", "192.0.2.200", 443, false},
        {"192.0.2.77/24", "192.0.2.200", 443, false},
        {"192.0.2.0/24", "192.0.3.1", 443, true},
        {"0.0.0.0/0", "203.0.113.1", 443, false},
        {"192.0.2.0/33", "192.0.2.1", 443, true},
        {"192.0.2.0/24", "sts.amazonaws.com", 443, true},
        {"2001:db8::/32", "2001:db8:1::1", 443, false},
        {"2001:db8::/32", "2001:db9::1", 443, true},
        {"2001:db8::/32", "192.0.2.1", 443, true},
        // Loopback never goes through a proxy.
        {"", "localhost", 443, false},
        {"", "LOCALHOST", 443, false},
        {"", "127.0.0.1", 443, false},
        {"", "127.8.9.10", 443, false},
        {"", "::1", 443, false},
        {"", "localhost.example", 443, true},
    };
    for (const Case& c : cases) {
        ProxySettings settings{.https_proxy = "http://proxy.example:3128", .no_proxy = {}};
        settings.no_proxy.emplace_back(c.no_proxy);
        EXPECT_EQ(settings.applies_to(c.host, c.port), c.applies) << c.no_proxy << " and " << c.host;
    }
}

TEST(ProxySettings, EveryEntryCounts) {
    const ProxySettings settings{
        .https_proxy = "http://proxy.example:3128", .no_proxy = {"", "a.example", "b.example"}
    };
    EXPECT_FALSE(settings.applies_to("b.example", 443));
    EXPECT_TRUE(settings.applies_to("c.example", 443));
}

TEST(ProxySettings, WithoutAProxyNothingGoesThroughIt) {
    EXPECT_FALSE(ProxySettings{}.applies_to("sts.amazonaws.com", 443));
}

// Sets the four variables, and puts back what was there.
class Environment {
public:
    void set(const char* name, const char* value) { ASSERT_EQ(::setenv(name, value, 1), 0); }
    Environment() {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (const char* value = std::getenv(names[i])) {
                before_[i] = value;
            }
            ::unsetenv(names[i]);
        }
    }
    ~Environment() {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (before_[i]) {
                ::setenv(names[i], before_[i]->c_str(), 1);
            } else {
                ::unsetenv(names[i]);
            }
        }
    }

private:
    static constexpr std::array<const char*, 4> names{"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"};
    std::array<std::optional<std::string>, 4> before_;
};

TEST(ProxySettings, UpperCaseVariablesComeFirst) {
    Environment environment;
    environment.set("https_proxy", "http://lower:1");
    environment.set("no_proxy", "lower");
    EXPECT_EQ(ProxySettings::from_environment().https_proxy, "http://lower:1");
    EXPECT_EQ(ProxySettings::from_environment().no_proxy, std::vector<std::string>{"lower"});
    environment.set("HTTPS_PROXY", "http://upper:1");
    environment.set("NO_PROXY", " a , b,,c ");
    EXPECT_EQ(ProxySettings::from_environment().https_proxy, "http://upper:1");
    EXPECT_EQ(ProxySettings::from_environment().no_proxy, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(ProxySettings, AnEmptyVariableIsAsGoodAsNone) {
    Environment environment;
    environment.set("HTTPS_PROXY", "");
    EXPECT_TRUE(ProxySettings::from_environment().https_proxy.empty());
    environment.set("https_proxy", "http://lower:1");
    EXPECT_EQ(ProxySettings::from_environment().https_proxy, "http://lower:1");
}

}  // namespace
}  // namespace arngate::net
