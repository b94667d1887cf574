#include "core/net/stream_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace arngate::net {
namespace {

/// Gives the reader bytes in steps of a size, as far as it wants them.
ReadProgress feed(StreamReader& reader, std::string_view bytes, std::string& body, std::size_t step = 7) {
    auto progress = ReadProgress::need_more;
    while (progress == ReadProgress::need_more && !bytes.empty()) {
        const auto space = reader.space();
        const std::size_t count = std::min({step, bytes.size(), space.size()});
        std::ranges::copy(bytes.substr(0, count), space.begin());
        bytes.remove_prefix(count);
        progress = reader.received(count, body);
    }
    return progress;
}

TEST(StreamReader, HandsOnEachChunkAtOnce) {
    StreamReader reader(1024);
    std::string body;
    EXPECT_EQ(feed(reader, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", body), ReadProgress::need_more);
    EXPECT_FALSE(reader.head());
    EXPECT_EQ(feed(reader, "Content-Type: application/json\r\n\r\n3\r\nabc\r\n", body), ReadProgress::need_more);
    ASSERT_TRUE(reader.head());
    EXPECT_EQ(reader.head()->status, 200);
    EXPECT_EQ(reader.head()->content_type, "application/json");
    EXPECT_EQ(body, "abc");
    EXPECT_EQ(reader.ended(), ReadProgress::cut_short);
}

TEST(StreamReader, ReadsABodyLargerThanItsBufferToTheEnd) {
    for (const std::size_t step : {1UL, 5UL, 4096UL, 100'000UL}) {
        StreamReader reader(1024);
        std::string body;
        const std::string large(100'000, 'x');
        EXPECT_EQ(
            feed(
                reader,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186A0\r\n" + large + "\r\n0\r\n\r\n",
                body,
                step
            ),
            ReadProgress::complete
        );
        EXPECT_EQ(body, large);
    }
}

TEST(StreamReader, EndsWithTheLengthOrTheConnection) {
    std::string body;
    StreamReader by_length(1024);
    EXPECT_EQ(
        feed(by_length, "HTTP/1.1 429 No\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\n{}", body),
        ReadProgress::complete
    );
    EXPECT_EQ(by_length.head()->retry_after, "3");
    body.clear();
    StreamReader by_end(1024);
    EXPECT_EQ(feed(by_end, "HTTP/1.1 200 OK\r\n\r\nabc", body), ReadProgress::need_more);
    EXPECT_EQ(by_end.ended(), ReadProgress::complete);
    EXPECT_EQ(body, "abc");
    StreamReader by_nothing(1024);
    EXPECT_EQ(feed(by_nothing, "HTTP/1.1 200 OK\r\n", body), ReadProgress::need_more);
    EXPECT_EQ(by_nothing.ended(), ReadProgress::cut_short);
}

TEST(StreamReader, RefusesWhatIsNoAnswerOrTooLarge) {
    for (const char* bytes :
         {"garbage\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxxxxxx"}) {
        StreamReader reader(1024);
        std::string body;
        EXPECT_EQ(feed(reader, bytes, body), ReadProgress::malformed) << bytes;
    }
    const std::string start = "HTTP/1.1 200 OK\r\nX: ";
    std::string body;
    StreamReader edge(1024);
    EXPECT_EQ(
        feed(edge, start + std::string(1024 - start.size() - 4, 'x') + "\r\n\r\n", body), ReadProgress::need_more
    );
    EXPECT_TRUE(edge.head());
    StreamReader beyond(1024);
    EXPECT_EQ(feed(beyond, start + std::string(1024, 'x') + "\r\n\r\n", body), ReadProgress::too_large);
}

}  // namespace
}  // namespace arngate::net
