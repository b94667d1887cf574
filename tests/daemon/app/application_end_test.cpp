#include "tests/daemon/app/running_application.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace arngate {
namespace {

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

}  // namespace
}  // namespace arngate
