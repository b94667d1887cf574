#include "tests/core/net/h2_test_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace arngate::net::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using TlsStream = asio::ssl::stream<tcp::socket>;
constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct H2TestServer::Link : H2TestServer::Connection, std::enable_shared_from_this<Link> {
    Link(tcp::socket socket, asio::ssl::context& context, std::size_t number)
        : stream(std::move(socket), context), number_(number) {}

    void send(std::string bytes) override {
        waiting += bytes;
        if (!sending && !waiting.empty()) {
            sending = true;
            asio::co_spawn(stream.get_executor(), write(shared_from_this()), asio::detached);
        }
    }
    void cut() override {
        boost::system::error_code ignored;
        stream.next_layer().close(ignored);
    }
    [[nodiscard]] std::size_t index() const override { return number_; }

    static asio::awaitable<void> write(std::shared_ptr<Link> self) {
        while (!self->waiting.empty()) {
            const std::string bytes = std::exchange(self->waiting, {});
            const auto buffer = asio::buffer(bytes);
            auto [error, count] = co_await asio::async_write(self->stream, buffer, awaited);
            static_cast<void>(count);
            if (error) {
                co_return;
            }
        }
        self->sending = false;
    }

    TlsStream stream;
    std::string waiting;
    bool sending = false;

private:
    std::size_t number_;
};

struct H2TestServer::State {
    State(asio::io_context& io, const LeafPem& leaf, std::vector<std::string> names)
        : context(asio::ssl::context::tls_server),
          acceptor(io, {asio::ip::address_v4::loopback(), 0}),
          behaviour([](Connection& connection, const Frame& frame) {
              if (frame.type == FrameType::headers) {
                  connection.send(whole_answer(frame.stream));
              }
          }) {
        context.use_certificate_chain(asio::buffer(leaf.certificate));
        context.use_private_key(asio::buffer(leaf.key), asio::ssl::context::pem);
        for (const std::string& name : names) {
            protocols.push_back(static_cast<unsigned char>(name.size()));
            protocols.insert(protocols.end(), name.begin(), name.end());
        }
        SSL_CTX_set_alpn_select_cb(context.native_handle(), choose, this);
    }

    static int choose(
        SSL* /*ssl*/,
        const unsigned char** out,
        unsigned char* out_size,
        const unsigned char* in,
        unsigned in_size,
        void* user
    ) {
        const auto& ours = static_cast<State*>(user)->protocols;
        unsigned char* chosen = nullptr;
        const int result =
            SSL_select_next_proto(&chosen, out_size, ours.data(), static_cast<unsigned>(ours.size()), in, in_size);
        *out = chosen;
        return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
    }

    static asio::awaitable<void> accept(std::shared_ptr<State> self) {
        for (;;) {
            auto [error, socket] = co_await self->acceptor.async_accept(awaited);
            if (error) {
                co_return;
            }
            auto link = std::make_shared<Link>(std::move(socket), self->context, self->links.size());
            self->links.push_back(link);
            asio::co_spawn(self->acceptor.get_executor(), serve(self, link), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<State> self, std::shared_ptr<Link> link) {
        auto [error] = co_await link->stream.async_handshake(asio::ssl::stream_base::server, awaited);
        if (!error) {
            self->resumed += SSL_session_reused(link->stream.native_handle()) == 1 ? 1U : 0U;
            if (link->index() >= self->without_settings) {
                link->send(settings(self->settings_entries));
            }
            co_await read(self, link);
        }
        link->cut();
        ++self->ended;
    }

    static asio::awaitable<void> read(std::shared_ptr<State> self, std::shared_ptr<Link> link) {
        std::string bytes;
        std::array<char, 8192> piece{};
        bool begun = false;
        for (;;) {
            const auto space = asio::buffer(piece);
            auto [error, count] = co_await link->stream.async_read_some(space, awaited);
            if (error) {
                co_return;
            }
            bytes.append(piece.data(), count);
            if (!begun && bytes.starts_with(preface)) {
                bytes.erase(0, preface.size());
                begun = true;
            }
            Frame one;
            while (begun && take_frame(bytes, one)) {
                self->frames.push_back(one);
                if (one.type == FrameType::settings) {
                    if (one.flags != ack && link->index() >= self->without_settings) {
                        link->send(frame(FrameType::settings, ack, 0));
                    }
                } else {
                    const Behaviour now = self->behaviour;
                    now(*link, one);
                }
            }
        }
    }

    asio::ssl::context context;
    tcp::acceptor acceptor;
    Behaviour behaviour;
    std::vector<unsigned char> protocols;
    std::string settings_entries;
    std::vector<std::shared_ptr<Link>> links;
    std::vector<Frame> frames;
    std::size_t without_settings = 0;
    std::size_t resumed = 0;
    std::size_t ended = 0;
};

H2TestServer::H2TestServer(asio::io_context& io, const LeafPem& leaf, std::vector<std::string> protocols)
    : state_(std::make_shared<State>(io, leaf, std::move(protocols))) {
    asio::co_spawn(io, State::accept(state_), asio::detached);
}
H2TestServer::~H2TestServer() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->behaviour = [](Connection&, const Frame&) {};
    for (const auto& link : state_->links) {
        link->cut();
    }
}
void H2TestServer::behave(Behaviour behaviour) {
    state_->behaviour = std::move(behaviour);
}
void H2TestServer::use_settings(std::string entries) {
    state_->settings_entries = std::move(entries);
}
void H2TestServer::withhold_settings(std::size_t connections) {
    state_->without_settings = connections;
}
std::uint16_t H2TestServer::port() const {
    return state_->acceptor.local_endpoint().port();
}
std::size_t H2TestServer::accepted() const {
    return state_->links.size();
}
std::size_t H2TestServer::resumed() const {
    return state_->resumed;
}
std::size_t H2TestServer::ended() const {
    return state_->ended;
}
const std::vector<Frame>& H2TestServer::frames() const {
    return state_->frames;
}
std::size_t H2TestServer::count(FrameType type) const {
    std::size_t found = 0;
    for (const Frame& one : state_->frames) {
        found += one.type == type ? 1 : 0;
    }
    return found;
}
H2TestServer::Connection& H2TestServer::connection(std::size_t index) {
    return *state_->links.at(index);
}

}  // namespace arngate::net::test
