#include "daemon/service_manager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <future>
#include <map>
#include <string>

namespace arngate {
namespace {

using testing::StartsWith;

class Manager : public testing::Test {
protected:
    Manager() {
        path_ = testing::TempDir() + "arngate-notify-" + std::to_string(::getpid());
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        ::unlink(path_.c_str());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    ~Manager() override {
        ::close(socket_);
        ::unlink(path_.c_str());
    }

    [[nodiscard]] ServiceNotifier::Environment environment() const {
        return [this](const char* name) -> const char* {
            const auto found = variables_.find(name);
            return found == variables_.end() ? nullptr : found->second.c_str();
        };
    }
    /// The next datagram; empty if there is none.
    [[nodiscard]] std::string received() const {
        std::array<char, 512> buffer{};
        const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), flags_);
        return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
    }

    /// From now on `received` waits for the next one, for a while.
    void wait_for_messages() {
        constexpr timeval longest{.tv_sec = 10, .tv_usec = 0};
        EXPECT_EQ(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest), 0);
        flags_ = 0;
    }

    std::map<std::string, std::string, std::less<>> variables_;
    std::string path_;

private:
    int socket_ = -1;
    int flags_ = MSG_DONTWAIT;
};

TEST_F(Manager, IsToldHowTheProcessIs) {
    variables_["NOTIFY_SOCKET"] = path_;
    const ServiceNotifier notifier(environment());
    EXPECT_EQ(notifier.watchdog_interval(), std::nullopt);
    notifier.ready("listening");
    EXPECT_EQ(received(), "READY=1\nSTATUS=listening\n");
    notifier.alive();
    EXPECT_EQ(received(), "WATCHDOG=1\n");
    notifier.stopping();
    EXPECT_THAT(received(), StartsWith("STOPPING=1\n"));
}

TEST_F(Manager, IsToldOfTheStartHoweverMuchItHasToRead) {
    variables_["NOTIFY_SOCKET"] = path_;
    const ServiceNotifier notifier(environment());
    constexpr int more_than_fit = 10'000;
    for (int i = 0; i < more_than_fit; ++i) {
        notifier.alive();
    }
    const auto told = std::async(std::launch::async, [&] { notifier.ready("listening"); });
    static_cast<void>(told.wait_for(std::chrono::milliseconds(50)));  // one that does not wait is over then
    wait_for_messages();
    int seen = 0;
    std::string message = received();
    while (message == "WATCHDOG=1\n") {
        ++seen;
        message = received();
    }
    EXPECT_EQ(message, "READY=1\nSTATUS=listening\n");
    EXPECT_GT(seen, 0);
    EXPECT_LT(seen, more_than_fit);
}

TEST_F(Manager, IsToldNothingUnasked) {
    const ServiceNotifier notifier(environment());
    notifier.ready("listening");
    EXPECT_EQ(received(), "");
    variables_["NOTIFY_SOCKET"] = "relative";
    ServiceNotifier(environment()).alive();
    variables_["NOTIFY_SOCKET"] = "/" + std::string(200, 'x');
    ServiceNotifier(environment()).alive();
    variables_["NOTIFY_SOCKET"] = path_ + "-nobody";
    ServiceNotifier(environment()).alive();
    EXPECT_EQ(received(), "");
}

TEST_F(Manager, SaysHowOftenItWantsToHear) {
    variables_["NOTIFY_SOCKET"] = path_;
    variables_["WATCHDOG_USEC"] = "20000000";
    EXPECT_EQ(ServiceNotifier(environment()).watchdog_interval(), std::chrono::seconds(10));
    variables_["WATCHDOG_PID"] = std::to_string(::getpid());
    EXPECT_EQ(ServiceNotifier(environment()).watchdog_interval(), std::chrono::seconds(10));
    variables_["WATCHDOG_PID"] = "1";
    EXPECT_EQ(ServiceNotifier(environment()).watchdog_interval(), std::nullopt);
    variables_.erase("WATCHDOG_PID");
    for (const char* wrong : {"", "0", "1", "-5", "soon", "20s"}) {
        variables_["WATCHDOG_USEC"] = wrong;
        EXPECT_EQ(ServiceNotifier(environment()).watchdog_interval(), std::nullopt) << wrong;
    }
}

TEST_F(Manager, GivesNoSocketsToOthers) {
    EXPECT_TRUE(inherited_sockets(environment())->empty());
    variables_["LISTEN_FDS"] = "1";
    EXPECT_TRUE(inherited_sockets(environment())->empty());
    variables_["LISTEN_PID"] = "1";
    EXPECT_TRUE(inherited_sockets(environment())->empty());
    variables_["LISTEN_PID"] = std::to_string(::getpid());
    variables_["LISTEN_FDS"] = "none";
    EXPECT_TRUE(inherited_sockets(environment())->empty());
    variables_["LISTEN_FDS"] = "65";
    EXPECT_FALSE(inherited_sockets(environment()).has_value());
}

/// Runs in a process of its own, whose descriptors from 3 on are what the test wants.
int in_child(int (*body)(int listening, int plain)) {
    const pid_t child = ::fork();
    if (child == 0) {
        const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::listen(listening, 1);
        const int plain = ::socket(AF_INET, SOCK_STREAM, 0);
        ::_exit(body(::dup2(listening, 200), ::dup2(plain, 201)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

ServiceNotifier::Environment given(const char* count, const char* names) {
    return [count, names, pid = std::to_string(::getpid())](const char* name) -> const char* {
        const std::string_view asked = name;
        return asked == "LISTEN_PID"       ? pid.c_str()
               : asked == "LISTEN_FDS"     ? count
               : asked == "LISTEN_FDNAMES" ? names
                                           : nullptr;
    };
}

TEST(InheritedSockets, GoToWhatTheyAreNamedFor) {
    EXPECT_EQ(
        in_child([](int listening, int) {
            ::dup2(listening, 3);
            ::dup2(listening, 4);
            ::dup2(listening, 5);
            const auto sockets = inherited_sockets(given("3", "arngate.socket:health:metrics"));
            const bool good = sockets && sockets->size() == 3 && sockets->at("webhook").front().port() != 0 &&
                              !sockets->at("health").front().v6() && sockets->contains("metrics");
            return good ? 0 : 1;
        }),
        0
    );
}

TEST(InheritedSockets, MustListen) {
    EXPECT_EQ(
        in_child([](int, int plain) {
            ::dup2(plain, 3);
            const auto sockets = inherited_sockets(given("1", "webhook"));
            return !sockets && sockets.error().find("descriptor 3 (webhook)") == 0 ? 0 : 1;
        }),
        0
    );
}

}  // namespace
}  // namespace arngate
