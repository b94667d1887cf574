#include "daemon/http/listener.hpp"

#include "core/base/log.hpp"
#include "daemon/http/connection.hpp"
#include "daemon/http/connection_set.hpp"
#include "daemon/http/rate_limit.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace arngate::http {

namespace asio = boost::asio;
using boost::asio::ip::tcp;

namespace {

/// How many connections are taken before the others have their turn.
constexpr unsigned accepts_per_turn = 64;

/// "192.0.2.1:443", "[2001:db8::1]:443"; an IPv4 client of a socket for both is shown as IPv4.
std::string describe(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    const std::string port = std::to_string(ntohs(v6.sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
        ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
        return std::string(text.data()) + ":" + port;
    }
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + port;
}

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
    State(
        const asio::any_io_executor& executor,
        BoundSocket bound,
        ListenerOptions options,
        Handler& handler,
        const Clock& clock,
        std::shared_ptr<HttpMetrics> metrics
    )
        : protocol(bound.v6() ? tcp::v6() : tcp::v4()),
          port(bound.port()),
          acceptor(executor, protocol, bound.release()),
          timer(executor),
          sweep_interval(options.sweep_interval) {
        auto context = std::make_shared<SessionContext>(options.limits, handler, clock, std::move(metrics));
        set = std::make_shared<ConnectionSet>(std::move(context), std::move(options.tls));
    }

    [[nodiscard]] SessionContext& context() const { return *set->context(); }

    void wait() {
        acceptor.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](boost::system::error_code ec) {
            if (ec || !self->acceptor.is_open()) {
                return;
            }
            if (self->accept_some(accepts_per_turn)) {
                self->wait();
            }
        });
    }

    /// False: there is a shortage and no waiting makes sense before the next sweep.
    bool accept_some(unsigned most) {
        for (unsigned i = 0; i < most; ++i) {
            sockaddr_storage address{};
            socklen_t length = sizeof address;
            const int descriptor = ::accept4(
                acceptor.native_handle(), reinterpret_cast<sockaddr*>(&address), &length, SOCK_CLOEXEC | SOCK_NONBLOCK
            );
            if (descriptor >= 0) {
                take(descriptor, address);
                continue;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return true;
            }
            if (is_shortage(errno)) {
                const int error = errno;
                if (const auto held_back = shortage_log.pass(context().clock.steady())) {
                    log::error(
                        "http: cannot accept connections",
                        {{"error", std::generic_category().message(error)}, {"suppressed", *held_back}}
                    );
                }
                paused = true;
                start_timer();
                return false;
            }
            // Else it concerns one connection that is gone already (accept(2)).
        }
        return true;
    }

    void take(int descriptor, const sockaddr_storage& address) {
        tcp::socket socket(acceptor.get_executor());
        boost::system::error_code ec;
        socket.assign(protocol, descriptor, ec);
        if (ec) {
            ::close(descriptor);
            return;
        }
        if (set->size() >= context().limits.max_connections) {
            context().metrics->limit(Limit::connections).add();
            return;
        }
        socket.set_option(tcp::no_delay(true), ec);
        try {
            Connection::start(set, std::move(socket), describe(address));
        } catch (const std::exception&) {
            log::error("http: no memory for a connection");
        }
        start_timer();
    }

    void start_timer() {
        if (sweep_interval.count() == 0 || std::exchange(timer_runs, true)) {
            return;
        }
        timer.expires_after(sweep_interval);
        timer.async_wait([self = shared_from_this()](boost::system::error_code ec) {
            self->timer_runs = false;
            if (ec) {
                return;
            }
            self->sweep();
            if (self->set->size() > 0) {
                self->start_timer();
            }
        });
    }

    void sweep() {
        set->sweep(context().clock.steady());
        if (std::exchange(paused, false) && acceptor.is_open() && accept_some(accepts_per_turn)) {
            wait();
        }
    }

    void close_acceptor() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
    }

    void stop() {
        close_acceptor();
        set->close_all();
        timer.cancel();
    }

    tcp protocol;
    std::uint16_t port;
    tcp::acceptor acceptor;
    asio::steady_timer timer;
    std::chrono::milliseconds sweep_interval;
    std::shared_ptr<ConnectionSet> set;
    RateLimit shortage_log{1, std::chrono::seconds(10)};
    bool paused = false;
    bool timer_runs = false;
};

Listener::Listener(
    boost::asio::any_io_executor executor,
    BoundSocket socket,
    ListenerOptions options,
    Handler& handler,
    const Clock& clock,
    std::shared_ptr<HttpMetrics> metrics
)
    : state_(
          std::make_shared<State>(executor, std::move(socket), std::move(options), handler, clock, std::move(metrics))
      ) {}

Listener::~Listener() {
    state_->stop();
}

void Listener::start() {
    state_->wait();
}

void Listener::set_tls(TlsServer tls) {
    if (state_->set->tls() != nullptr && tls != nullptr) {
        state_->set->set_tls(std::move(tls));
    }
}

void Listener::drain(std::move_only_function<void()> done, SteadyTime until) {
    const auto state = state_;  // `done` may destroy the listener
    if (state->acceptor.is_open()) {
        // Who is in the kernel's queue has a connection already, perhaps a request under way: closing now would reset
        // it.
        state->accept_some(static_cast<unsigned>(state->context().limits.max_connections));
        state->close_acceptor();
    }
    state->start_timer();
    state->set->drain(std::move(done), until);
}

void Listener::stop() {
    const auto state = state_;
    state->stop();
}

std::uint16_t Listener::port() const noexcept {
    return state_->port;
}

std::size_t Listener::connections() const noexcept {
    return state_->set->size();
}

void Listener::sweep() {
    const auto state = state_;
    state->sweep();
}

}  // namespace arngate::http
