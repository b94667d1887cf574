#include "core/net/response_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace arngate::net {
namespace {

constexpr std::size_t header_limit = 512;
constexpr std::size_t body_limit = 100;

// Feeds all of the text, at most `piece` bytes at a time, until the reader has had enough.
ReadProgress feed(ResponseReader& reader, std::string_view text, std::size_t piece) {
    auto progress = ReadProgress::need_more;
    while (!text.empty() && progress == ReadProgress::need_more) {
        const auto space = reader.space();
        EXPECT_FALSE(space.empty());
        const std::size_t count = std::min({piece, space.size(), text.size()});
        std::ranges::copy(text.substr(0, count), space.begin());
        progress = reader.received(count);
        text.remove_prefix(count);
    }
    return progress;
}

ReadProgress read(std::string_view text, std::size_t piece = 100000, BodyRule rule = BodyRule::as_framed) {
    ResponseReader reader(header_limit, body_limit);
    reader.start(rule);
    return feed(reader, text, piece);
}

std::string with_body(std::size_t size) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", size, std::string(size, 'x'));
}

TEST(ResponseReader, ReadsAnAnswerHoweverItIsCut) {
    const std::string text =
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        ResponseReader reader(header_limit, body_limit);
        reader.start(BodyRule::as_framed);
        ASSERT_EQ(feed(reader, text, piece), ReadProgress::complete) << piece;
        EXPECT_TRUE(reader.keep_alive());
        const HttpResponse response = reader.take();
        EXPECT_EQ(response.status, 403);
        EXPECT_EQ(response.content_type, "application/json");
        EXPECT_EQ(response.body, "hello");
    }
}

TEST(ResponseReader, KeepsTheHeadersThatSomebodyAsksFor) {
    ResponseReader reader(header_limit, body_limit);
    const std::string_view text =
        "HTTP/1.1 503 Slow Down\r\ndate: Mon, 02 Jan 2006 15:04:05 GMT\r\nRETRY-AFTER: 7\r\nRetry-After: 9\r\n"
        "Content-Type: text/plain\r\nX-Other: x\r\nContent-Length: 2\r\n\r\nno";
    reader.start(BodyRule::as_framed);
    ASSERT_EQ(feed(reader, text, text.size()), ReadProgress::complete);
    const HttpResponse response = reader.take();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.date, "Mon, 02 Jan 2006 15:04:05 GMT");
    EXPECT_EQ(response.retry_after, "7");
    EXPECT_EQ(response.content_type, "text/plain");
    EXPECT_EQ(response.body, "no");
}

TEST(ResponseReader, KeepsNothingOfAnInterimOrAnEarlierAnswer) {
    ResponseReader reader(header_limit, body_limit);
    const std::string_view first =
        "HTTP/1.1 103 Early Hints\r\nRetry-After: 1\r\nContent-Type: a/b\r\n\r\n"
        "HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 3\r\n\r\none";
    const std::string_view second = "HTTP/1.1 204 No Content\r\n\r\n";
    for (std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
        reader.start(BodyRule::as_framed);
        ASSERT_EQ(feed(reader, first, piece), ReadProgress::complete);
        HttpResponse response = reader.take();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.retry_after, "");
        EXPECT_EQ(response.content_type, "");
        EXPECT_EQ(response.date, "then");
        EXPECT_EQ(response.body, "one");

        reader.start(BodyRule::as_framed);
        ASSERT_EQ(feed(reader, second, piece), ReadProgress::complete);
        response = reader.take();
        EXPECT_EQ(response.status, 204);
        EXPECT_EQ(response.date, "");
        EXPECT_EQ(response.body, "");
    }
}

TEST(ResponseReader, ReadsChunks) {
    const std::string text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        ResponseReader reader(header_limit, body_limit);
        reader.start(BodyRule::as_framed);
        ASSERT_EQ(feed(reader, text, piece), ReadProgress::complete) << piece;
        EXPECT_EQ(reader.take().body, "abcde");
    }
}

TEST(ResponseReader, WaitsForTheWholeLastChunk) {
    const std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        ResponseReader reader(header_limit, body_limit);
        reader.start(BodyRule::as_framed);
        ASSERT_EQ(feed(reader, text.substr(0, cut), cut), ReadProgress::need_more) << cut;
        ASSERT_EQ(feed(reader, text.substr(cut), text.size()), ReadProgress::complete) << cut;
        EXPECT_EQ(reader.take().body, "abc");
    }
}

TEST(ResponseReader, BodyMayReachTheLimitAndNoMore) {
    EXPECT_EQ(read(with_body(body_limit)), ReadProgress::complete);
    EXPECT_EQ(read(with_body(body_limit + 1)), ReadProgress::too_large);
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), ReadProgress::too_large);
}

