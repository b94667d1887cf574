#pragma once

#include "config/load.hpp"
#include "core/base/clock.hpp"
#include "daemon/application.hpp"
#include "tests/daemon/app/log_lines.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <sstream>
#include <string>
#include <utility>

namespace arngate {

/// The whole server in this process, with a configuration of its own.
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
    /// The port of a line of the log that names an address of loopback.
    static std::string port_in(const std::string& line) {
        const auto begin = line.find("127.0.0.1:") + 10;
        return line.substr(begin, line.find_first_not_of("0123456789", begin) - begin);
    }
    static void signal(int number) { ::kill(::getpid(), number); }

    TempDirectory directory_;
    SystemClock clock_;
    LogLines log_;
    std::ostringstream out_;
};

inline constexpr const char* one_role =
    "  mapRoles:\n    - rolearn: arn:aws:iam::123456789012:role/One\n      username: one\n      groups: [a]\n";
inline constexpr const char* two_roles =
    "  mapRoles:\n    - rolearn: arn:aws:iam::123456789012:role/One\n      username: one\n      groups: [a]\n"
    "    - rolearn: arn:aws:iam::123456789012:role/Two\n      username: two\n      groups: [b]\n";

}  // namespace arngate
