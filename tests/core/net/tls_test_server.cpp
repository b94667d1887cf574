#include "tests/core/net/tls_test_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/completion_condition.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>

#include <array>
#include <list>

namespace arngate::net::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using TlsStream = asio::ssl::stream<tcp::socket>;
constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

tcp::endpoint any_loopback_port() {
    return {asio::ip::address_v4::loopback(), 0};
}

// Copies until either side ends; then both end.
asio::awaitable<void> pump(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to) {
    std::array<char, 4096> bytes{};
    for (;;) {
        const auto space = asio::buffer(bytes);
        auto [read_error, count] = co_await from->async_read_some(space, awaited);
        if (read_error) {
            break;
        }
        const auto piece = asio::buffer(bytes.data(), count);
        auto [write_error, written] = co_await asio::async_write(*to, piece, awaited);
        static_cast<void>(written);
        if (write_error) {
            break;
        }
    }
    boost::system::error_code ignored;
    from->close(ignored);
    to->close(ignored);
}

}  // namespace

asio::awaitable<void> Gate::wait() {
    if (!open_) {
        auto [ended] = co_await timer_.async_wait(awaited);
        static_cast<void>(ended);
    }
}

Step read() {
    return {.kind = Step::Kind::read, .text = {}};
}
Step send(std::string text) {
    return {.kind = Step::Kind::send, .text = std::move(text)};
}
Step wait(Gate& gate) {
    return {.kind = Step::Kind::wait, .text = {}, .gate = &gate};
}
Step close() {
    return {.kind = Step::Kind::close, .text = {}};
}
Step cut() {
    return {.kind = Step::Kind::cut, .text = {}};
}

std::string answer(int status, const std::string& body, const std::string& more_headers) {
    return fmt::format(
        "HTTP/1.1 {} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}",
        status,
        body.size(),
        more_headers,
        body
    );
}

struct TlsTestServer::State {
    State(asio::io_context& io, const LeafPem& leaf)
        : context(asio::ssl::context::tls_server), acceptor(io, any_loopback_port()) {
        context.use_certificate_chain(asio::buffer(leaf.certificate));
        context.use_private_key(asio::buffer(leaf.key), asio::ssl::context::pem);
    }

