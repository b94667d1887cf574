#include "daemon/mapping_service.hpp"

#include "core/base/text.hpp"
#include "tests/daemon/app/fake_source.hpp"
#include "tests/daemon/app/log_lines.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace arngate {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

class Service : public testing::Test {
protected:
    /// `at_start` is called on the loop once its sources are there, to have them speak.
    void make(std::vector<std::string> modes, std::chrono::milliseconds timeout, std::function<void()> at_start) {
        service_.emplace(
            MappingService::Options{.keeper = {}, .modes = std::move(modes), .start_timeout = timeout},
            clock_,
            registry_,
            std::nullopt,
            [this, at_start = std::move(at_start)](auto executor, auto /*reloaded*/) {
                loop_ = executor;
                boost::asio::post(executor, at_start);
                MappingSources sources;
                sources.factory = [this](std::string_view name) {
                    MappingSource made;
                    made.source =
                        std::make_unique<FakeSource>(std::string(name), name != "CRD", logs_[std::string(name)]);
                    made.must_start = name == "MountedFile";
                    return made;
                };
                return sources;
            },
            control_.get_executor(),
            [this](MappingKeeper::Update update) { take_(std::move(update)); }
        );
    }
    /// Waits as the server does: by running what comes to `control_`.
    MappingService::First start() {
        std::optional<MappingService::First> first;
        service_->start([&first](MappingService::First said) { first.emplace(std::move(said)); });
        {
            const auto work = boost::asio::make_work_guard(control_);
            while (!first) {
                control_.run_one();
            }
        }
        control_.restart();
        return *std::move(first);
    }
    void on_loop(std::function<void()> action) { boost::asio::post(loop_, std::move(action)); }

    LogLines log_;
    SystemClock clock_;
    MetricsRegistry registry_;
    boost::asio::io_context control_{1};
    boost::asio::any_io_executor loop_;
    std::map<std::string, FakeSource::Log> logs_;
    std::function<void(MappingKeeper::Update)> take_ = [](const MappingKeeper::Update&) {};
    std::optional<MappingService> service_;
};

TEST_F(Service, StartsWithWhatTheFilesSayAndBeforeAnyApiServerAnswers) {
    make({"MountedFile", "CRD"}, std::chrono::minutes(5), [this] {
        logs_.at("MountedFile").source->say(reading("MountedFile", {"a", "b"}));
    });
    const auto table = start();
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ((*table)->entries(), 2U);
    EXPECT_TRUE(service_->is_ready());
    EXPECT_THAT(service_->describe(), Contains(HasSubstr("source CRD: starting")));
    service_->stop();
    EXPECT_EQ(logs_.at("MountedFile").source, nullptr);
    EXPECT_TRUE(logs_.at("CRD").stopped);
}

TEST_F(Service, IsNotReadyWhileNothingWasEverRead) {
    make({"CRD"}, std::chrono::minutes(5), [] {});
    const auto table = start();
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ((*table)->entries(), 0U);
    EXPECT_FALSE(service_->is_ready());
    std::vector<MappingKeeper::Update> updates;
    take_ = [&](MappingKeeper::Update update) { updates.push_back(std::move(update)); };
    on_loop([this] { logs_.at("CRD").source->say(reading("CRD", {"a"})); });
    const auto work = boost::asio::make_work_guard(control_);
    control_.run_one();
    ASSERT_THAT(updates, SizeIs(1));
    EXPECT_TRUE(service_->is_ready());
    on_loop([this] { logs_.at("CRD").source->say(source_failure()); });
    control_.run_one();
    EXPECT_TRUE(service_->is_ready());
    EXPECT_THAT(service_->describe(), Contains(HasSubstr("source CRD: stale")));
}

TEST_F(Service, DoesNotStartWithAConfigurationThatCannotBeRead) {
    make({"MountedFile"}, std::chrono::minutes(5), [this] { logs_.at("MountedFile").source->say(source_failure()); });
    const auto table = start();
    ASSERT_FALSE(table.has_value());
    EXPECT_THAT(table.error(), SizeIs(1));
}

TEST_F(Service, WaitsForFilesNoLongerThanItMay) {
    make({"DynamicFile"}, std::chrono::milliseconds(1), [] {});
    const auto table = start();
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ((*table)->entries(), 0U);
    EXPECT_THAT(log_.all(), HasSubstr("was not read in time"));
}

