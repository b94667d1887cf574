#include "core/ec2/instance_names.hpp"

#include "tests/core/ec2/fake_describer.hpp"
#include "tests/core/net/run_loop.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace arngate::ec2 {
namespace {

using Kind = DescribeError::Kind;

std::string id_of(int number) {
    return fmt::format("i-{:017x}", number);
}

class InstanceNamesTest : public ::testing::Test {
protected:
    InstanceNamesTest() { make({}); }

    void make(const InstanceNamesOptions& options) {
        names = std::make_unique<InstanceNames>(io.get_executor(), clock, describer, options, metrics);
    }

    Describer::Answer decide(const std::vector<std::string>& ids) {
        if (failure) {
            return std::unexpected(*failure);
        }
        if (throws) {
            throw std::runtime_error("words");
        }
        Described described;
        std::vector<std::string> missing;
        for (const std::string& id : ids) {
            const auto found = instances.find(id);
            if (found == instances.end()) {
                missing.push_back(id);
            } else {
                described.instances.push_back(
                    {.id = id, .private_dns_name = found->second, .owner_account = "123456789012"}
                );
            }
        }
        if (!missing.empty()) {
            return std::unexpected(
                DescribeError{.kind = Kind::unknown_instance, .detail = "EC2 answered 400", .named = std::move(missing)}
            );
        }
        return described;
    }

    void ask(const std::string& id, const std::string& account = "123456789012") {
        names->resolve({.instance_id = id, .account_id = account}, io.get_executor(), [this, id](auto name) {
            answers[id].push_back(name ? *name : std::string(label(name.error().reason)));
            details[id] = name ? std::string() : name.error().detail;
        });
    }
    std::string answer_to(const std::string& id, const std::string& account = "123456789012") {
        const std::size_t before = answers[id].size();
        ask(id, account);
        net::test::run_until(io, [&] { return answers[id].size() > before; });
        return answers[id].back();
    }
    std::optional<NodeNameResolver::Name> known(const std::string& id, const std::string& account = "123456789012") {
        return names->known({.instance_id = id, .account_id = account});
    }

