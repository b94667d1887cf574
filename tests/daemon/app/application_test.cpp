#include "daemon/application.hpp"

#include "daemon/pki/key_pair.hpp"
#include "daemon/pki/rotation.hpp"
#include "tests/daemon/app/log_lines.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace arngate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class RunningApplication : public testing::Test {
protected:
    void configure(const std::string& server, const std::string& top = "") const {
        directory_.write(
            "config.yaml",
            "clusterID: c\n" + top +
                "server:\n  port: 0\n  healthPort: 0\n  healthAddress: 127.0.0.1\n  threads: 2\n  stateDir: " +
                directory_.path() + "\n  generateKubeconfig: " + directory_.path() + "/k.yaml\n" + server
        );
    }
    [[nodiscard]] config::LoadRequest request() const {
        config::LoadRequest request;
        request.file = directory_.path() + "/config.yaml";
        return request;
    }
    /// Runs until a signal ends it, or until it fails to start.
    int run() {
        auto loaded = config::load(request());
        if (!loaded) {
            ADD_FAILURE() << loaded.error().front().text();
            return -1;
        }
        Application application(request(), std::move(*loaded), clock_);
        return application.run(out_);
    }
    std::future<int> start() {
        return std::async(std::launch::async, [this] { return run(); });
    }
    static void signal(int number) { ::kill(::getpid(), number); }

    TempDirectory directory_;
    SystemClock clock_;
    LogLines log_;
    std::ostringstream out_;
};

constexpr const char* one_role =
    "  mapRoles:\n    - rolearn: arn:aws:iam::123456789012:role/One\n      username: one\n      groups: [a]\n";
constexpr const char* two_roles =
    "  mapRoles:\n    - rolearn: arn:aws:iam::123456789012:role/One\n      username: one\n      groups: [a]\n"
    "    - rolearn: arn:aws:iam::123456789012:role/Two\n      username: two\n      groups: [b]\n";

TEST_F(RunningApplication, ServesUntilSigtermAndEndsWithZero) {
    configure(one_role);
    auto status = start();
    const std::string listening = log_.wait_for("listening on https://127.0.0.1:");
    EXPECT_THAT(listening, Not(HasSubstr("127.0.0.1:0")));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(log_.all(), HasSubstr("msg=stopped"));
    EXPECT_EQ(out_.str(), "");
}

TEST_F(RunningApplication, EndsOnSigintToo) {
    configure(one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGINT);
    EXPECT_EQ(status.get(), 0);
}

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
    log_.at("listening on https://", [] { std::raise(SIGTERM); });
    Application application(request(), std::move(*loaded), clock);
    EXPECT_EQ(application.run(out_), 0);
    const std::string lines = log_.all();
    EXPECT_THAT(lines, AllOf(HasSubstr("mapping reloaded"), HasSubstr("EC2 cannot be asked")));
    EXPECT_LT(lines.find("mapping reloaded"), lines.find("EC2 cannot be asked"));
}

/// Keeps whoever reads mappings for good, as a file system that hangs does, and asks the process to stop then.
class ClockThatHangs final : public Clock {
public:
    /// From the next question on.
    void hang() { hangs_ = true; }
    void wait_until_it_hangs() const { has_hung_.wait(false); }

    [[nodiscard]] WallTime wall() const override { return clock_.wall(); }
    [[nodiscard]] SteadyTime steady() const override {
        std::array<char, 16> thread{};
        ::pthread_getname_np(::pthread_self(), thread.data(), thread.size());
        if (hangs_ && std::string_view(thread.data()) == "arngate-mapping") {
            ::kill(::getpid(), SIGTERM);
            has_hung_ = true;
            has_hung_.notify_all();
            for (;;) {
                ::pause();
            }
        }
        return clock_.steady();
    }

private:
    std::atomic<bool> hangs_{false};
    mutable std::atomic<bool> has_hung_{false};
    SystemClock clock_;
};

class HangingApplication : public RunningApplication {
protected:
    /// In a process of its own, which ends in its course. `action` is called for each line of the log.
    void expect_end(
        int status,
        const std::string& last_lines,
        const std::function<void(ClockThatHangs& clock, std::string_view line)>& action
    ) {
        const auto run_with_it = [&] {
            ::alarm(60);
            ClockThatHangs clock;
            log::set_sink([&](std::string_view line) {
                std::cerr << line << '\n';
                action(clock, line);
            });
            auto loaded = config::load(request());
            Application application(request(), std::move(*loaded), clock);
            static_cast<void>(application.run(out_));
            ::_exit(3);  // it did not hang
        };
        EXPECT_EXIT(run_with_it(), testing::ExitedWithCode(status), last_lines);
    }
};

