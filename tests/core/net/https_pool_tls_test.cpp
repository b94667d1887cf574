#include "core/net/https_pool.hpp"

#include "tests/core/net/pool_fixture.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace arngate::net::test {
namespace {

using HttpsPoolTlsTest = PoolTest;

TEST_F(HttpsPoolTlsTest, RefusesACertificateOfAnotherName) {
    const auto pool = make_pool(options());
    const Endpoint other{.host = "sts.eu-west-1.amazonaws.com", .port = 443};
    const auto result = run(io, pool->exchange(other, get(), far_away()));
    expect_failure(
        result,
        Reason::sts_unreachable,
        "TLS handshake with sts.eu-west-1.amazonaws.com:443: certificate verify failed (hostname mismatch)"
    );
    EXPECT_TRUE(server.requests().empty());
    EXPECT_EQ(metrics->failed.value(), 1U);
    EXPECT_EQ(metrics->open.value(), 0);
}

TEST_F(HttpsPoolTlsTest, RefusesACertificateOfAnotherName_AlsoWithASessionInStore) {
    const auto pool = make_pool(options());
    expect_ok(exchange(*pool));
    const Endpoint other{.host = "sts.eu-west-1.amazonaws.com", .port = 443};
    expect_failure(run(io, pool->exchange(other, get(), far_away())), Reason::sts_unreachable, "hostname mismatch");
}

TEST_F(HttpsPoolTlsTest, RefusesACertificateOfAnotherAuthority) {
    const TestCa other;
    const TemporaryFile file(other.certificate_pem());
    auto all = options();
    all.tls.ca_files = {file.path()};
    const auto pool = make_pool(all);
    expect_failure(
        exchange(*pool),
        Reason::sts_unreachable,
        "TLS handshake with sts.us-east-1.amazonaws.com:443: certificate verify failed ("
    );
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpsPoolTlsTest, TrustsEveryFileItIsGiven) {
    const TestCa other;
    const TemporaryFile file(other.certificate_pem());
    auto all = options();
    all.tls.ca_files = {file.path(), ca_file()};
    const auto pool = make_pool(all);
    expect_ok(exchange(*pool));
}

TEST_F(HttpsPoolTlsTest, SystemTrustDoesNotCoverOurAuthority) {
    auto all = options();
    all.tls = {.system_trust = true, .ca_files = {}};
    const auto pool = make_pool(all);
    expect_failure(exchange(*pool), Reason::sts_unreachable, "certificate verify failed");
}

TEST_F(HttpsPoolTlsTest, VerifiesAnAddressAsAnAddress) {
    TlsTestServer by_address(io, ca().issue({"IP:127.0.0.1"}));
    const auto pool = make_pool(options());
    const Endpoint right{.host = "127.0.0.1", .port = by_address.port()};
    expect_ok(run(io, pool->exchange(right, get(), far_away())));
    EXPECT_EQ(by_address.last_sni(), "");
    const Endpoint wrong{.host = "127.0.0.1", .port = server.port()};
    expect_failure(run(io, pool->exchange(wrong, get(), far_away())), Reason::sts_unreachable, "IP address mismatch");
}

// Answers the first connection in plain HTTP.
boost::asio::awaitable<void> speak_plainly(boost::asio::ip::tcp::acceptor& acceptor) {
    boost::asio::ip::tcp::socket socket = co_await acceptor.async_accept(boost::asio::use_awaitable);
    const std::string text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    const auto bytes = boost::asio::buffer(text);
    co_await boost::asio::async_write(socket, bytes, boost::asio::use_awaitable);
}

TEST_F(HttpsPoolTlsTest, RefusesAServerThatSpeaksNoTls) {
    boost::asio::ip::tcp::acceptor plain(io, {boost::asio::ip::address_v4::loopback(), 0});
    boost::asio::co_spawn(io, speak_plainly(plain), boost::asio::detached);
    auto all = options();
    all.connect_to[0].to.port = plain.local_endpoint().port();
    const auto pool = make_pool(all);
    expect_failure(exchange(*pool), Reason::sts_unreachable, "TLS handshake");
}

TEST_F(HttpsPoolTlsTest, ResumesSessionsAcrossPools) {
    const auto all = options();
    const auto tls = make_tls_client(all.tls);
    HttpsPool first(io.get_executor(), tls, all, metrics);
    expect_ok(exchange(first));
    EXPECT_EQ(server.resumed(), 0U);
    HttpsPool second(io.get_executor(), tls, all, metrics);
    expect_ok(exchange(second));
    EXPECT_EQ(server.accepted(), 2U);
    EXPECT_EQ(server.resumed(), 1U);
}

TEST_F(HttpsPoolTlsTest, SaysWhichCaFileCannotBeRead) {
    const TemporaryFile empty("not a certificate");
    for (const std::string& path : {std::string("/nonexistent/ca.pem"), empty.path()}) {
        try {
            static_cast<void>(make_tls_client({.system_trust = true, .ca_files = {path}}));
            FAIL() << path;
        } catch (const std::runtime_error& error) {
            EXPECT_TRUE(std::string_view(error.what()).contains(path)) << error.what();
        }
    }
    EXPECT_THROW(static_cast<void>(make_tls_client({.system_trust = false, .ca_files = {}})), std::runtime_error);
}

}  // namespace
}  // namespace arngate::net::test