    SystemClock clock;
    MetricsRegistry registry;
    std::shared_ptr<InstanceNamesMetrics> metrics = std::make_shared<InstanceNamesMetrics>(registry);
    boost::asio::io_context io{1};
    std::map<std::string, std::string> instances{{id_of(1), "one.internal"}, {id_of(2), "two.internal"}};
    std::optional<DescribeError> failure;
    bool throws = false;
    FakeDescriber describer{io.get_executor(), [this](const std::vector<std::string>& ids) { return decide(ids); }};
    std::unique_ptr<InstanceNames> names;
    std::map<std::string, std::vector<std::string>> answers;
    std::map<std::string, std::string> details;
};

TEST_F(InstanceNamesTest, AsksOnceAndRemembers) {
    EXPECT_FALSE(known(id_of(1)));
    EXPECT_EQ(answer_to(id_of(1)), "one.internal");
    const auto name = known(id_of(1));
    ASSERT_TRUE(name && *name);
    EXPECT_EQ(**name, "one.internal");
    EXPECT_EQ(answer_to(id_of(1)), "one.internal");
    EXPECT_EQ(describer.calls.size(), 1U);
    EXPECT_EQ(metrics->hits.value(), 1U);
    EXPECT_EQ(metrics->misses.value(), 1U);
    EXPECT_EQ(metrics->entries.value(), 1.0);
    EXPECT_EQ(metrics->waiting.value(), 0.0);
}

TEST_F(InstanceNamesTest, NeverAnswersWithinTheCall) {
    EXPECT_EQ(answer_to(id_of(1)), "one.internal");
    ask(id_of(1));
    ask("i-nothing!");
    EXPECT_EQ(answers[id_of(1)].size(), 1U);
    EXPECT_TRUE(answers["i-nothing!"].empty());
}

TEST_F(InstanceNamesTest, ThoseWhoComeTogetherShareACall) {
    // Over when the call is full, and not before, however slow this machine is.
    make({.lookup = {.window = std::chrono::minutes(1), .timeout = std::chrono::minutes(2)}, .cache = {}});
    for (int i = 1; i <= 100; ++i) {
        instances[id_of(i)] = fmt::format("n{}.internal", i);
        ask(id_of(i));
        ask(id_of(i));
    }
    net::test::run_until(io, [this] { return answers[id_of(100)].size() == 2; });
    EXPECT_EQ(describer.calls.size(), 1U);
    for (int i = 1; i <= 100; ++i) {
        EXPECT_EQ(answers[id_of(i)], std::vector<std::string>(2, fmt::format("n{}.internal", i)));
    }
}

TEST_F(InstanceNamesTest, AnUnknownIdIsRememberedAndFailsAlone) {
    ask(id_of(1));
    ask(id_of(9));
    net::test::run_until(io, [this] { return answers.size() == 2; });
    EXPECT_EQ(answers[id_of(1)].back(), "one.internal");
    EXPECT_EQ(answers[id_of(9)].back(), "template_failed");
    EXPECT_EQ(describer.calls.size(), 2U);
    const auto name = known(id_of(9));
    ASSERT_TRUE(name && !*name);
    EXPECT_EQ(name->error().reason, Reason::template_failed);
}

TEST_F(InstanceNamesTest, AnEmptyNameFailsUntilItIsThere) {
    instances[id_of(1)] = "";
    EXPECT_EQ(answer_to(id_of(1)), "template_failed");
    EXPECT_FALSE(known(id_of(1)));
    EXPECT_EQ(answer_to(id_of(1)), "template_failed");
    instances[id_of(1)] = "now.internal";
    EXPECT_EQ(answer_to(id_of(1)), "now.internal");
}

TEST_F(InstanceNamesTest, GivesNoNameToAnotherAccount) {
    EXPECT_EQ(answer_to(id_of(1), "210987654321"), "template_failed");
    EXPECT_TRUE(details[id_of(1)].contains("another account"));
    const auto name = known(id_of(1), "210987654321");
    ASSERT_TRUE(name && !*name);
    EXPECT_EQ(answer_to(id_of(1)), "one.internal");
    EXPECT_EQ(metrics->foreign.value(), 2U);

    make({.lookup = {}, .cache = {}, .same_account = false});
    EXPECT_EQ(answer_to(id_of(1), "210987654321"), "one.internal");
}

TEST_F(InstanceNamesTest, SpendsNoCallOnWhatCannotBeAnInstance) {
    for (const std::string id : {"i-ABCD_123", "i-0123456Z", "alice", ""}) {
        const auto name = known(id);
        ASSERT_TRUE(name && !*name) << id;
        EXPECT_EQ(answer_to(id), "template_failed") << id;
    }
    EXPECT_TRUE(describer.calls.empty());
}

TEST_F(InstanceNamesTest, AFailureIsNotRemembered) {
    failure = DescribeError{.kind = Kind::refused, .detail = "EC2 answered 403 (UnauthorizedOperation)", .named = {}};
    EXPECT_EQ(answer_to(id_of(1)), "template_failed");
    EXPECT_EQ(details[id_of(1)], "{{EC2PrivateDNSName}}: EC2 answered 403 (UnauthorizedOperation)");
    failure->kind = Kind::bad_answer;
    EXPECT_EQ(answer_to(id_of(1)), "ec2_unavailable");
    failure.reset();
    EXPECT_EQ(answer_to(id_of(1)), "one.internal");
}

TEST_F(InstanceNamesTest, WhatIsThrownIsAFailure) {
    throws = true;
    EXPECT_EQ(answer_to(id_of(1)), "ec2_unavailable");
    EXPECT_EQ(details[id_of(1)], "the call failed");
}

TEST_F(InstanceNamesTest, RefusesThoseWhoAreTooMany) {
    InstanceNamesOptions options;
    options.lookup.max_waiting = 1;
    make(options);
    describer.held = true;
    ask(id_of(1));
    EXPECT_EQ(answer_to(id_of(2)), "overloaded");
    describer.open();
    net::test::run_until(io, [this] { return !answers[id_of(1)].empty(); });
    EXPECT_EQ(answers[id_of(1)].back(), "one.internal");
}

TEST_F(InstanceNamesTest, TimeRunsOut) {
    InstanceNamesOptions options;
    options.lookup.timeout = std::chrono::milliseconds(1);
    options.lookup.window = std::chrono::milliseconds(0);
    make(options);
    describer.held = true;
    EXPECT_EQ(answer_to(id_of(1)), "ec2_unavailable");
    EXPECT_TRUE(details[id_of(1)].contains("in time"));
}

TEST_F(InstanceNamesTest, CloseAnswersThoseWhoWaitAndThoseWhoCome) {
    describer.held = true;
    ask(id_of(1));
    net::test::run_until(io, [this] { return describer.calls.size() == 1; });
    names->close();
    net::test::run_until(io, [this] { return !answers[id_of(1)].empty(); });
    EXPECT_EQ(answers[id_of(1)].back(), "ec2_unavailable");
    EXPECT_EQ(answer_to(id_of(2)), "ec2_unavailable");
    describer.open();
    io.poll();
    EXPECT_EQ(answers[id_of(1)].size(), 1U);
}

TEST_F(InstanceNamesTest, TakesQuestionsFromManyThreads) {
    constexpr int threads = 4;
    constexpr int each = 200;
    for (int i = 0; i < 50; ++i) {
        instances[id_of(i)] = fmt::format("n{}.internal", i);
    }
    std::vector<std::thread> running;
    int answered = 0;
    for (int t = 0; t < threads; ++t) {
        running.emplace_back([this, &answered] {
            for (int i = 0; i < each; ++i) {
                static_cast<void>(known(id_of(i % 50)));
                names->resolve(
                    {.instance_id = id_of(i % 50), .account_id = "123456789012"},
                    io.get_executor(),
                    [&answered](auto name) { answered += name ? 1 : 0; }
                );
            }
        });
    }
    net::test::run_until(io, [] { return true; });
    for (std::thread& thread : running) {
        thread.join();
    }
    net::test::run_until(io, [&answered] { return answered == threads * each; });
    EXPECT_EQ(answered, threads * each);
}

}  // namespace
}  // namespace arngate::ec2
