#include "daemon/pages/metrics_page.hpp"

#include "core/base/metrics.hpp"
#include "daemon/pages/metrics_renderer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <cstddef>
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
        EXPECT_FALSE(page_.handle({}, response, [this, number] {
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

}  // namespace
}  // namespace arngate::pages
