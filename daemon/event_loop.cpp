#include "daemon/event_loop.hpp"

#include "core/base/log.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <exception>

namespace arngate {

namespace asio = boost::asio;

EventLoop::EventLoop(std::string name)
    : name_(std::move(name)), work_(asio::make_work_guard(context_.get_executor())) {}

EventLoop::~EventLoop() {
    if (thread_.joinable()) {
        context_.stop();
        thread_.join();
    }
}

void EventLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void EventLoop::run() noexcept {
    static_cast<void>(::pthread_setname_np(::pthread_self(), name_.c_str()));
    try {
        context_.run();
    } catch (const std::exception& e) {
        log::error("an event loop failed, the process ends", {{"loop", name_}, {"error", e.what()}});
        log::flush();
        std::terminate();
    }
    ended_.set_value();
}

void EventLoop::finish(std::chrono::milliseconds patience) {
    if (!try_finish(patience)) {
        join();
    }
}

bool EventLoop::try_finish(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) {
        return true;
    }
    work_.reset();
    if (end_.wait_for(patience) != std::future_status::ready) {
        context_.stop();
        if (end_.wait_for(patience) != std::future_status::ready) {
            return false;
        }
    }
    join();
    return true;
}

void EventLoop::join() {
    thread_.join();
    context_.discard();
}

unsigned loop_count(unsigned asked) noexcept {
    constexpr unsigned most = 4;
    if (asked != 0) {
        return asked;
    }
    cpu_set_t processors;
    CPU_ZERO(&processors);
    if (::sched_getaffinity(0, sizeof(processors), &processors) != 0) {
        return 1;
    }
    return std::clamp(static_cast<unsigned>(CPU_COUNT(&processors)), 1U, most);
}

}  // namespace arngate
