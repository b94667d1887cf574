#include "core/net/tls_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace arngate::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A stream connected to a peer that does what the test says. What the peer sends is there at once, on loopback.
class TlsStreamTest : public testing::Test {
protected:
    TlsStreamTest() {
        tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        stream.socket().connect(acceptor.local_endpoint());
        peer = acceptor.accept();
    }

    asio::io_context loop{1};
    asio::ssl::context context{asio::ssl::context::tls_client};
    TlsStream stream{loop.get_executor(), context.native_handle()};
    tcp::socket peer{loop};
};

TEST_F(TlsStreamTest, SaysWhatToWaitForAndTakesUpAgain) {
    for (int i = 0; i < 2; ++i) {
        const TlsStep step = stream.handshake();
        EXPECT_FALSE(step.error);
        EXPECT_EQ(step.wait_for, tcp::socket::wait_read);
        EXPECT_EQ(step.bytes, 0U);
    }
    EXPECT_FALSE(stream.has_pending());
}

TEST_F(TlsStreamTest, TellsACutFromAnEnd) {
    static_cast<void>(stream.handshake());
    peer.shutdown(tcp::socket::shutdown_send);
    const TlsStep step = stream.handshake();
    EXPECT_FALSE(step.wait_for);
    EXPECT_EQ(step.error, asio::ssl::error::stream_truncated);
}

TEST_F(TlsStreamTest, RefusesAPeerThatSpeaksNoTls) {
    static_cast<void>(stream.handshake());
    asio::write(peer, asio::buffer(std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n")));
    const TlsStep step = stream.handshake();
    EXPECT_FALSE(step.wait_for);
    EXPECT_EQ(step.error.category(), asio::error::get_ssl_category());
}

TEST_F(TlsStreamTest, FailsWithoutASignalWhenThePeerIsGone) {
    peer.set_option(asio::socket_base::linger(true, 0));
    peer.close();
    TlsStep step = stream.handshake();  // the first write may still be taken
    if (!step.error) {
        step = stream.handshake();
    }
    EXPECT_TRUE(step.error);
    EXPECT_FALSE(step.wait_for);
}

TEST_F(TlsStreamTest, NeverReachesADescriptorThatIsAnothersByNow) {
    static_cast<void>(stream.handshake());
    const int number = stream.socket().native_handle();
    std::array<int, 2> others{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, others.data()), 0);
    stream.socket().close();
    ASSERT_EQ(::dup2(others[0], number), number);
    ASSERT_EQ(::send(others[1], "for another", 11, 0), 11);

    const TlsStep step = stream.handshake();
    EXPECT_TRUE(step.error);
    EXPECT_FALSE(step.wait_for);
    std::array<char, 16> bytes{};
    EXPECT_EQ(::recv(others[0], bytes.data(), bytes.size(), MSG_DONTWAIT), 11) << "nobody has read them";
    EXPECT_EQ(::recv(others[1], bytes.data(), bytes.size(), MSG_DONTWAIT), -1) << "and nobody has written";
    for (const int descriptor : {number, others[0], others[1]}) {
        ::close(descriptor);
    }
}

}  // namespace
}  // namespace arngate::net
