#pragma once

#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/metrics.hpp"
#include "tests/daemon/http/test_client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace arngate::http::test {

/// A clock that only the test moves.
class TestClock final : public Clock {
public:
    [[nodiscard]] WallTime wall() const override { return WallTime(std::chrono::seconds(1'800'000'000) + passed()); }
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime(std::chrono::hours(1) + passed()); }
    void advance(std::chrono::milliseconds by) { passed_.fetch_add(by.count()); }

private:
    [[nodiscard]] std::chrono::milliseconds passed() const { return std::chrono::milliseconds(passed_.load()); }
    std::atomic<std::int64_t> passed_{0};
};

/// A self-signed certificate and its key in a directory that goes away with it.
class TestPair {
public:
    TestPair();
    ~TestPair();
    TestPair(const TestPair&) = delete;
    TestPair& operator=(const TestPair&) = delete;

    [[nodiscard]] std::string certificate_file() const { return (directory_ / "cert.pem").string(); }
    [[nodiscard]] std::string key_file() const { return (directory_ / "key.pem").string(); }
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

private:
    std::filesystem::path directory_;
};

struct ServerOptions {
    HttpLimits limits;
    Transport transport = Transport::tls;
    std::string client_ca_file;
    std::vector<std::string> protocols{"h2", "http/1.1"};
};

/// A listener on a free port of 127.0.0.1, with an event loop on a thread of its own.
class TestServer {
public:
    explicit TestServer(Handler& handler, const ServerOptions& options = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Runs this on the loop, after all that the loop has begun, and waits for it.
    void on_loop(const std::function<void()>& action);
    /// Asks on the loop again and again until the answer is yes; false if it never is.
    [[nodiscard]] bool reaches(const std::function<bool()>& condition);
    [[nodiscard]] bool reaches_connections(std::size_t count);
    /// Lets time pass and deadlines be looked at.
    void pass_time(std::chrono::milliseconds span);
    [[nodiscard]] Listener& listener() { return *listener_; }
    [[nodiscard]] std::uint64_t limit(Limit limit) { return metrics_->limit(limit).value(); }
    [[nodiscard]] std::string metrics_text() const { return registry_.text(); }
    [[nodiscard]] TestClock& clock() { return clock_; }
    [[nodiscard]] boost::asio::io_context& loop() { return loop_; }

private:
    TestClock clock_;
    MetricsRegistry registry_;
    std::shared_ptr<HttpMetrics> metrics_ = std::make_shared<HttpMetrics>(registry_);
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    std::unique_ptr<Listener> listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// The pair that all servers of one test program use.
[[nodiscard]] const TestPair& shared_pair();

}  // namespace arngate::http::test
