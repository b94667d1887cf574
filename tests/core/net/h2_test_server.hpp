#pragma once

#include "tests/core/net/h2_frames.hpp"
#include "tests/core/net/test_certificates.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::net::test {

/// A TLS server that speaks HTTP/2 frame by frame as the test says, on a port of 127.0.0.1 and on the test's own loop.
class H2TestServer {
public:
    /// One connection, as a behaviour sees it.
    class Connection {
    public:
        virtual ~Connection() = default;
        virtual void send(std::string bytes) = 0;
        virtual void cut() = 0;  ///< ends TCP alone
        [[nodiscard]] virtual std::size_t index() const = 0;
    };
    /// What to do about a frame that came. The preface, settings and their acknowledgement are taken care of.
    using Behaviour = std::function<void(Connection&, const Frame&)>;

    /// `protocols`: what ALPN may choose, the preferred one first; others are refused without an alert.
    H2TestServer(boost::asio::io_context& io, const LeafPem& leaf, std::vector<std::string> protocols = {"h2"});
    ~H2TestServer();
    H2TestServer(const H2TestServer&) = delete;
    H2TestServer& operator=(const H2TestServer&) = delete;

    /// Of all connections from now on. The first one answers every request "ok" at once.
    void behave(Behaviour behaviour);
    /// Entries of the server's first SETTINGS frame.
    void use_settings(std::string entries);
    /// So many connections from the beginning get no SETTINGS frame at all, and no acknowledgement of the client's.
    void withhold_settings(std::size_t connections);
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t accepted() const;
    [[nodiscard]] std::size_t resumed() const;
    [[nodiscard]] std::size_t ended() const;  ///< connections that are over
    /// Every frame of every connection, in the order of arrival.
    [[nodiscard]] const std::vector<Frame>& frames() const;
    [[nodiscard]] std::size_t count(FrameType type) const;
    [[nodiscard]] Connection& connection(std::size_t index);

private:
    struct State;
    struct Link;
    std::shared_ptr<State> state_;
};

}  // namespace arngate::net::test
