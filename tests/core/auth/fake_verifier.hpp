#pragma once

#include "core/sts/client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace arngate::auth {

/// Answers when the test opens the gate. One answer for all calls.
class FakeVerifier final : public sts::Verifier {
public:
    explicit FakeVerifier(boost::asio::any_io_executor executor)
        : gate_(std::move(executor), boost::asio::steady_timer::time_point::max()) {}

    [[nodiscard]] boost::asio::awaitable<Result<sts::CallerIdentity>> verify(
        const token::PresignedUrl& url, Deadline deadline
    ) override {
        ++calls;
        deadlines.push_back(deadline);
        if (!open_) {
            auto [ec] = co_await gate_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            static_cast<void>(ec);
        }
        // The URL is still whole after the wait.
        targets.emplace_back(url.request_target().expose());
        ++answered;
        if (throws) {
            throw std::runtime_error("a bug");
        }
        co_return answer;
    }

    /// Lets the calls under way, and all later ones, have the answer.
    void open() {
        open_ = true;
        gate_.cancel();
    }
    void shut() { open_ = false; }

    Result<sts::CallerIdentity> answer;
    bool throws = false;
    std::size_t calls = 0;
    std::size_t answered = 0;
    std::vector<Deadline> deadlines;
    std::vector<std::string> targets;

private:
    boost::asio::steady_timer gate_;
    bool open_ = false;
};

}  // namespace arngate::auth
