#include "bench/arngate-bench/http_client.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::bench {
namespace {

const RequestShape shape{.authority = "localhost:1", .path = "/authenticate"};
constexpr std::string_view granted = R"({"status":{"authenticated": true}})";

std::string answer_of(std::string_view head, std::string_view body) {
    return std::string(head) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(H1Client, ReadsAnswersInAnyPieces) {
    const std::string bytes = answer_of("HTTP/1.1 200 OK\r\n", granted);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const auto client = make_h1_client(shape);
        client->send(3, "{}");
        EXPECT_EQ(client->room(), 0U);
        ASSERT_TRUE(client->receive(bytes.substr(0, cut)));
        ASSERT_TRUE(client->receive(bytes.substr(cut)));
        ASSERT_EQ(client->answers().size(), 1U);
        EXPECT_EQ(client->answers()[0].ticket, 3U);
        EXPECT_EQ(client->answers()[0].status, 200);
        EXPECT_EQ(client->answers()[0].verdict, Verdict::granted);
        EXPECT_EQ(client->room(), 1U);
    }
}

TEST(H1Client, ReadsChunksAndPassesOverInterimAnswers) {
    const auto client = make_h1_client(shape);
    client->send(0, "{}");
    EXPECT_TRUE(
        client->receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n")
    );
    ASSERT_EQ(client->answers().size(), 1U);
    EXPECT_EQ(client->answers()[0].status, 403);
}

TEST(H1Client, RefusesWhatIsNoAnswer) {
    for (const char* const bytes :
         {"SSH-2.0\r\n\r\n",
          "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naXX"}) {
        const auto client = make_h1_client(shape);
        client->send(0, "{}");
        EXPECT_FALSE(client->receive(bytes)) << bytes;
        EXPECT_TRUE(client->answers().empty());
    }
}

TEST(H1Client, RefusesAnswersThatNobodyAskedForAndEndlessHeads) {
    EXPECT_FALSE(make_h1_client(shape)->receive("HTTP/1.1 200 OK\r\n\r\n"));
    const auto client = make_h1_client(shape);
    client->send(0, "{}");
    EXPECT_FALSE(client->receive(std::string(17'000, 'a')));
}

TEST(H1Client, ClosesWhenTheServerSaysSo) {
    const auto client = make_h1_client(shape);
    client->send(0, "{}");
    EXPECT_FALSE(client->receive(answer_of("HTTP/1.1 200 OK\r\nConnection: close\r\n", granted)));
    EXPECT_EQ(client->answers().size(), 1U);
    EXPECT_EQ(client->room(), 0U);
}

TEST(H2Client, RefusesWhatIsNotHttp2) {
    const auto client = make_h2_client(shape, 4);
    EXPECT_EQ(client->room(), 4U);
    client->send(0, "{}");
    EXPECT_EQ(client->room(), 3U);
    std::string out;
    client->take_output(out);
    EXPECT_TRUE(out.starts_with("PRI * HTTP/2.0"));
    EXPECT_FALSE(client->receive("HTTP/1.1 400 Bad Request\r\n\r\n, and more than a frame's head"));
}

TEST(Verdict, LooksForTheStatus) {
    EXPECT_EQ(verdict_of(granted), Verdict::granted);
    EXPECT_EQ(verdict_of(R"({"status":{"authenticated":false}})"), Verdict::refused);
    EXPECT_EQ(verdict_of(R"({"status":{}})"), Verdict::refused);
    EXPECT_EQ(verdict_of(R"({"status":{"authenticated")"), Verdict::refused);
    EXPECT_EQ(verdict_of("ok"), Verdict::none);
}

}  // namespace
}  // namespace arngate::bench