TEST(ResponseReader, ChunksMayReachTheLimitAndNoMore) {
    const std::string start =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n" + std::string(50, 'x') + "\r\n";
    EXPECT_EQ(read(start + "32\r\n" + std::string(50, 'x') + "\r\n0\r\n\r\n"), ReadProgress::complete);
    EXPECT_EQ(read(start + "33\r\n" + std::string(51, 'x') + "\r\n0\r\n\r\n"), ReadProgress::too_large);
}

TEST(ResponseReader, BodyUntilTheEndMayReachTheLimitAndNoMore) {
    ResponseReader reader(header_limit, body_limit);
    const std::string start = "HTTP/1.1 200 OK\r\n\r\n";
    reader.start(BodyRule::as_framed);
    ASSERT_EQ(feed(reader, start + std::string(body_limit, 'x'), 7), ReadProgress::need_more);
    ASSERT_EQ(reader.ended(), ReadProgress::complete);
    EXPECT_FALSE(reader.keep_alive());
    EXPECT_EQ(reader.take().body.size(), body_limit);
    EXPECT_EQ(read(start + std::string(body_limit + 1, 'x')), ReadProgress::too_large);
}

TEST(ResponseReader, HeadersMayReachTheLimitAndNoMore) {
    const std::string frame = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
    const auto with_headers = [&frame](std::size_t size) {
        return frame + std::string(size - frame.size() - 4, 'x') + "\r\n\r\n";
    };
    EXPECT_EQ(read(with_headers(header_limit)), ReadProgress::complete);
    EXPECT_EQ(read(with_headers(header_limit + 1)), ReadProgress::too_large);
    EXPECT_EQ(read(with_headers(header_limit), 1), ReadProgress::complete);
    EXPECT_EQ(read(with_headers(header_limit + 1), 1), ReadProgress::too_large);
    EXPECT_EQ(read(frame + std::string(100000, 'x')), ReadProgress::too_large);
}

TEST(ResponseReader, EndlessChunkHeadersAreBounded) {
    EXPECT_NE(
        read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(100000, 'x')),
        ReadProgress::need_more
    );
}

TEST(ResponseReader, RefusesWhatIsNotHttp) {
    for (const char* text :
         {"hello\r\n\r\n",
          "HTTP/2 200 OK\r\n\r\n",
          "HTTP/1.1 2000 OK\r\n\r\n",
          "HTTP/1.1 abc OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
          "HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
          "HTTP/1.1 099 Early\r\n\r\n",
          "HTTP/1.1 101 Switching\r\n\r\n"}) {
        EXPECT_EQ(read(text), ReadProgress::malformed) << text;
    }
}

TEST(ResponseReader, PassesOverAFewInterimAnswers) {
    std::string text;
    for (int i = 0; i < 4; ++i) {
        text += "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    }
    const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    EXPECT_EQ(read(text + last, 3), ReadProgress::complete);
    EXPECT_EQ(read(text + text + last), ReadProgress::malformed);
}

TEST(ResponseReader, KnowsWhenTheConnectionMustNotBeUsedAgain) {
    for (const char* text :
         {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nx"}) {
        ResponseReader reader(header_limit, body_limit);
        reader.start(BodyRule::as_framed);
        ASSERT_EQ(feed(reader, text, 100000), ReadProgress::complete) << text;
        EXPECT_FALSE(reader.keep_alive()) << text;
    }
}

TEST(ResponseReader, AnAnswerThatIsCutShortIsNone) {
    for (const char* text :
         {"",
          "HTTP/1.1 200 OK\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"}) {
        ResponseReader reader(header_limit, body_limit);
        reader.start(BodyRule::as_framed);
        EXPECT_EQ(feed(reader, text, 100000), ReadProgress::need_more) << text;
        EXPECT_EQ(reader.ended(), ReadProgress::cut_short) << text;
    }
}

TEST(ResponseReader, TheMethodMayRuleOutABody) {
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 100000, BodyRule::none), ReadProgress::complete);
}

TEST(ResponseReader, IsFreshForEachAnswer) {
    ResponseReader reader(header_limit, body_limit);
    reader.start(BodyRule::as_framed);
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 1000), ReadProgress::need_more);
    EXPECT_TRUE(reader.has_begun());
    EXPECT_TRUE(reader.has_headers());
    reader.start(BodyRule::as_framed);
    EXPECT_FALSE(reader.has_begun());
    EXPECT_FALSE(reader.has_headers());
    EXPECT_EQ(feed(reader, with_body(3), 1000), ReadProgress::complete);
    EXPECT_EQ(reader.take().body, "xxx");
}

}  // namespace
}  // namespace arngate::net
