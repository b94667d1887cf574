#include "core/net/https_pool.hpp"

#include "tests/core/net/pool_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <stdexcept>

namespace arngate::net::test {
namespace {

// Where a connection is made to: connect-to, proxies, and what cannot be reached.
class HttpsPoolRouteTest : public PoolTest {
protected:
    // Loopback never goes through a proxy, so the endpoint keeps its name and the proxy leads to the server.
    [[nodiscard]] HttpsPoolOptions through(const std::string& proxy) const {
        auto all = options();
        all.connect_to.clear();
        all.proxy.https_proxy = proxy;
        return all;
    }
};

TEST_F(HttpsPoolRouteTest, NamesTheAddressThatRefused) {
    std::uint16_t port = 0;
    {
        const boost::asio::ip::tcp::acceptor closed(io, {boost::asio::ip::address_v4::loopback(), 0});
        port = closed.local_endpoint().port();
    }
    auto all = options();
    all.connect_to[0].to.port = port;
    const auto pool = make_pool(all);
    const auto result = exchange(*pool);
    expect_failure(
        result,
        Reason::sts_unreachable,
        fmt::format("connect to sts.us-east-1.amazonaws.com:443 (127.0.0.1:{}): Connection refused", port)
    );
    EXPECT_EQ(metrics->failed.value(), 1U);
}

TEST_F(HttpsPoolRouteTest, SaysWhichNameDoesNotResolve) {
    auto all = options();
    // RFC 6761, section 6.4: never resolves.
    all.connect_to[0].to.host = "nowhere.invalid";
    const auto pool = make_pool(all);
    expect_failure(exchange(*pool), Reason::sts_unreachable, "resolve nowhere.invalid: ");
}

TEST_F(HttpsPoolRouteTest, ResolvesNames) {
    auto all = options();
    all.connect_to[0].to.host = "localhost";
    const auto pool = make_pool(all);
    expect_ok(exchange(*pool));
}

TEST_F(HttpsPoolRouteTest, GoesThroughAProxyAndVerifiesTheServerBehindIt) {
    TestProxy proxy(io, server.port(), "HTTP/1.1 200 Connection established\r\n\r\n");
    const auto pool = make_pool(through(fmt::format("http://user:hunter2@127.0.0.1:{}", proxy.port())));
    expect_ok(exchange(*pool));
    expect_ok(exchange(*pool));
    ASSERT_EQ(proxy.requests().size(), 1U);
    EXPECT_TRUE(proxy.requests()[0].starts_with("CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\n"));
    EXPECT_TRUE(proxy.requests()[0].contains("\r\nProxy-Authorization: Basic dXNlcjpodW50ZXIy\r\n"));
    EXPECT_EQ(server.last_sni(), server_name);
    ASSERT_EQ(server.requests().size(), 2U);
    EXPECT_FALSE(server.requests()[0].contains("Proxy-Authorization"));

    const Endpoint other{.host = "sts.eu-west-1.amazonaws.com", .port = 443};
    expect_failure(run(io, pool->exchange(other, get(), far_away())), Reason::sts_unreachable, "hostname mismatch");
}

TEST_F(HttpsPoolRouteTest, SaysWhatTheProxyAnswered) {
    TestProxy proxy(io, server.port(), "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 6\r\n\r\nsecret");
    const auto pool = make_pool(through(fmt::format("http://user:hunter2@127.0.0.1:{}", proxy.port())));
    const auto result = exchange(*pool);
    expect_failure(result, Reason::sts_unreachable, "the proxy answered 407");
    EXPECT_FALSE(result.error().detail.contains("hunter2"));
    EXPECT_TRUE(server.requests().empty());
    EXPECT_EQ(metrics->failed.value(), 1U);
}

TEST_F(HttpsPoolRouteTest, RefusesAProxyThatAnswersNonsense) {
    for (const char* reply : {"hello\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nsurplus"}) {
        TestProxy proxy(io, server.port(), reply);
        const auto pool = make_pool(through(fmt::format("http://127.0.0.1:{}", proxy.port())));
        expect_failure(exchange(*pool), Reason::sts_unreachable, "the proxy");
    }
}

TEST_F(HttpsPoolRouteTest, LeavesTheProxyAsideForLoopbackAndNoProxy) {
    auto all = options();
    all.proxy.https_proxy = "http://127.0.0.1:1";
    expect_ok(exchange(*make_pool(all)));

    TestProxy proxy(io, server.port(), "HTTP/1.1 200 OK\r\n\r\n");
    auto direct = through(fmt::format("http://127.0.0.1:{}", proxy.port()));
    direct.proxy.no_proxy = {".invalid"};
    const auto pool = make_pool(direct);
    const Endpoint nowhere{.host = "nowhere.invalid", .port = 443};
    expect_failure(run(io, pool->exchange(nowhere, get(), far_away())), Reason::sts_unreachable, "resolve");
    EXPECT_TRUE(proxy.requests().empty());
}

TEST_F(HttpsPoolRouteTest, RefusesAProxyItCannotUseAtConstruction) {
    for (const char* url : {"https://user:hunter2@proxy.example:3128", "socks5://proxy.example", "http://"}) {
        try {
            static_cast<void>(make_pool(through(url)));
            FAIL() << url;
        } catch (const std::runtime_error& error) {
            EXPECT_FALSE(std::string_view(error.what()).contains("hunter2")) << error.what();
        }
    }
}

}  // namespace
}  // namespace arngate::net::test
