#include "daemon/http/listener.hpp"

#include "tests/daemon/http/test_handler.hpp"
#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::Answer;
using test::ClientOptions;
using test::get;
using test::ServerOptions;
using test::TestClient;
using test::TestHandler;
using test::TestServer;
using test::Transport;

class ListenerTest : public ::testing::Test {
protected:
    std::unique_ptr<TestClient> connect() { return std::make_unique<TestClient>(server->port()); }
    void start(const ServerOptions& options = {}) { server = std::make_unique<TestServer>(handler, options); }
    void drain() {
        server->on_loop([&] { server->listener().drain([this] { ++drained; }); });
    }
    bool reaches_drained() {
        return server->reaches([&] { return drained == 1; });
    }

    TestHandler handler;
    std::unique_ptr<TestServer> server;
    int drained = 0;
};

TEST_F(ListenerTest, ClosesConnectionsBeyondTheLimit) {
    ServerOptions options;
    options.limits.max_connections = 2;
    options.transport = Transport::clear_text;
    start(options);
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    auto first = std::make_unique<TestClient>(server->port(), clear);
    TestClient second(server->port(), clear);
    ASSERT_TRUE(server->reaches_connections(2));
    TestClient third(server->port(), clear);
    EXPECT_EQ(third.read_to_end(), "");
    EXPECT_TRUE(server->reaches_connections(2));
    EXPECT_EQ(server->limit(Limit::connections), 1U);
    first.reset();
    ASSERT_TRUE(server->reaches_connections(1));
    TestClient fourth(server->port(), clear);
    fourth.send(get("/4"));
    EXPECT_EQ(fourth.read_answer().status, 200);
}

TEST_F(ListenerTest, DrainIsDoneAtOnceWithoutConnections) {
    start();
    drain();
    EXPECT_EQ(drained, 1);
    EXPECT_THROW(TestClient(server->port()), std::runtime_error);
}

TEST_F(ListenerTest, DrainClosesIdleConnections) {
    start();
    const auto client = connect();
    client->send(get("/1"));
    EXPECT_EQ(client->read_answer().status, 200);
    drain();
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_TRUE(reaches_drained());
}

TEST_F(ListenerTest, DrainAnswersWhatIsInFlightAndThenCloses) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    drain();
    EXPECT_EQ(drained, 0);
    server->on_loop([&] { handler.complete("late"); });
    const Answer answer = client->read_answer();
    EXPECT_EQ(answer.body, "late");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(client->read_to_end(), "");
    client->finish_sending();
    EXPECT_TRUE(reaches_drained());
    EXPECT_EQ(server->limit(Limit::drain_timeout), 0U);
}

TEST_F(ListenerTest, DrainAnswersARequestThatHasBegun) {
    start();
    const auto client = connect();
    client->send(get("/1") + "GET /2 HTTP/1.1\r\n");
    EXPECT_EQ(client->read_answer().status, 200);
    drain();
    client->send("Host: x\r\n\r\n");
    EXPECT_EQ(client->read_answer().body, "GET /2? ");
    client->finish_sending();
    EXPECT_TRUE(reaches_drained());
}

TEST_F(ListenerTest, DrainAnswersARequestThatHasComeButWasNotReadYet) {
    start();
    const auto client = connect();
    client->send(get("/1"));
    EXPECT_EQ(client->read_answer().status, 200);
    // The loop does not look at the socket between these two.
    server->on_loop([&] {
        client->send(get("/2"));
        server->listener().drain([this] { ++drained; });
    });
    EXPECT_EQ(client->read_answer().body, "GET /2? ");
    client->finish_sending();
    EXPECT_TRUE(reaches_drained());
}

TEST_F(ListenerTest, DrainAnswersTheFirstRequestOfWhoHasJustConnected) {
    start();
    const auto client = connect();
    ASSERT_TRUE(server->reaches_connections(1));
    drain();
    EXPECT_EQ(drained, 0);
    client->send(get("/1"));
    const Answer answer = client->read_answer();
    EXPECT_EQ(answer.body, "GET /1? ");
    EXPECT_EQ(answer.headers.at("connection"), "close");
    client->finish_sending();
    EXPECT_TRUE(reaches_drained());
}

TEST_F(ListenerTest, DrainDoesNotWaitLongForAFirstRequest) {
    ServerOptions options;
    options.transport = Transport::clear_text;
    start(options);
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    TestClient client(server->port(), clear);
    ASSERT_TRUE(server->reaches_connections(1));
    drain();
    server->pass_time(1999ms);
    EXPECT_EQ(drained, 0);
    server->pass_time(1ms);
    EXPECT_EQ(client.read_to_end(), "");
    client.finish_sending();
    EXPECT_TRUE(reaches_drained());
    EXPECT_EQ(server->limit(Limit::drain_timeout), 0U);
}

TEST_F(ListenerTest, DrainServesWhoWaitsInTheQueueOfTheKernel) {
    ServerOptions options;
    options.transport = Transport::clear_text;
    start(options);
    std::unique_ptr<TestClient> client;
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    server->on_loop([&] {
        client = std::make_unique<TestClient>(server->port(), clear);
        client->send(get("/1"));
        server->listener().drain([this] { ++drained; });
    });
    EXPECT_EQ(client->read_answer().body, "GET /1? ");
    client->finish_sending();
    EXPECT_TRUE(reaches_drained());
}

TEST_F(ListenerTest, DrainEndsAtItsTime) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    drain();
    server->pass_time(9999ms);
    EXPECT_EQ(drained, 0);
    server->pass_time(1ms);
    EXPECT_EQ(drained, 1);
    EXPECT_EQ(server->limit(Limit::drain_timeout), 1U);
    EXPECT_EQ(client->read_to_end(), "");
    server->on_loop([&] { handler.complete("too late"); });
    EXPECT_EQ(handler.written, 1);
}

TEST_F(ListenerTest, DrainEndsEarlierWhenToldTo) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    server->on_loop([&] { server->listener().drain([this] { ++drained; }, server->clock().steady() + 3s); });
    server->pass_time(2999ms);
    EXPECT_EQ(drained, 0);
    server->pass_time(1ms);
    EXPECT_EQ(drained, 1);
    EXPECT_EQ(server->limit(Limit::drain_timeout), 1U);
}

TEST_F(ListenerTest, StopClosesEverything) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    server->on_loop([&] { server->listener().stop(); });
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_TRUE(server->reaches_connections(0));
}

TEST_F(ListenerTest, ConnectionsWaitUntilItStarts) {
    auto sockets = bind_sockets("127.0.0.1", 0, 1);
    ASSERT_TRUE(sockets);
    start();
    MetricsRegistry registry;
    std::unique_ptr<Listener> listener;
    server->on_loop([&] {
        listener = std::make_unique<Listener>(
            server->loop().get_executor(),
            std::move(sockets->front()),
            ListenerOptions{},
            handler,
            server->clock(),
            std::make_shared<HttpMetrics>(registry)
        );
    });
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    TestClient client(listener->port(), clear);
    client.send(get("/1"));
    server->on_loop([&] { listener->start(); });
    EXPECT_EQ(client.read_answer().body, "GET /1? ");
    server->on_loop([&] { listener.reset(); });
    EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace arngate::http
