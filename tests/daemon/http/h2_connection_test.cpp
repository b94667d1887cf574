// HTTP/2 over real sockets: what the connection around the session does.

#include "tests/daemon/http/h2_client.hpp"
#include "tests/daemon/http/test_handler.hpp"
#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::ClientOptions;
using test::H2Client;
using test::H2ClientOptions;
using test::H2Result;
using test::TestClient;
using test::TestHandler;
using test::TestServer;

class H2ConnectionTest : public ::testing::Test {
protected:
    void start() { server = std::make_unique<TestServer>(handler, options); }

    struct Client {
        explicit Client(std::uint16_t port, const H2ClientOptions& with = {}, int receive_buffer = 0)
            : socket(port, client_options(receive_buffer)), h2(with) {}

        static ClientOptions client_options(int receive_buffer) {
            ClientOptions with;
            with.protocols = "\x02h2";
            with.receive_buffer = receive_buffer;
            return with;
        }
        void send() { socket.send(h2.take()); }
        /// Reads until this holds, or the connection ends.
        template <class Condition>
        bool reads_until(Condition condition) {
            while (!condition()) {
                send();
                const std::string bytes = socket.read_some();
                if (bytes.empty() || !h2.feed(bytes)) {
                    return condition();
                }
            }
            return true;
        }
        H2Result& answer(std::int32_t id) {
            static_cast<void>(reads_until([&] { return h2.result(id).complete; }));
            return h2.result(id);
        }

        TestClient socket;
        H2Client h2;
    };

    test::ServerOptions options;
    TestHandler handler;
    std::unique_ptr<TestServer> server;
};

TEST_F(H2ConnectionTest, ServesBesideHttp11OnOnePort) {
    start();
    Client client(server->port());
    TestClient old(server->port());
    const auto id = client.h2.request("POST", "/new", "body");
    EXPECT_EQ(client.answer(id).body, "POST /new? body");
    old.send("GET /old HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(old.read_answer().body, "GET /old? ");
    const std::string metrics = server->metrics_text();
    EXPECT_NE(metrics.find("arngate_http_connections_total{protocol=\"h2\"} 1\n"), std::string::npos);
    EXPECT_NE(metrics.find("arngate_http_connections_total{protocol=\"h1\"} 1\n"), std::string::npos);
}

TEST_F(H2ConnectionTest, TenThousandStreamsDoNotStarveAnother) {
    start();
    Client busy(server->port());
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 10'000; ++i) {
        ids.push_back(busy.h2.request("POST", "/busy", std::string(1000, 'b')));
    }
    Client other(server->port());
    busy.send();
    EXPECT_EQ(other.answer(other.h2.request("GET", "/other")).status, "200");
    for (const auto id : ids) {
        ASSERT_EQ(busy.answer(id).status, "200");
    }
    EXPECT_FALSE(busy.h2.goaway());
}

TEST_F(H2ConnectionTest, AnswersLate) {
    start();
    Client client(server->port());
    const auto late = client.h2.request("GET", "/later");
    EXPECT_EQ(client.answer(client.h2.request("GET", "/now")).body, "GET /now? ");
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_EQ(client.answer(late).body, "late");
}

TEST_F(H2ConnectionTest, LargeAnswersReachASlowReader) {
    handler.big_bytes = 600'000;
    start();
    Client client(server->port());
    const auto first = client.h2.request("GET", "/big");
    const auto second = client.h2.request("GET", "/big");
    EXPECT_EQ(client.answer(first).body.size(), 600'000U);
    EXPECT_EQ(client.answer(second).body.size(), 600'000U);
}

TEST_F(H2ConnectionTest, AnIdleConnectionEndsWithAGoaway) {
    start();
    Client client(server->port());
    EXPECT_EQ(client.answer(client.h2.request("GET", "/1")).status, "200");
    client.h2.ping();  // does not keep it
    EXPECT_TRUE(client.reads_until([&] { return client.h2.pongs() == 1; }));
    server->pass_time(179'999ms);
    EXPECT_EQ(server->limit(Limit::idle_timeout), 0U);
    server->pass_time(1ms);
    EXPECT_TRUE(client.reads_until([&] { return client.h2.goaways() > 0; }));
    EXPECT_EQ(client.h2.goaway(), NGHTTP2_NO_ERROR);
    client.send();
    EXPECT_EQ(server->limit(Limit::idle_timeout), 1U);
    server->pass_time(1s);
    client.socket.finish_sending();
    EXPECT_TRUE(server->reaches_connections(0));
}

TEST_F(H2ConnectionTest, AClientThatSaysNothingIsLetGo) {
    start();
    Client client(server->port());
    ASSERT_TRUE(server->reaches([&] { return server->metrics_text().find("protocol=\"h2\"} 1") != std::string::npos; })
    );
    server->pass_time(20s);
    EXPECT_EQ(server->limit(Limit::header_timeout), 1U);
    client.socket.finish_sending();
    EXPECT_TRUE(server->reaches_connections(0));
}

TEST_F(H2ConnectionTest, ABodyThatTakesTooLongIsRefusedOnItsStreamOnly) {
    start();
    Client client(server->port());
    const auto slow = client.h2.request("POST", "/slow", std::nullopt);
    const auto other = client.h2.request("GET", "/later");
    client.send();
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    server->pass_time(20s);
    EXPECT_EQ(client.answer(slow).status, "408");
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_EQ(client.answer(other).body, "late");
}

TEST_F(H2ConnectionTest, AReaderThatStopsIsCutOff) {
    handler.big_bytes = 8'000'000;
    start();
    H2ClientOptions wide;  // so that the socket is what holds up
    wide.window = 1 << 30;
    Client client(server->port(), wide, 4096);
    client.h2.open_window(0, 1 << 30);
    client.h2.request("GET", "/big");
    client.send();
    ASSERT_TRUE(server->reaches([&] { return !handler.seen.empty(); }));
    server->pass_time(20s);
    EXPECT_TRUE(server->reaches_connections(0));
    EXPECT_EQ(server->limit(Limit::write_timeout), 1U);
}

TEST_F(H2ConnectionTest, DrainsWhatIsInFlight) {
    start();
    Client client(server->port());
    Client idle(server->port());
    EXPECT_EQ(idle.answer(idle.h2.request("GET", "/1")).status, "200");
    const auto late = client.h2.request("GET", "/later");
    client.send();
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    int drained = 0;
    server->on_loop([&] { server->listener().drain([&] { ++drained; }); });
    EXPECT_TRUE(idle.reads_until([&] { return idle.h2.goaways() > 0; }));
    idle.send();
    idle.socket.finish_sending();
    EXPECT_TRUE(client.reads_until([&] { return client.h2.goaways() == 2; }));
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_EQ(client.answer(late).body, "late");
    client.socket.finish_sending();
    EXPECT_TRUE(server->reaches([&] { return drained == 1; }));
}

TEST_F(H2ConnectionTest, ALostConnectionLeavesNothing) {
    start();
    {
        Client client(server->port());
        client.h2.request("GET", "/later");
        client.h2.request("POST", "/half", std::nullopt);
        client.send();
        ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    }
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_TRUE(server->reaches_connections(0));
    EXPECT_EQ(handler.written, 1);
}

}  // namespace
}  // namespace arngate::http
