#pragma once

#include "tests/support/fake_sts/aws_api.hpp"
#include "tests/support/fake_sts/fault_plan.hpp"
#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/stats.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::fake_sts {

/// What a test said on the control port, and how long it may wait.
struct ControlAnswer {
    int status = 200;
    std::string body;
};

/// The wait that "GET /wait?counter=NAME&at_least=N&timeout_ms=N" asks for.
struct Wait {
    std::string counter;
    std::uint64_t at_least = 1;
    std::uint64_t timeout_ms = 10'000;
};

/// Nothing if the target is not a /wait of this form.
[[nodiscard]] std::optional<Wait> parse_wait(std::string_view target);

/// The control port: plain HTTP on loopback, for tests only. GET /stats, GET /wait, POST /reset, POST /faults,
/// POST /keys; with an API also POST /resources, POST /ec2-faults. Runs on the given context; the parts outlive it.
class ControlServer {
public:
    /// Binds to 127.0.0.1; port 0: a free one. Throws boost::system::system_error.
    ControlServer(
        boost::asio::io_context& context,
        std::uint16_t port,
        KeyTable& keys,
        FaultSwitch& faults,
        Stats& stats,
        AwsApi* api = nullptr
    );

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void start();

    /// Everything but /wait. No I/O.
    [[nodiscard]] ControlAnswer handle(std::string_view method, std::string_view target, std::string_view body);

private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<ControlAnswer> wait_for(Wait wait);

    boost::asio::io_context& context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    KeyTable& keys_;
    FaultSwitch& faults_;
    Stats& stats_;
    AwsApi* api_;
};

}  // namespace arngate::fake_sts
