#include "daemon/pki/key_pair.hpp"
#include "daemon/pki/rotation.hpp"
#include "tests/daemon/app/running_application.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

namespace arngate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(RunningApplication, EndsWithZeroOnSignalsDuringItsStart) {
    configure(one_role);
    // The first line, before the mapping is waited for; the last one before it serves.
    for (const char* line : {"arngate starts", "serving health"}) {
        for (const int count : {1, 2}) {
            LogLines log;
            log.at(line, [count] {
                for (int i = 0; i < count; ++i) {
                    std::raise(i == 0 ? SIGTERM : SIGINT);
                }
            });
            EXPECT_EQ(run(), 0) << line;
            const std::string lines = log.all();
            EXPECT_THAT(lines, AllOf(HasSubstr("stopping: the start is not finished"), HasSubstr("msg=stopped")));
            EXPECT_THAT(lines, AllOf(Not(HasSubstr("listening on")), Not(HasSubstr("second signal"))));
        }
    }
}

TEST_F(RunningApplication, StartsWhenSighupComesMeanwhile) {
    configure(one_role);
    log_.at("arngate starts", [] { std::raise(SIGHUP); });
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

/// Acts when the server first asks for the time of day, on the thread that starts it: it does when it has its first
/// mapping.
class ClockOfFirstMapping final : public Clock {
public:
    explicit ClockOfFirstMapping(std::function<void(const ClockOfFirstMapping&)> action)
        : starter_(std::this_thread::get_id()), action_(std::move(action)) {}

    [[nodiscard]] WallTime wall() const override {
        if (std::this_thread::get_id() == starter_) {
            if (const auto action = std::exchange(action_, {})) {
                action(*this);
            }
        }
        return clock_.wall();
    }
    [[nodiscard]] SteadyTime steady() const override {
        ++asked_;
        asked_.notify_all();
        return clock_.steady();
    }
    /// Until it was asked for that time so many times more.
    void wait_for_questions(unsigned more) const {
        const unsigned goal = asked_ + more;
        for (unsigned seen = asked_; seen < goal; seen = asked_) {
            asked_.wait(seen);
        }
    }

private:
    std::thread::id starter_;
    mutable std::function<void(const ClockOfFirstMapping&)> action_;
    mutable std::atomic<unsigned> asked_{0};
    SystemClock clock_;
};

TEST_F(RunningApplication, StartsWithAMappingThatChangesMeanwhileAndAsksForNames) {
    const auto role = [](const std::string& username) {
        return "  partition: aws-cn\n  mapRoles:\n    - rolearn: arn:aws-cn:iam::123456789012:role/Node\n" +
               ("      username: " + username) + "\n      groups: [a]\n";
    };
    ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    const std::string trouble = "sts: {region: us-east-1}\n";  // not of that partition
    configure(role("system:node:{{EC2PrivateDNSName}}"), trouble);
    auto loaded = config::load(request());
    ASSERT_TRUE(loaded.has_value());
    const ClockOfFirstMapping clock([&](const ClockOfFirstMapping& asked) {
        configure(role("other:{{EC2PrivateDNSName}}"), trouble);
        // Thrice to take what was read and to build a table of it; then the table is on its way, and what is asked from
        // then on is whether the one before can be freed: not while the start holds it.
        asked.wait_for_questions(5);
    });
    log_.at("EC2 cannot be asked", [] { signal(SIGTERM); });
    Application application(request(), std::move(*loaded), clock);
    EXPECT_EQ(application.run(out_), 0);
    const std::string lines = log_.all();
    EXPECT_THAT(lines, AllOf(HasSubstr("mapping reloaded"), HasSubstr("EC2 cannot be asked")));
    EXPECT_LT(lines.find("mapping reloaded"), lines.find("EC2 cannot be asked"));
}

TEST_F(RunningApplication, TakesACertificateThatIsReplacedBetweenTwoReadingsOfItsStart) {
    const pki::KeyPairRequest pair{
        .certificate_file = directory_.file("cert.pem"),
        .key_file = directory_.file("key.pem"),
        .address = "127.0.0.1",
        .hostname = "localhost"
    };
    ASSERT_TRUE(pki::load_or_create_key_pair(pair, clock_.wall()).has_value());
    configure(one_role);
    log_.at("loaded existing keypair", [&] { EXPECT_TRUE(pki::rotate(pair, clock_.wall()).has_value()); });
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(log_.all(), HasSubstr("took a new certificate"));
}

TEST_F(RunningApplication, ReadsACertificateOnceThatDoesNotChange) {
    configure(one_role);
    for (int i = 0; i < 2; ++i) {  // a new one, and one that was there
        auto status = start();
        log_.wait_for("listening on https://");
        signal(SIGTERM);
        EXPECT_EQ(status.get(), 0);
    }
    EXPECT_THAT(log_.all(), Not(HasSubstr("took a new certificate")));
}

TEST_F(RunningApplication, FailsWhenItsDirectoryIsMissing) {
    configure(one_role);
    std::filesystem::remove(directory_.path() + "/k.yaml");
    directory_.write(
        "config.yaml",
        "clusterID: c\nserver:\n  port: 0\n  healthPort: 0\n  stateDir: " + directory_.path() + "/nowhere\n"
    );
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(log_.all(), HasSubstr("level=fatal"));
}

TEST_F(RunningApplication, FailsWhenThePortOfTheWebhookIsTaken) {
    configure(one_role);
    auto status = start();
    const std::string port = port_in(log_.wait_for("listening on https://127.0.0.1:"));

    auto second = request();
    second.overrides.push_back({"server.port", {port}, "--port"});
    auto loaded = config::load(second);
    ASSERT_TRUE(loaded.has_value());
    {
        Application application(second, std::move(*loaded), clock_);
        EXPECT_EQ(application.run(out_), 1);
    }
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, GoesOnWithoutAHealthListenerWhenItsPortIsTaken) {
    configure(one_role);
    auto status = start();
    const std::string port = port_in(log_.wait_for("serving health"));
    log_.wait_for("listening on https://");

    auto second = request();
    second.overrides.push_back({"server.healthPort", {port}, "--health-port"});
    auto loaded = config::load(second);
    ASSERT_TRUE(loaded.has_value());
    auto other = std::async(std::launch::async, [&] {
        Application application(second, std::move(*loaded), clock_);
        return application.run(out_);
    });
    log_.wait_for("no health listener");
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_EQ(other.get(), 0);
}

}  // namespace
}  // namespace arngate