constexpr const char* left_and_stopped = "ending without it\"\n.*msg=stopped";

TEST_F(HangingApplication, EndsDuringItsStart) {
    configure(one_role);
    expect_end(0, left_and_stopped, [](ClockThatHangs& clock, std::string_view line) {
        if (line.contains("arngate starts")) {
            clock.hang();
        }
    });
}

TEST_F(HangingApplication, EndsWhenItsStartFails) {
    configure(one_role);
    std::filesystem::create_directory(directory_.file("k.yaml"));
    expect_end(1, "level=fatal.*\n.*ending without it", [this](ClockThatHangs& clock, std::string_view line) {
        if (line.contains("writing webhook kubeconfig file")) {
            clock.hang();
            configure(two_roles);
            clock.wait_until_it_hangs();
        }
    });
}

TEST_F(HangingApplication, EndsWhenItHasServed) {
    configure(one_role);
    expect_end(0, left_and_stopped, [this](ClockThatHangs& clock, std::string_view line) {
        if (line.contains("listening on https://")) {
            clock.hang();
            configure(two_roles);
        }
    });
}

TEST_F(RunningApplication, WritesKeysAndAKubeconfigWithTheRealPort) {
    configure(one_role);
    auto status = start();
    const std::string listening = log_.wait_for("listening on https://127.0.0.1:");
    const auto begin = listening.find("127.0.0.1:") + 10;
    const std::string port = listening.substr(begin, listening.find_first_not_of("0123456789", begin) - begin);
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(directory_.read("k.yaml"), HasSubstr("server: https://localhost:" + port + "/authenticate"));
    EXPECT_THAT(directory_.read("cert.pem"), StartsWith("-----BEGIN CERTIFICATE-----"));
    EXPECT_THAT(directory_.read("key.pem"), StartsWith("-----BEGIN PRIVATE KEY-----"));
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

TEST_F(RunningApplication, LeavesAPregeneratedKubeconfigAlone) {
    configure(std::string("  kubeconfigPregenerated: true\n") + one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/k.yaml"));
}

TEST_F(RunningApplication, ListsTheMappingAtStart) {
    configure(one_role);
    auto status = start();
    EXPECT_THAT(
        log_.wait_for("mapping IAM role"),
        HasSubstr(R"(groups="[a]" role="arn:aws:iam::123456789012:role/One" username=one)")
    );
    log_.wait_for("--authentication-token-webhook-config-file=");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, TakesANewMappingOnSighup) {
    configure(one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    configure(two_roles);
    signal(SIGHUP);
    EXPECT_THAT(log_.wait_for("mapping reloaded"), AllOf(HasSubstr("entries=2"), HasSubstr("generation=2")));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, KeepsTheMappingWhenTheNewOneCannotBeUsed) {
    configure(one_role);
    auto status = start();
    log_.wait_for("listening on https://");
    configure("  mapRoles: [\n");
    signal(SIGHUP);
    EXPECT_THAT(log_.wait_for("was not reloaded"), HasSubstr("generation=1"));
    configure(two_roles);
    signal(SIGHUP);
    EXPECT_THAT(log_.wait_for("mapping reloaded"), AllOf(HasSubstr("entries=2"), HasSubstr("generation=2")));
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
}

TEST_F(RunningApplication, PrintsTheVersionLineOfTheGoServerInItsProfile) {
    configure(one_role, "compat: reference\nsts: {regionFromMetadata: false}\n");
    auto status = start();
    log_.wait_for("listening on https://");
    signal(SIGTERM);
    EXPECT_EQ(status.get(), 0);
    EXPECT_THAT(out_.str(), StartsWith("Authenticator Version: \""));
    EXPECT_THAT(directory_.read("key.pem"), StartsWith("-----BEGIN RSA PRIVATE KEY-----"));
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
    const std::string listening = log_.wait_for("listening on https://127.0.0.1:");
    const auto begin = listening.find("127.0.0.1:") + 10;
    const std::string port = listening.substr(begin, listening.find_first_not_of("0123456789", begin) - begin);

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
    const std::string health = log_.wait_for("serving health");
    log_.wait_for("listening on https://");
    const auto begin = health.find("127.0.0.1:") + 10;
    const std::string port = health.substr(begin, health.find_first_not_of("0123456789", begin) - begin);

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
