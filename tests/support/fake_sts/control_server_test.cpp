#include "tests/support/fake_sts/control_server.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::fake_sts {
namespace {

class ControlServerTest : public ::testing::Test {
protected:
    boost::asio::io_context context_;
    KeyTable keys_;
    FaultSwitch faults_;
    Stats stats_;
    ControlServer control_{context_, 0, keys_, faults_, stats_};
};

TEST_F(ControlServerTest, ReplacesThePlan) {
    EXPECT_EQ(control_.handle("POST", "/faults", R"({"hold":true})").status, 200);
    EXPECT_TRUE(faults_.current()->hold);
    EXPECT_EQ(control_.handle("POST", "/faults", "{}").status, 200);
    EXPECT_FALSE(faults_.current()->hold);
}

TEST_F(ControlServerTest, KeepsThePlanWhenTheNewOneIsWrong) {
    EXPECT_EQ(control_.handle("POST", "/faults", R"({"hold":true})").status, 200);
    EXPECT_EQ(control_.handle("POST", "/faults", R"({"hold":7})").status, 400);
    EXPECT_TRUE(faults_.current()->hold);
}

TEST_F(ControlServerTest, AddsKeys) {
    const auto answer = control_.handle(
        "POST",
        "/keys",
        R"({"keys":[{"access_key_id":"A","secret_access_key":"S","account":"1","arn":"R","user_id":"U"}]})"
    );
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"keys":1})");
    EXPECT_NE(keys_.find("A"), nullptr);
    EXPECT_EQ(control_.handle("POST", "/keys", "{}").status, 400);
}

TEST_F(ControlServerTest, ReportsAndResetsCounters) {
    stats_.requests = 2;
    stats_.open = 1;
    stats_.count_outcome("granted");
    stats_.count_outcome("granted");
    stats_.count_outcome("Throttling");
    const std::string expected =
        R"({"connections":0,"handshakes":0,"resumed_handshakes":0,"http2_handshakes":0,"failed_handshakes":0,"requests":2,"open":1,)"
        R"("held":0,"outcomes":{"Throttling":1,"granted":2}})";
    EXPECT_EQ(control_.handle("GET", "/stats", "").body, expected);
    EXPECT_EQ(stats_.value("granted"), 2U);
    EXPECT_EQ(stats_.value("requests"), 2U);
    EXPECT_EQ(control_.handle("POST", "/reset", "").status, 200);
    EXPECT_EQ(stats_.value("granted"), 0U);
    EXPECT_EQ(stats_.value("requests"), 0U);
    EXPECT_EQ(stats_.value("open"), 1U);
}

TEST_F(ControlServerTest, RefusesOtherTargets) {
    EXPECT_EQ(control_.handle("GET", "/faults", "").status, 404);
    EXPECT_EQ(control_.handle("POST", "/stats", "").status, 404);
    EXPECT_EQ(control_.handle("GET", "/", "").status, 404);
}

TEST(ParseWait, ReadsItsParameters) {
    const auto wait = parse_wait("/wait?counter=held&at_least=3&timeout_ms=600000");
    ASSERT_TRUE(wait);
    EXPECT_EQ(wait->counter, "held");
    EXPECT_EQ(wait->at_least, 3U);
    EXPECT_EQ(wait->timeout_ms, 600'000U);
    for (const char* const target :
         {"/wait",
          "/wait?",
          "/wait?at_least=1",
          "/wait?counter=a&at_least=x",
          "/wait?counter=a&timeout_ms=600001",
          "/wait?counter=a&other=1",
          "/stats"}) {
        EXPECT_FALSE(parse_wait(target)) << target;
    }
}

}  // namespace
}  // namespace arngate::fake_sts
