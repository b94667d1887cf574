#pragma once

#include "core/ec2/client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace arngate::ec2 {

/// Answers as the test says, at once or when the test opens it.
class FakeDescriber final : public Describer {
public:
    using Decide = std::function<Answer(const std::vector<std::string>& ids)>;

    FakeDescriber(const boost::asio::any_io_executor& executor, Decide decide)
        : decide_(std::move(decide)), gate_(executor, boost::asio::steady_timer::time_point::max()) {}

    boost::asio::awaitable<Answer> describe(std::vector<std::string> ids, Deadline) override {
        calls.push_back(ids);
        while (held) {
            auto [ended] = co_await gate_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            static_cast<void>(ended);
        }
        co_return decide_(ids);
    }
    void open() {
        held = false;
        gate_.cancel();
    }

    std::vector<std::vector<std::string>> calls;
    bool held = false;

private:
    Decide decide_;
    boost::asio::steady_timer gate_;
};

}  // namespace arngate::ec2
