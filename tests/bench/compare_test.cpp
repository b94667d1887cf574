#include "bench/arngate-bench/compare.hpp"

#include "bench/arngate-bench/result.hpp"

#include <gtest/gtest.h>

namespace arngate::bench {
namespace {

StoredResult with(std::string name, double value) {
    return {.metrics = {{std::move(name), value}}, .setup = {}};
}

Judgement judged(const std::string& name, double before, double after) {
    return compare(with(name, before), with(name, after), 0.1).metrics.at(0).judgement;
}

TEST(Compare, JudgesByDirectionAndTolerance) {
    EXPECT_EQ(judged("latency_p99_ms", 10, 11), Judgement::same);
    EXPECT_EQ(judged("latency_p99_ms", 10, 11.01), Judgement::worse);
    EXPECT_EQ(judged("latency_p99_ms", 10, 9), Judgement::better);
    EXPECT_EQ(judged("throughput_per_second", 100, 91), Judgement::same);
    EXPECT_EQ(judged("throughput_per_second", 100, 90), Judgement::worse);
    EXPECT_EQ(judged("throughput_per_second", 100, 120), Judgement::better);
    EXPECT_EQ(judged("latency_p50_ms", 0, 0), Judgement::same);
    EXPECT_EQ(judged("latency_p50_ms", 0, 1), Judgement::worse);
}

TEST(Compare, JudgesFailuresByTheirShareAndNotTheFarTail) {
    EXPECT_EQ(judged("failed_share", 0, 0.0009), Judgement::same);
    EXPECT_EQ(judged("failed_share", 0, 0.0011), Judgement::worse);
    EXPECT_EQ(judged("failed_share", 0.5, 0.1), Judgement::better);
    EXPECT_EQ(judged("latency_max_ms", 1, 100), Judgement::not_judged);
    EXPECT_EQ(judged("latency_p999_ms", 1, 100), Judgement::not_judged);
}

TEST(Compare, ReadsWhatWasWritten) {
    Result result;
    result.seconds = 2;
    result.counts.granted = 100;
    result.latency.record(1'000'000, 100);
    result.setup = {{"target", "a \"quoted\"\n\\name"}};
    const auto stored = parse_result(as_json(result));
    ASSERT_TRUE(stored) << stored.error();
    EXPECT_DOUBLE_EQ(stored->metrics.at("throughput_per_second"), 50);
    EXPECT_EQ(stored->setup.at("target"), "a \"quoted\"\n\\name");
    const auto same = compare(*stored, *stored, 0);
    EXPECT_FALSE(same.is_worse());
    EXPECT_TRUE(same.differences.empty());
}

TEST(Compare, RefusesWhatIsNoResult) {
    for (const char* const text :
         {"",
          "[]",
          "{}",
          R"({"format":2,"metrics":{},"setup":{}})",
          R"({"format":1,"metrics":{"a":"b"},"setup":{}})",
          R"({"format":1,"metrics":{"a":-1},"setup":{}})",
          R"({"format":1,"metrics":{},"setup":{"a":1}})"}) {
        EXPECT_FALSE(parse_result(text)) << text;
    }
}

}  // namespace
}  // namespace arngate::bench
