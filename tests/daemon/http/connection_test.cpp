#include "core/base/log.hpp"
#include "tests/daemon/http/test_handler.hpp"
#include "tests/daemon/http/test_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::http {
namespace {

using namespace std::chrono_literals;
using test::Answer;
using test::ClientOptions;
using test::get;
using test::post;
using test::ServerOptions;
using test::TestClient;
using test::TestHandler;
using test::TestServer;
using test::Transport;

/// Each over TLS and in clear text.
class ConnectionTest : public ::testing::TestWithParam<Transport> {
protected:
    TestServer& start() {
        options.transport = GetParam();
        server = std::make_unique<TestServer>(handler, options);
        return *server;
    }

    std::unique_ptr<TestClient> connect(int receive_buffer = 0) {
        ClientOptions with;
        with.transport = GetParam();
        with.receive_buffer = receive_buffer;
        return std::make_unique<TestClient>(server->port(), with);
    }

    ServerOptions options;
    TestHandler handler;
    std::unique_ptr<TestServer> server;
};

INSTANTIATE_TEST_SUITE_P(
    ,
    ConnectionTest,
    ::testing::Values(Transport::tls, Transport::clear_text),
    [](const auto& parameter) { return parameter.param == Transport::tls ? "Tls" : "ClearText"; }
);

TEST_P(ConnectionTest, KeepsAConnectionForManyRequests) {
    start();
    const auto client = connect();
    for (int i = 0; i < 50; ++i) {
        const std::string path = "/" + std::to_string(i);
        client->send(post(path, "body"));
        const Answer answer = client->read_answer();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "POST " + path + "? body");
        EXPECT_EQ(answer.headers.at("date"), "Fri, 15 Jan 2027 08:00:00 GMT");
    }
    EXPECT_TRUE(server->reaches([&] { return handler.written == 50; }));
    EXPECT_TRUE(server->reaches_connections(1));
    EXPECT_TRUE(handler.peer.starts_with("127.0.0.1:"));
}

TEST_P(ConnectionTest, AnswersAHundredRequestsOfOneWrite) {
    start();
    const auto client = connect();
    std::string all;
    for (int i = 0; i < 100; ++i) {
        all += post("/" + std::to_string(i), std::string(300, 'x'));
    }
    client->send(all);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(client->read_answer().body, "POST /" + std::to_string(i) + "? " + std::string(300, 'x'));
    }
}

TEST_P(ConnectionTest, AnswersARequestThatComesByteByByte) {
    start();
    const auto client = connect();
    for (const char byte : post("/slow", "abc")) {
        client->send({&byte, 1});
    }
    EXPECT_EQ(client->read_answer().body, "POST /slow? abc");
}

TEST_P(ConnectionTest, TakesABodyOfManyReads) {
    start();
    const auto client = connect();
    const std::string body(64 * 1024, 'L');
    client->send(post("/large", body));
    EXPECT_EQ(client->read_answer().body, "POST /large? " + body);
}

TEST_P(ConnectionTest, RefusesABodyTooLargeAndTheClientCanReadIt) {
    start();
    const auto client = connect();
    client->send(post("/large", std::string(64 * 1024 + 1, 'L')));
    const Answer answer = client->read_answer();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(client->read_to_end(), "");
}

TEST_P(ConnectionTest, ClosesAfterWhatIsNoHttp) {
    start();
    const auto client = connect();
    client->send("nonsense\r\n\r\n");
    EXPECT_EQ(client->read_answer().status, 400);
    EXPECT_EQ(client->read_to_end(), "");
    client->finish_sending();
    EXPECT_TRUE(server->reaches_connections(0));
}

TEST_P(ConnectionTest, AnswersLateAndInOrder) {
    start();
    const auto client = connect();
    client->send(get("/later") + get("/2"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_EQ(client->read_answer().body, "late");
    EXPECT_EQ(client->read_answer().body, "GET /2? ");
}

TEST_P(ConnectionTest, ReadsWhatWasSentWhileAnAnswerWaited) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    std::string all;
    for (int i = 0; i < 200; ++i) {
        all += post("/" + std::to_string(i), std::string(500, 'x'));
    }
    client->send(all);
    server->on_loop([&] { EXPECT_EQ(handler.seen.size(), 1U); });
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_EQ(client->read_answer().body, "late");
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(client->read_answer().status, 200) << i;
    }
}

