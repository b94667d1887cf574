#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

namespace arngate {

/// One io_context with one thread. What lives on the loop needs no lock. An exception that leaves a handler ends the
/// process after a line in the log: the loop's state can no longer be trusted.
class EventLoop {
public:
    /// `name` is the thread's, at most 15 characters.
    explicit EventLoop(std::string name);
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    [[nodiscard]] boost::asio::io_context::executor_type executor() noexcept { return context_.get_executor(); }

    /// Until then, the loop's objects may be made and changed by the thread that calls this.
    void start();
    template <class F>
    void post(F&& action) {
        boost::asio::post(context_.get_executor(), std::forward<F>(action));
    }
    /// Lets the loop end when nothing is left to do, for at most `patience`, then stops it and drops what it still
    /// waited for. Returns when the thread has ended; from then on the caller may touch the loop's objects again, and
    /// destroy them: no coroutine is left that could use them.
    void finish(std::chrono::milliseconds patience);
    /// The same, but returns false when the action that is running does not return within `patience` of the stop: the
    /// thread has not ended then.
    [[nodiscard]] bool try_finish(std::chrono::milliseconds patience);

private:
    /// Lets pending handlers, and with them suspended coroutines, be destroyed before the objects that they use.
    class Context : public boost::asio::io_context {
    public:
        using boost::asio::io_context::io_context;
        void discard() { shutdown(); }
    };

    void run() noexcept;
    void join();

    std::string name_;
    Context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::promise<void> ended_;
    std::future<void> end_ = ended_.get_future();
    std::thread thread_;
};

/// Threads to run: what was asked for, else as many as the processors that the process may use, at most four.
[[nodiscard]] unsigned loop_count(unsigned asked) noexcept;

}  // namespace arngate
