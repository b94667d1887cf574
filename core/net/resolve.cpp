#include "core/net/resolve.hpp"

#include "core/base/no_signals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <pthread.h>

#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace arngate::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// More addresses than this would leave each too little of the deadline.
constexpr std::size_t max_addresses = 8;

struct Answer {
    boost::system::error_code error;
    std::vector<asio::ip::address> addresses;
};

/// Takes as long as the system's resolver takes, which may be many seconds and cannot be interrupted.
Answer ask_system(const std::string& host) {
    Answer answer;
    asio::io_context not_run{1};
    tcp::resolver resolver(not_run);
    for (const auto& entry : resolver.resolve(host, "", asio::ip::resolver_base::address_configured, answer.error)) {
        if (answer.addresses.size() == max_addresses) {
            break;
        }
        answer.addresses.push_back(entry.endpoint().address());
    }
    return answer;
}

/// A coroutine that waits for an answer.
struct Waiter : std::enable_shared_from_this<Waiter> {
    explicit Waiter(const asio::any_io_executor& loop) : executor(loop), wake(loop) {}

    const asio::any_io_executor executor;
    asio::steady_timer wake;       // of its loop; expires at the deadline, cancelled by the answer
    std::optional<Answer> answer;  // guarded by the mutex of Lookups
};

/// The names that the system's resolver is being asked about, each on a thread of its own, so that one whose name
/// servers are silent delays no other. All who ask for a name meanwhile, on whatever loop, wait for the same answer: so
/// there are no more threads than names, which come from tables and from the configuration. Thread-safe.
class Lookups {
public:
    /// Never destroyed: a thread may outlive everything, main() included.
    static Lookups& of_process() {
        static auto& lookups = *new Lookups;
        return lookups;
    }

    void join(const std::string& host, Waiter& waiter) {
        {
            const std::lock_guard lock(mutex_);
            // With its first waiter, or not at all: an entry without a look-up would keep all who ask for the name
            // waiting from then on.
            const auto [waiters, is_first] = waiting_.try_emplace(host, std::vector<Waiter*>{&waiter});
            if (!is_first) {
                waiters->second.push_back(&waiter);
                return;
            }
        }
        try {
            const NoSignals inherited;
            std::thread([this, host] { run(host); }).detach();
        } catch (const std::exception&) {
            deliver(host, {asio::error::no_memory, {}});
        }
    }

    /// The waiter is forgotten: nothing is written to it or posted to its loop afterwards.
    void leave(const std::string& host, Waiter& waiter) noexcept {
        const std::lock_guard lock(mutex_);
        if (const auto waiters = waiting_.find(host); waiters != waiting_.end()) {
            std::erase(waiters->second, &waiter);
        }
    }

private:
    void run(const std::string& host) noexcept {
        static_cast<void>(::pthread_setname_np(::pthread_self(), "resolve"));
        try {
            deliver(host, ask_system(host));
        } catch (const std::exception&) {
            deliver(host, {asio::error::no_memory, {}});
        }
    }

    void deliver(const std::string& host, const Answer& answer) noexcept {
        const std::lock_guard lock(mutex_);
        const auto waiters = waiting_.extract(host);
        if (waiters.empty()) {
            return;
        }
        for (Waiter* waiter : waiters.mapped()) {
            try {
                waiter->answer = answer;
                // With the lock, so that its loop is there: whoever waits leaves before the loop ends.
                asio::post(waiter->executor, [weak = waiter->weak_from_this()] {
                    if (const auto alive = weak.lock()) {
                        alive->wake.cancel();
                    }
                });
            } catch (const std::exception&) {
                waiter->answer.reset();  // it will wait until its deadline
            }
        }
    }

    std::mutex mutex_;
    std::map<std::string, std::vector<Waiter*>> waiting_;  ///< entries last as long as their look-ups
};

/// Waits in the frame of a coroutine, however that ends.
class Wait {
public:
    Wait(const asio::any_io_executor& loop, std::string host, Deadline deadline)
        : host_(std::move(host)), waiter_(std::make_shared<Waiter>(loop)) {
        waiter_->wake.expires_at(deadline.at());
        Lookups::of_process().join(host_, *waiter_);
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() { Lookups::of_process().leave(host_, *waiter_); }

    [[nodiscard]] asio::steady_timer& timer() noexcept { return waiter_->wake; }
    /// Nothing: none has come.
    [[nodiscard]] std::optional<Answer> answer() {
        Lookups::of_process().leave(host_, *waiter_);
        return std::move(waiter_->answer);
    }

private:
    const std::string host_;
    const std::shared_ptr<Waiter> waiter_;
};

}  // namespace

asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(
    asio::any_io_executor executor, Endpoint endpoint, Deadline deadline
) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(endpoint.host, not_an_address);
    if (!not_an_address) {
        std::vector<tcp::endpoint> one;
        one.emplace_back(address, endpoint.port);
        co_return one;
    }

    Wait wait(executor, endpoint.host, deadline);
    // What cancels the timer comes by a post, never inside the call above, so the wait cannot miss it.
    auto [ended] = co_await wait.timer().async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ended);

    const auto answer = wait.answer();
    if (!answer) {
        co_return fail(Reason::sts_unreachable, fmt::format("resolve {}: timed out", endpoint.host));
    }
    if (answer->error) {
        co_return fail(Reason::sts_unreachable, fmt::format("resolve {}: {}", endpoint.host, answer->error.message()));
    }
    if (answer->addresses.empty()) {
        co_return fail(Reason::sts_unreachable, fmt::format("resolve {}: no addresses", endpoint.host));
    }
    std::vector<tcp::endpoint> endpoints;
    for (const asio::ip::address& each : answer->addresses) {
        endpoints.emplace_back(each, endpoint.port);
    }
    co_return endpoints;
}

}  // namespace arngate::net