TEST_P(ConnectionTest, SurvivesAClientThatLeavesWhileItsAnswerWaits) {
    start();
    auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    client.reset();
    server->on_loop([&] { handler.complete(std::string(100'000, 'l')); });
    EXPECT_TRUE(server->reaches_connections(0));
    EXPECT_TRUE(server->reaches([&] { return handler.written == 1; }));
}

TEST_P(ConnectionTest, ACompletionMayOutliveItsServer) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    server.reset();
    handler.complete("late");
    EXPECT_EQ(handler.written, 1);
}

TEST_P(ConnectionTest, AnswersAClientThatHasEndedItsSide) {
    start();
    const auto client = connect();
    client->send(get("/1") + get("/2"));
    client->finish_sending();
    EXPECT_EQ(client->read_answer().body, "GET /1? ");
    EXPECT_EQ(client->read_answer().body, "GET /2? ");
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_TRUE(server->reaches_connections(0));
}

TEST_P(ConnectionTest, WritesALargeAnswerToASlowReader) {
    handler.big_bytes = 8 * 1024 * 1024;
    start();
    const auto client = connect(4096);
    client->send(get("/big") + get("/2"));
    ASSERT_TRUE(server->reaches([&] { return handler.seen.size() == 1; }));
    server->on_loop([&] { EXPECT_EQ(handler.seen.size(), 1U); });  // the next one waits until this one is taken
    EXPECT_EQ(client->read_answer().body.size(), handler.big_bytes);
    EXPECT_EQ(client->read_answer().body, "GET /2? ");
    EXPECT_EQ(server->limit(Limit::pipelined_bytes), 1U);
}

TEST_P(ConnectionTest, ClosesOnAClientThatDoesNotRead) {
    handler.big_bytes = 32 * 1024 * 1024;
    start();
    const auto client = connect(4096);
    client->send(get("/big"));
    ASSERT_TRUE(server->reaches([&] { return handler.seen.size() == 1; }));
    server->pass_time(19999ms);
    EXPECT_TRUE(server->reaches_connections(1));
    server->pass_time(1ms);
    EXPECT_TRUE(server->reaches_connections(0));
    EXPECT_EQ(server->limit(Limit::write_timeout), 1U);
    EXPECT_EQ(handler.written, 1);
}

TEST_P(ConnectionTest, ClosesAnIdleConnectionInItsTime) {
    start();
    const auto client = connect();
    client->send(get("/1"));
    EXPECT_EQ(client->read_answer().status, 200);
    server->pass_time(179999ms);
    client->send(get("/2"));
    EXPECT_EQ(client->read_answer().status, 200);  // from here the time runs anew
    server->pass_time(179999ms);
    EXPECT_TRUE(server->reaches_connections(1));
    server->pass_time(1ms);
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_TRUE(server->reaches_connections(0));
    EXPECT_EQ(server->limit(Limit::idle_timeout), 1U);
}

TEST_P(ConnectionTest, AHeadMustBeCompleteInItsTime) {
    start();
    const auto client = connect();
    client->send(get("/1") + "GET /2 HTTP/1.1\r\n");
    EXPECT_EQ(client->read_answer().status, 200);
    server->pass_time(19999ms);
    client->send("Host: x\r\n");  // more bytes do not win more time
    client->send("X-A: b\r\n");
    EXPECT_TRUE(server->reaches_connections(1));
    server->pass_time(1ms);
    EXPECT_EQ(client->read_answer().status, 408);
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_EQ(server->limit(Limit::header_timeout), 1U);
}

TEST_P(ConnectionTest, ABodyMustBeCompleteInItsTime) {
    start();
    const auto client = connect();
    client->send(get("/1") + "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    EXPECT_EQ(client->read_answer().status, 200);
    server->pass_time(19999ms);
    EXPECT_TRUE(server->reaches_connections(1));
    server->pass_time(1ms);
    EXPECT_EQ(client->read_answer().status, 408);
    EXPECT_EQ(server->limit(Limit::body_timeout), 1U);
}

TEST_P(ConnectionTest, AnAnswerThatWaitsHasNoDeadlineHere) {
    start();
    const auto client = connect();
    client->send(get("/later"));
    ASSERT_TRUE(server->reaches([&] { return handler.later.size() == 1; }));
    server->pass_time(1h);
    server->on_loop([&] { handler.complete("late"); });
    EXPECT_EQ(client->read_answer().body, "late");
}

TEST_P(ConnectionTest, DoesNotWaitForeverForAClientThatKeepsSendingAfterItsEnd) {
    start();
    const auto client = connect();
    client->send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client->read_answer().status, 200);
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_TRUE(server->reaches_connections(1));
    server->pass_time(2s);
    EXPECT_TRUE(server->reaches_connections(0));
}

class CapturedLog {
public:
    CapturedLog() {
        log::set_sink([this](std::string_view line) {
            const std::scoped_lock lock(mutex_);
            lines_.emplace_back(line);
        });
    }
    ~CapturedLog() { log::set_sink({}); }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;

    [[nodiscard]] std::vector<std::string> lines() {
        const std::scoped_lock lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

TEST(TlsConnection, AnswersPlainHttpAsTheGoServerDoes) {
    CapturedLog captured;
    TestHandler handler;
    TestServer server(handler);
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    TestClient client(server.port(), clear);
    client.send(get("/"));
    EXPECT_EQ(
        client.read_to_end(), "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    );
    client.finish_sending();
    EXPECT_TRUE(server.reaches_connections(0));
    ASSERT_EQ(captured.lines().size(), 1U);
    const std::string line = captured.lines().front();
    EXPECT_NE(line.find("msg=\"http: TLS handshake error\""), std::string::npos) << line;
    EXPECT_NE(line.find("client=\"127.0.0.1:"), std::string::npos) << line;
    EXPECT_NE(line.find("error=\"http request\""), std::string::npos) << line;
    EXPECT_NE(server.metrics_text().find("outcome=\"clear_text\""), std::string::npos);
}

TEST(TlsConnection, EndsOnGarbageAndLogsOnlySoMuch) {
    CapturedLog captured;
    TestHandler handler;
    TestServer server(handler);
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    for (int i = 0; i < 30; ++i) {
        TestClient client(server.port(), clear);
        client.send("\x16\x03\x01\x02garbage that is no hello at all, whatever its first bytes say\xff\xff");
        client.finish_sending();
        static_cast<void>(client.read_to_end());
    }
    EXPECT_TRUE(server.reaches_connections(0));
    EXPECT_EQ(captured.lines().size(), 10U);
    EXPECT_TRUE(handler.seen.empty());
}

TEST(TlsConnection, TheHandshakeMustBeDoneInItsTime) {
    TestHandler handler;
    TestServer server(handler);
    ClientOptions clear;
    clear.transport = Transport::clear_text;
    TestClient client(server.port(), clear);
    ASSERT_TRUE(server.reaches_connections(1));
    server.pass_time(9999ms);
    EXPECT_TRUE(server.reaches_connections(1));
    server.pass_time(1ms);
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_TRUE(server.reaches_connections(0));
    EXPECT_EQ(server.limit(Limit::handshake_timeout), 1U);
    EXPECT_NE(server.metrics_text().find("outcome=\"timeout\""), std::string::npos);
}

TEST(TlsConnection, ResumesASessionByTicket) {
    TestHandler handler;
    TestServer server(handler);
    TestClient first(server.port());
    first.send(get("/1"));
    EXPECT_EQ(first.read_answer().status, 200);  // the ticket came before it
    const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session(
        SSL_get1_session(first.ssl()), SSL_SESSION_free
    );
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(SSL_SESSION_is_resumable(session.get()), 1);
}

}  // namespace
}  // namespace arngate::http
