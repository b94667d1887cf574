#include "bench/arngate-bench/fault_schedule.hpp"
#include "bench/arngate-bench/target.hpp"

#include <gtest/gtest.h>

namespace arngate::bench {
namespace {

TEST(FaultSchedule, IsInForceFromItsBeginToBeforeItsEnd) {
    const FaultSchedule schedule({}, {*parse_fault_span("10s:throttle=50%:5s")});
    EXPECT_TRUE(schedule.plan_at(10 * nanos_per_second - 1)->rules.empty());
    ASSERT_EQ(schedule.plan_at(10 * nanos_per_second)->rules.size(), 1U);
    EXPECT_EQ(schedule.plan_at(10 * nanos_per_second)->rules[0]->options().every, 2U);
    EXPECT_TRUE(schedule.plan_at(15 * nanos_per_second)->rules.empty());
    EXPECT_EQ(schedule.next_change(0), 10 * nanos_per_second);
    EXPECT_EQ(schedule.next_change(10 * nanos_per_second), 15 * nanos_per_second);
    EXPECT_EQ(schedule.next_change(15 * nanos_per_second), std::nullopt);
}

TEST(FaultSchedule, RefusesWhatItCannotDo) {
    for (const char* const text :
         {"",
          "10s",
          "10s:throttle:5s",
          "10s:throttle=33%:5s",
          "10s:throttle=0%:5s",
          "10s:nothing=50%:5s",
          "10:throttle=50%:5s",
          "10s:throttle=50%:0s",
          "10s:throttle>5:5s",
          "10s:latency=5:5s",
          "1s:throttle=50:1s"}) {
        EXPECT_FALSE(parse_fault_span(text)) << text;
    }
    EXPECT_TRUE(parse_fault_span("0s:throttle>500/s:1m"));
    EXPECT_TRUE(parse_fault_span("0s:latency=200ms:1m"));
}

TEST(Target, ReadsUrls) {
    EXPECT_EQ(parse_url("https://localhost:21362/authenticate")->port, 21362);
    EXPECT_EQ(parse_url("https://[::1]:1/x")->host, "::1");
    EXPECT_EQ(parse_url("https://[::1]:1/x")->authority_name(), "[::1]:1");
    for (const char* const url :
         {"http://localhost/",
          "https://",
          "https://:1/",
          "https://a:0/",
          "https://a:65536/",
          "https://a:1x/",
          "https://a:/",
          "https://[::1",
          "https://u@a/",
          "https://a/b c",
          "https://a/#f",
          "https://a/\r\nX: y"}) {
        EXPECT_FALSE(parse_url(url)) << url;
    }
}

TEST(Target, RefusesWhatIsNotLoopbackUnlessAllowed) {
    EXPECT_TRUE(resolve(*parse_url("https://127.0.0.1:1/"), Remote::refused));
    EXPECT_TRUE(resolve(*parse_url("https://[::1]:1/"), Remote::refused));
    EXPECT_FALSE(resolve(*parse_url("https://192.0.2.1:1/"), Remote::refused));
    EXPECT_FALSE(resolve(*parse_url("https://0.0.0.0:1/"), Remote::refused));
    EXPECT_TRUE(resolve(*parse_url("https://192.0.2.1:1/"), Remote::allowed));
}

TEST(Target, RefusesBrokenKubeconfigs) {
    for (const char* const yaml : {"", "[]", "a: [", "current-context: x", "contexts: []\ncurrent-context: [1]"}) {
        EXPECT_FALSE(parse_kubeconfig(yaml, ".")) << yaml;
    }
}

}  // namespace
}  // namespace arngate::bench
