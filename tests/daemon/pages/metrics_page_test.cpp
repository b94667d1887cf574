#include "daemon/pages/metrics_page.hpp"

#include "core/base/metrics.hpp"
#include "daemon/pages/metrics_renderer.hpp"
#include "tests/daemon/app/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arngate::pages {
namespace {

class MetricsPageTest : public testing::Test {
protected:
    void ask() {
        http::Response response;
        const std::size_t number = answers_.size();
        answers_.emplace_back();
        EXPECT_FALSE(page_.handle({}, response, [this, number](std::size_t expected_bytes) {
            expected_bytes_ = expected_bytes;
            return http::Completion([this, number](http::Response answer) { answers_[number] = std::move(answer); });
        }));
    }

    MetricsRegistry registry_;
    Counter& asked_ = registry_.counter("asked_total", "How often it was asked.");
    boost::asio::io_context background_;
    boost::asio::io_context loop_;
    MetricsRenderer renderer_{registry_, background_.get_executor()};
    MetricsPage page_{renderer_, loop_.get_executor()};
    std::vector<std::optional<http::Response>> answers_;
    std::size_t expected_bytes_ = 0;  ///< what the page last said of its answer
};

TEST_F(MetricsPageTest, IsWrittenInTheBackgroundAndAnsweredOnTheLoop) {
    ask();
    EXPECT_EQ(loop_.poll(), 0U);
    EXPECT_EQ(background_.poll(), 1U);
    EXPECT_FALSE(answers_[0]);
    loop_.restart();
    EXPECT_EQ(loop_.poll(), 1U);
    ASSERT_TRUE(answers_[0]);
    EXPECT_EQ(answers_[0]->status, 200U);
    EXPECT_EQ(answers_[0]->content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(answers_[0]->body, registry_.text());
}

TEST_F(MetricsPageTest, IsWrittenOnceForAllWhoWait) {
    ask();
    ask();
    EXPECT_EQ(background_.poll(), 1U);
    EXPECT_EQ(loop_.poll(), 2U);
    ASSERT_TRUE(answers_[0]);
    ASSERT_TRUE(answers_[1]);
    EXPECT_EQ(answers_[0]->body, answers_[1]->body);
}

TEST_F(MetricsPageTest, ShowsWhatHappenedBeforeItWasAskedFor) {
    ask();
    background_.poll();
    asked_.add();
    ask();
    background_.restart();
    background_.poll();
    loop_.poll();
    ASSERT_TRUE(answers_[1]);
    EXPECT_NE(answers_[1]->body.find("asked_total 1"), std::string::npos) << answers_[1]->body;
}

TEST_F(MetricsPageTest, SaysHowLongItsAnswerWillBe) {
    ask();
    EXPECT_GT(expected_bytes_, 10'000U);
    background_.poll();
    ask();
    EXPECT_EQ(expected_bytes_, registry_.text().size());
}

TEST_F(MetricsPageTest, DropsItsRequestsOnTheirLoopWhenNothingCanBeWritten) {
    const LogLines log;
    bool fails = true;
    registry_.callback("some_bytes", "A gauge that is asked for.", prometheus::MetricType::Gauge, [&fails] {
        return fails ? throw std::bad_alloc() : 1.0;
    });
    http::Response response;
    const auto waiting = std::make_shared<int>();
    for (int i = 0; i < 2; ++i) {
        EXPECT_FALSE(page_.handle({}, response, [&waiting](std::size_t /*expected_bytes*/) {
            return http::Completion([waiting](const http::Response& /*answer*/) { FAIL() << "it was answered"; });
        }));
    }
    EXPECT_EQ(background_.poll(), 1U);
    EXPECT_EQ(waiting.use_count(), 3);
    EXPECT_EQ(loop_.poll(), 2U);
    EXPECT_EQ(waiting.use_count(), 1);

    fails = false;
    ask();
    background_.restart();
    loop_.restart();
    background_.poll();
    loop_.poll();
    ASSERT_TRUE(answers_[0]);
    EXPECT_EQ(answers_[0]->body, registry_.text());
}

TEST_F(MetricsPageTest, LogsWhyNothingCouldBeWritten) {
    LogLines log;
    registry_.callback("some_bytes", "A gauge that is asked for.", prometheus::MetricType::Gauge, []() -> double {
        throw std::bad_alloc();
    });
    ask();
    background_.poll();
    EXPECT_THAT(log.all(), testing::HasSubstr("bad_alloc"));
}

}  // namespace
}  // namespace arngate::pages