    static asio::awaitable<void> accept(std::shared_ptr<State> self) {
        for (;;) {
            auto [error, socket] = co_await self->acceptor.async_accept(awaited);
            if (error) {
                co_return;
            }
            Script script;
            if (self->accepted < self->scripts.size()) {
                script = self->scripts[self->accepted];
            }
            ++self->accepted;
            auto stream = std::make_shared<TlsStream>(std::move(socket), self->context);
            self->streams.push_back(stream);
            asio::co_spawn(self->acceptor.get_executor(), serve(self, stream, std::move(script)), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<State> self, std::shared_ptr<TlsStream> stream, Script script) {
        auto [error] = co_await stream->async_handshake(asio::ssl::stream_base::server, awaited);
        if (error) {
            ++self->failed_handshakes;
        } else {
            SSL* ssl = stream->native_handle();
            self->resumed += SSL_session_reused(ssl) == 1 ? 1U : 0U;
            const char* sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
            self->last_sni = sni == nullptr ? "" : sni;
            co_await play(self, stream, std::move(script));
        }
        boost::system::error_code ignored;
        stream->next_layer().close(ignored);
        ++self->ended;
    }

    static asio::awaitable<void> play(std::shared_ptr<State> self, std::shared_ptr<TlsStream> stream, Script script) {
        std::string buffer;
        for (const Step& step : script) {
            if (step.kind == Step::Kind::read) {
                const bool came = co_await read_request(self, stream, &buffer);
                if (!came) {
                    co_return;
                }
            } else if (step.kind == Step::Kind::send) {
                const auto bytes = asio::buffer(step.text);
                auto [error, count] = co_await asio::async_write(*stream, bytes, awaited);
                static_cast<void>(count);
                if (error) {
                    co_return;
                }
            } else if (step.kind == Step::Kind::wait) {
                co_await step.gate->wait();
            } else {
                if (step.kind == Step::Kind::close) {
                    auto [error] = co_await stream->async_shutdown(awaited);
                    static_cast<void>(error);
                }
                co_return;
            }
        }
        const std::string ok = answer(200, "ok");
        for (;;) {
            const bool came = co_await read_request(self, stream, &buffer);
            if (!came) {
                co_return;
            }
            const auto bytes = asio::buffer(ok);
            auto [error, count] = co_await asio::async_write(*stream, bytes, awaited);
            static_cast<void>(count);
            if (error) {
                co_return;
            }
        }
    }

    static asio::awaitable<bool> read_request(
        std::shared_ptr<State> self, std::shared_ptr<TlsStream> stream, std::string* buffer
    ) {
        auto dynamic = asio::dynamic_buffer(*buffer);
        auto [error, size] = co_await asio::async_read_until(*stream, dynamic, "\r\n\r\n", awaited);
        if (error) {
            co_return false;
        }
        size += body_size(buffer->substr(0, size));
        while (buffer->size() < size) {
            const std::size_t missing = size - buffer->size();
            auto [body_error, count] =
                co_await asio::async_read(*stream, dynamic, asio::transfer_at_least(missing), awaited);
            static_cast<void>(count);
            if (body_error) {
                co_return false;
            }
        }
        self->requests.push_back(buffer->substr(0, size));
        buffer->erase(0, size);
        co_return true;
    }

    static std::size_t body_size(const std::string& head) {
        constexpr std::string_view name = "\r\nContent-Length: ";
        const std::size_t at = head.find(name);
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
    }

    void stop() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        for (const auto& weak : streams) {
            if (const auto stream = weak.lock()) {
                stream->next_layer().close(ignored);
            }
        }
    }

    asio::ssl::context context;
    tcp::acceptor acceptor;
    std::deque<Script> scripts;
    std::vector<std::string> requests;
    std::list<std::weak_ptr<TlsStream>> streams;
    std::size_t accepted = 0;
    std::size_t resumed = 0;
    std::size_t failed_handshakes = 0;
    std::size_t ended = 0;
    std::string last_sni;
};

TlsTestServer::TlsTestServer(asio::io_context& io, const LeafPem& leaf) : state_(std::make_shared<State>(io, leaf)) {
    asio::co_spawn(io, State::accept(state_), asio::detached);
}
TlsTestServer::~TlsTestServer() {
    stop();
}
void TlsTestServer::script(Script steps) {
    state_->scripts.push_back(std::move(steps));
}
std::uint16_t TlsTestServer::port() const {
    return state_->acceptor.local_endpoint().port();
}
void TlsTestServer::require_client_certificate(const std::string& ca_pem) {
    state_->context.add_certificate_authority(asio::buffer(ca_pem));
    state_->context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    constexpr std::string_view id = "test";
    SSL_CTX_set_session_id_context(
        state_->context.native_handle(), reinterpret_cast<const unsigned char*>(id.data()), id.size()
    );
}
const std::vector<std::string>& TlsTestServer::requests() const {
    return state_->requests;
}
std::size_t TlsTestServer::accepted() const {
    return state_->accepted;
}
std::size_t TlsTestServer::resumed() const {
    return state_->resumed;
}
std::size_t TlsTestServer::failed_handshakes() const {
    return state_->failed_handshakes;
}
std::size_t TlsTestServer::ended() const {
    return state_->ended;
}
const std::string& TlsTestServer::last_sni() const {
    return state_->last_sni;
}
void TlsTestServer::stop() {
    state_->stop();
}

struct TestProxy::State {
    State(asio::io_context& io, std::uint16_t target, std::string text)
        : acceptor(io, any_loopback_port()), to(target), reply(std::move(text)) {}

    static asio::awaitable<void> accept(std::shared_ptr<State> self) {
        for (;;) {
            auto [error, socket] = co_await self->acceptor.async_accept(awaited);
            if (error) {
                co_return;
            }
            auto client = std::make_shared<tcp::socket>(std::move(socket));
            asio::co_spawn(self->acceptor.get_executor(), serve(self, client), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<State> self, std::shared_ptr<tcp::socket> client) {
        std::string buffer;
        auto dynamic = asio::dynamic_buffer(buffer);
        auto [error, size] = co_await asio::async_read_until(*client, dynamic, "\r\n\r\n", awaited);
        if (error) {
            co_return;
        }
        self->requests.push_back(buffer.substr(0, size));
        auto server = std::make_shared<tcp::socket>(client->get_executor());
        const tcp::endpoint target(asio::ip::address_v4::loopback(), self->to);
        auto [connect_error] = co_await server->async_connect(target, awaited);
        const auto bytes = asio::buffer(self->reply);
        auto [write_error, count] = co_await asio::async_write(*client, bytes, awaited);
        static_cast<void>(count);
        if (connect_error || write_error) {
            co_return;
        }
        asio::co_spawn(client->get_executor(), pump(client, server), asio::detached);
        asio::co_spawn(client->get_executor(), pump(server, client), asio::detached);
    }

    tcp::acceptor acceptor;
    std::uint16_t to;
    std::string reply;
    std::vector<std::string> requests;
};

TestProxy::TestProxy(asio::io_context& io, std::uint16_t to, std::string reply)
    : state_(std::make_shared<State>(io, to, std::move(reply))) {
    asio::co_spawn(io, State::accept(state_), asio::detached);
}
TestProxy::~TestProxy() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}
std::uint16_t TestProxy::port() const {
    return state_->acceptor.local_endpoint().port();
}
const std::vector<std::string>& TestProxy::requests() const {
    return state_->requests;
}

}  // namespace arngate::net::test
