#include "tests/support/fake_sts/fault_plan.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace arngate::fake_sts {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr steady_clock::time_point start{std::chrono::hours(1)};

std::string decisions(const FaultPlan& plan, int requests) {
    std::string text;
    for (int i = 0; i < requests; ++i) {
        const auto* const fault = plan.decide(start);
        text += fault == nullptr ? '.' : name_of(fault->kind)[0];
    }
    return text;
}

TEST(FaultPlan, AnswersProperlyWhenEmpty) {
    const auto plan = parse_fault_plan("{}");
    ASSERT_TRUE(plan);
    EXPECT_FALSE((*plan)->hold);
    EXPECT_EQ(decisions(**plan, 3), "...");
}

TEST(FaultPlan, MeetsEveryNth) {
    const auto plan = parse_fault_plan(R"({"rules":[{"kind":"throttle","every":3}]})");
    ASSERT_TRUE(plan);
    EXPECT_EQ(decisions(**plan, 7), "..t..t.");
}

TEST(FaultPlan, EndsAfterItsTimes) {
    const auto plan = parse_fault_plan(R"({"rules":[{"kind":"service_unavailable","times":2}]})");
    ASSERT_TRUE(plan);
    EXPECT_EQ(decisions(**plan, 4), "ss..");
}

TEST(FaultPlan, LetsTheFirstRuleThatMeetsDecide) {
    const auto plan =
        parse_fault_plan(R"({"rules":[{"kind":"throttle","times":1},{"kind":"internal_failure","every":2}]})");
    ASSERT_TRUE(plan);
    EXPECT_EQ(decisions(**plan, 5), "t.i.i");
}

TEST(FaultPlan, ThrottlesAboveARate) {
    const auto plan = parse_fault_plan(R"({"rules":[{"kind":"throttle","above_per_second":2}]})");
    ASSERT_TRUE(plan);
    EXPECT_EQ(decisions(**plan, 4), "..tt");
    EXPECT_EQ((*plan)->decide(start + milliseconds(500)), nullptr);
    EXPECT_NE((*plan)->decide(start + milliseconds(500)), nullptr);
    EXPECT_EQ((*plan)->decide(start + milliseconds(60'000)), nullptr);
    EXPECT_EQ((*plan)->decide(start + milliseconds(60'000)), nullptr);
    EXPECT_NE((*plan)->decide(start + milliseconds(60'000)), nullptr);
}

TEST(FaultPlan, RefusesWhatItDoesNotKnow) {
    const char* const cases[] = {
        "",
        "[]",
        R"({"hold":1})",
        R"({"other":true})",
        R"({"rules":{}})",
        R"({"rules":[1]})",
        R"({"rules":[{}]})",
        R"({"rules":[{"kind":"none"}]})",
        R"({"rules":[{"kind":"throttle","every":0}]})",
        R"({"rules":[{"kind":"throttle","every":1.5}]})",
        R"({"rules":[{"kind":"throttle","above_per_second":0}]})",
        R"({"rules":[{"kind":"huge_body","bytes":67108865}]})",
        R"({"rules":[{"kind":"slow_body","delay_ms":600001}]})",
        R"({"rules":[{"kind":"throttle","often":1}]})",
        R"({"latency":{"kind":"fixed"}})",
        R"({"latency":{"kind":"fixed","ms":600001}})",
        R"({"latency":{"kind":"uniform","min_ms":2,"max_ms":1}})",
        R"({"latency":{"kind":"other","median_ms":2,"sigma":1}})",
    };
    for (const char* const json : cases) {
        EXPECT_FALSE(parse_fault_plan(json)) << json;
    }
}

TEST(FaultPlan, ReadsEveryKind) {
    const char* const kinds[] = {
        "throttle",
        "internal_failure",
        "service_unavailable",
        "reset_before",
        "reset_mid",
        "half_body",
        "slow_body",
        "wrong_content_type",
        "garbage_json",
        "redirect",
        "huge_body",
    };
    for (const char* const kind : kinds) {
        const auto rule = parse_fault_rule(kind);
        ASSERT_TRUE(rule) << kind;
        EXPECT_EQ(name_of(rule->kind), kind);
    }
}

TEST(FaultPlan, ReadsRulesOfTheCommandLine) {
    const auto rule = parse_fault_rule("slow_body:every=2,times=3,delay_ms=4,bytes=5,above_per_second=6.5");
    ASSERT_TRUE(rule) << rule.error();
    EXPECT_EQ(rule->every, 2U);
    EXPECT_EQ(rule->times, 3U);
    EXPECT_EQ(rule->delay, milliseconds(4));
    EXPECT_EQ(rule->bytes, 5U);
    EXPECT_EQ(rule->above_per_second, 6.5);
    for (const char* const text :
         {"", "none", "throttle:", "throttle:every", "throttle:every=x", "throttle:every=-1"}) {
        EXPECT_FALSE(parse_fault_rule(text)) << text;
    }
}

TEST(Latency, DrawsWithinItsBounds) {
    std::mt19937_64 generator(1);
    const auto fixed = parse_latency("fixed:1.5");
    ASSERT_TRUE(fixed);
    EXPECT_EQ(fixed->draw(generator), std::chrono::microseconds(1500));
    const auto uniform = parse_latency("uniform:1,2");
    const auto lognormal = parse_latency("lognormal:20,0.5");
    ASSERT_TRUE(uniform && lognormal);
    for (int i = 0; i < 1000; ++i) {
        const auto value = uniform->draw(generator);
        EXPECT_GE(value, milliseconds(1));
        EXPECT_LE(value, milliseconds(2));
        EXPECT_GT(lognormal->draw(generator), milliseconds(0));
    }
    for (const char* const text : {"", "fixed", "fixed:", "fixed:1,2", "uniform:1", "uniform:2,1", "other:1,2"}) {
        EXPECT_FALSE(parse_latency(text)) << text;
    }
}

}  // namespace
}  // namespace arngate::fake_sts