TEST_F(Service, StopsWhileItStillWaitsForAFile) {
    std::promise<void> waits;
    make({"DynamicFile"}, std::chrono::minutes(5), [&waits] { waits.set_value(); });
    bool was_called = false;
    service_->start([&was_called](const MappingService::First& /*first*/) { was_called = true; });
    waits.get_future().wait();
    service_->stop();
    control_.run();
    EXPECT_FALSE(was_called);
    EXPECT_EQ(logs_.at("DynamicFile").source, nullptr);
}

TEST_F(Service, SaysWhenASourceKeepsItFromStopping) {
    std::promise<void> waits;
    std::promise<void> release;
    make({"DynamicFile"}, std::chrono::minutes(5), [&] {
        waits.set_value();
        release.get_future().wait();  // as reading a file of a file system that hangs
    });
    service_->start([](const MappingService::First& /*first*/) {});
    waits.get_future().wait();
    EXPECT_FALSE(service_->try_stop(std::chrono::milliseconds(1)));
    release.set_value();
    EXPECT_TRUE(service_->try_stop(std::chrono::minutes(1)));
    service_->stop();
}

TEST_F(Service, RefreshesItsSources) {
    make({"CRD"}, std::chrono::minutes(5), [] {});
    ASSERT_TRUE(start().has_value());
    service_->refresh();
    service_->stop();
    EXPECT_EQ(logs_.at("CRD").refreshes, 1);
    service_->refresh();
    service_->stop();
}

// Every source changes all the time; each caller sees one generation from start to end: a name and groups of one turn.
TEST_F(Service, GivesEachReviewOneGenerationWhileEverySourceReloads) {
    constexpr int turns = 300;
    const std::array names{"MountedFile", "DynamicFile", "CRD"};
    const auto say_all = [this, &names](int turn) {
        for (const char* name : names) {
            config::SourceReading said = reading(name, {name});
            said.rules.roles[0].username = fmt::format("{}", turn);
            said.rules.roles[0].groups = {said.rules.roles[0].username, name};
            logs_.at(name).source->say(std::move(said));
        }
    };
    make({names.begin(), names.end()}, std::chrono::minutes(5), [&] { say_all(0); });
    auto first = start();
    ASSERT_TRUE(first.has_value());

    struct Loop {
        boost::asio::io_context context{1};
        std::shared_ptr<const mapping::Table> table;
        std::thread thread;
    };
    std::array<Loop, 3> loops;
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::atomic<int> reviews{0};
    for (Loop& loop : loops) {
        loop.table = *first;
        loop.thread = std::thread([&loop, &done, &wrong, &reviews, &names] {
            while (!done) {
                loop.context.poll();
                loop.context.restart();
                const std::shared_ptr<const mapping::Table> mine = loop.table;
                std::string turn;
                for (const char* name : names) {
                    sts::CallerIdentity identity;
                    identity.mapping_key = text::to_lower(std::string("arn:aws:iam::123456789012:role/") + name);
                    const auto user = mine->map(identity);
                    const bool whole = user && user->groups == std::vector<std::string>{user->username, name} &&
                                       (turn.empty() || turn == user->username);
                    wrong += whole ? 0 : 1;
                    turn = user ? user->username : turn;
                }
                ++reviews;
            }
        });
    }
    first->reset();
    std::uint64_t last = 1;
    std::string newest;
    take_ = [&](const MappingKeeper::Update& update) {
        if (update.table != nullptr) {
            EXPECT_EQ(update.table->generation(), last + 1);
            last = update.table->generation();
            for (Loop& loop : loops) {
                boost::asio::post(loop.context, [&loop, table = update.table] { loop.table = table; });
            }
            sts::CallerIdentity identity;
            identity.mapping_key = "arn:aws:iam::123456789012:role/crd";
            newest = update.table->map(identity)->username;
        }
    };
    const auto work = boost::asio::make_work_guard(control_);
    for (int turn = 1; turn <= turns; ++turn) {
        on_loop([&say_all, turn] { say_all(turn); });
        control_.poll();
    }
    while (newest != fmt::format("{}", turns) || reviews == 0) {
        control_.run_one_for(std::chrono::milliseconds(10));
    }
    done = true;
    for (Loop& loop : loops) {
        loop.thread.join();
    }
    EXPECT_EQ(wrong, 0);
    service_->stop();
}

}  // namespace
}  // namespace arngate
