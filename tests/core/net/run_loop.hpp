#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace arngate::net::test {

/// Runs the loop, handler by handler, until the condition holds. Throws when the loop has run out before.
inline void run_until(boost::asio::io_context& io, const std::function<bool()>& condition) {
    while (!condition()) {
        io.restart();
        if (io.run_one() == 0) {
            throw std::runtime_error("the loop ran out");
        }
    }
}

/// A coroutine that was started, and its result in the end.
template <class T>
class Running {
public:
    Running(boost::asio::io_context& io, boost::asio::awaitable<T> task)
        : io_(io), result_(std::make_shared<std::optional<T>>()) {
        boost::asio::co_spawn(io, std::move(task), [result = result_](const std::exception_ptr& failure, T value) {
            if (failure) {
                std::rethrow_exception(failure);
            }
            *result = std::move(value);
        });
    }
    [[nodiscard]] bool done() const { return result_->has_value(); }
    [[nodiscard]] T get() {
        run_until(io_, [this] { return done(); });
        return std::move(**result_);
    }

private:
    boost::asio::io_context& io_;
    std::shared_ptr<std::optional<T>> result_;
};

template <class T>
[[nodiscard]] T run(boost::asio::io_context& io, boost::asio::awaitable<T> task) {
    return Running<T>(io, std::move(task)).get();
}

}  // namespace arngate::net::test
