#include "daemon/http/h1_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::http {
namespace {

using namespace std::string_view_literals;
using Outcome = H1Reader::Outcome;

class H1ReaderTest : public ::testing::Test {
protected:
    static void feed(H1Reader& reader, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto room = reader.prepare();
            ASSERT_FALSE(room.empty());
            const std::size_t part = std::min(room.size(), bytes.size());
            std::memcpy(room.data(), bytes.data(), part);
            reader.commit(part);
            bytes.remove_prefix(part);
        }
    }

    /// The outcome of these bytes in one piece; the reader ends with what they led to.
    Outcome read(H1Reader& reader, std::string_view bytes) {
        feed(reader, bytes);
        return reader.parse();
    }

    /// The status that refuses these bytes in one piece; 0: not refused. Byte by byte the refusal may come later, but
    /// nothing that is refused may pass.
    unsigned refusal(std::string_view bytes) {
        H1Reader whole(limits, scratch);
        const unsigned at_once = read(whole, bytes) == Outcome::failed ? whole.failure_status() : 0;
        H1Reader slow(limits, scratch);
        for (const char byte : bytes) {
            const Outcome outcome = read(slow, std::string_view(&byte, 1));
            if (outcome == Outcome::failed) {
                EXPECT_EQ(slow.failure_status(), at_once) << bytes.substr(0, 200);
                break;
            }
            EXPECT_TRUE(outcome == Outcome::need_more || at_once == 0) << bytes.substr(0, 200);
            slow.park();
        }
        return at_once;
    }

    HttpLimits limits;
    ReadScratch scratch;
};

TEST_F(H1ReaderTest, ReadsMethodTargetAndBody) {
    H1Reader reader(limits, scratch);
    ASSERT_EQ(read(reader, "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"), Outcome::complete);
    EXPECT_EQ(reader.method(), "POST");
    EXPECT_EQ(reader.target(), "/a?b");
    EXPECT_EQ(reader.body(), "abc");
    EXPECT_TRUE(reader.keep_alive());
    EXPECT_TRUE(reader.is_http11());
}

TEST_F(H1ReaderTest, BytesAfterTheBodyCanBeRead) {
    H1Reader reader(limits, scratch);
    // At the very end of the scratch, the padding is what is left.
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 32000\r\n\r\n";
    ASSERT_EQ(read(reader, head + std::string(32'000, 'b')), Outcome::complete);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < read_padding; ++i) {
        sum += static_cast<unsigned char>(reader.body().data()[reader.body().size() + i]);
    }
    EXPECT_EQ(sum, 0U);
}

TEST_F(H1ReaderTest, ReadsSingleBytesAcrossParking) {
    const std::string bytes =
        "POST /path HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\n4\r\ndefg\r\n0\r\nTrailer: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n";
    H1Reader reader(limits, scratch);
    std::vector<std::string> seen;
    for (const char byte : bytes) {
        if (read(reader, std::string_view(&byte, 1)) == Outcome::complete) {
            seen.push_back(std::string(reader.target()) + " " + std::string(reader.body()));
            reader.consume();
        }
        reader.park();
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"/path abcdefg", "/next "}));
}

TEST_F(H1ReaderTest, EverySplitIntoTwoGivesTheSame) {
    const std::string bytes =
        "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        H1Reader reader(limits, scratch);
        ASSERT_EQ(read(reader, std::string_view(bytes).substr(0, cut)), Outcome::need_more) << cut;
        reader.park();
        ASSERT_EQ(read(reader, std::string_view(bytes).substr(cut)), Outcome::complete) << cut;
        EXPECT_EQ(reader.body(), "hello world");
        EXPECT_EQ(reader.target(), "/p");
    }
}

TEST_F(H1ReaderTest, ReadsPipelinedRequestsInOrder) {
    H1Reader reader(limits, scratch);
    feed(reader, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokGET /3");
    ASSERT_EQ(reader.parse(), Outcome::complete);
    EXPECT_EQ(reader.target(), "/1");
    reader.consume();
    ASSERT_EQ(reader.parse(), Outcome::complete);
    EXPECT_EQ(reader.body(), "ok");
    reader.consume();
    EXPECT_EQ(reader.parse(), Outcome::need_more);
    EXPECT_TRUE(reader.in_request());
}

TEST_F(H1ReaderTest, WipesWhatItConsumed) {
    H1Reader reader(limits, scratch);
    ASSERT_EQ(read(reader, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nsecret"), Outcome::complete);
    const char* body = reader.body().data();
    reader.consume();
    EXPECT_EQ(std::string(body, 6), std::string(6, '\0'));
}

TEST_F(H1ReaderTest, WipesWhatItConsumedOutOfItsOwnBuffer) {
    H1Reader reader(limits, scratch);
    ASSERT_EQ(read(reader, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nse"), Outcome::need_more);
    reader.park();
    EXPECT_EQ(std::string_view(scratch.data(), 64).find_first_not_of('\0'), std::string_view::npos);
    ASSERT_EQ(read(reader, "cret"), Outcome::complete);
    const char* body = reader.body().data();
    EXPECT_EQ(reader.body(), "secret");
    reader.consume();
    EXPECT_EQ(std::string(body, 6), std::string(6, '\0'));
}

TEST_F(H1ReaderTest, WipesWhatChunksLeaveBehind) {
    H1Reader reader(limits, scratch);
    const std::string_view bytes =
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecret\r\n6\r\nsecret\r\n0\r\n\r\n";
    ASSERT_EQ(read(reader, bytes), Outcome::complete);
    EXPECT_EQ(reader.body(), "secretsecret");
    reader.consume();
    EXPECT_EQ(std::string_view(scratch.data(), bytes.size()).find_first_not_of('\0'), std::string_view::npos);
}

TEST_F(H1ReaderTest, GivesABodyReadablePadding) {
    const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x');
    for (const std::size_t cut : {std::size_t{0}, std::size_t{10}, std::size_t{1500}}) {
        H1Reader reader(limits, scratch);
        if (cut != 0) {
            ASSERT_EQ(read(reader, std::string_view(request).substr(0, cut)), Outcome::need_more);
            reader.park();
        }
        ASSERT_EQ(read(reader, std::string_view(request).substr(cut)), Outcome::complete) << cut;
        const std::string_view body = reader.body();
        EXPECT_EQ(std::string(body.data() + body.size(), read_padding), std::string(read_padding, '\0')) << cut;
        reader.consume();
    }
}

TEST_F(H1ReaderTest, RefusesWhatTwoReadersCouldReadDifferently) {
    struct Case {
        std::string_view name;
        std::string_view bytes;
        unsigned status;
    };
    const std::vector<Case> cases{
        {"length and encoding",
         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"encoding and length",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
         400},
        {"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
        {"two equal lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", 400},
        {"list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n", 400},
        {"signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n", 400},
        {"negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n", 400},
        {"hexadecimal length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\n", 400},
        {"empty length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400},
        {"length beyond 64 bits", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"two encodings",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"encoding of two", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400},
        {"encoding twice", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400},
        {"unknown encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
        {"identity encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 400},
        {"encoding in 1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"blank before colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\n", 400},
        {"folded value", "POST / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n", 400},
        {"folded length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 3\r\n\r\n", 400},
        {"bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
        {"bare LF after the request line", "GET / HTTP/1.1\nHost: x\r\n\r\n", 400},
        {"bare LF between fields", "GET / HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n", 400},
        {"bare CR", "GET / HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n", 400},
        {"NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX-A: \0\r\n\r\n"sv, 400},
        {"no host", "GET / HTTP/1.1\r\nX-A: b\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
        {"host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        {"host with blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"host with slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"chunk size is no number", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
        {"chunk size with sign",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
         400},
        {"chunk longer than said",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
         400},
        {"chunk with bare LF",
         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
         400},
        {"unknown expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417},
        {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"version 1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505},
        {"no version", "GET /\r\n\r\n", 400},
        {"no HTTP", "\x16\x03\x01garbage\r\n\r\n", 400},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(refusal(c.bytes), c.status) << c.name;
    }
}

TEST_F(H1ReaderTest, TakesVersion10WithoutHost) {
    H1Reader reader(limits, scratch);
    ASSERT_EQ(read(reader, "GET / HTTP/1.0\r\n\r\n"), Outcome::complete);
    EXPECT_FALSE(reader.keep_alive());
    EXPECT_FALSE(reader.is_http11());
}

TEST_F(H1ReaderTest, HeadAtTheLimitPassesAndOneMoreDoesNot) {
    limits.max_header_bytes = 200;
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nX-Fill: ";
    const std::string end = "\r\n\r\n";
    const std::string at_limit = start + std::string(200 - start.size() - end.size(), 'f') + end;
    EXPECT_EQ(refusal(at_limit), 0U);
    EXPECT_EQ(refusal(start + std::string(201 - start.size() - end.size(), 'f') + end), 431U);
    EXPECT_EQ(refusal("GET /" + std::string(300, 'p') + " HTTP/1.1\r\n"), 431U);
    // Many fields, each short.
    std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
    while (fields.size() < 250) {
        fields += "A: b\r\n";
    }
    EXPECT_EQ(refusal(fields), 431U);
}

TEST_F(H1ReaderTest, BodyAtTheLimitPassesAndOneMoreDoesNot) {
    limits.max_body_bytes = 10;
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ";
    EXPECT_EQ(refusal(head + "10\r\n\r\n0123456789"), 0U);
    EXPECT_EQ(refusal(head + "11\r\n\r\n"), 413U);
    const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(refusal(chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"), 0U);
    EXPECT_EQ(refusal(chunked + "5\r\n01234\r\n6\r\n"), 413U);
    EXPECT_EQ(refusal(chunked + "ffffffffffffffff\r\n"), 413U);
}

TEST_F(H1ReaderTest, EndlessExtensionsAndTrailersOfChunksAreRefused) {
    limits.max_header_bytes = 128;
    const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(refusal(chunked + "1;" + std::string(200, 'e')), 431U);
    EXPECT_EQ(refusal(chunked + "0\r\nA: " + std::string(200, 't')), 431U);
}

TEST_F(H1ReaderTest, ManySmallChunksNeedNoMoreRoomThanTheBody) {
    limits.max_body_bytes = 20'000;
    H1Reader reader(limits, scratch);
    ASSERT_EQ(read(reader, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), Outcome::need_more);
    for (int i = 0; i < 20'000; ++i) {
        ASSERT_EQ(read(reader, "1\r\nz\r\n"), Outcome::need_more) << i;
        reader.park();
        ASSERT_LE(reader.prepare().size(), 20'000U + limits.max_header_bytes + 64 * 1024);
    }
    ASSERT_EQ(read(reader, "0\r\n\r\n"), Outcome::complete);
    EXPECT_EQ(reader.body(), std::string(20'000, 'z'));
}

TEST_F(H1ReaderTest, TellsOnceThatTheClientWaitsForContinue) {
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    H1Reader reader(limits, scratch);
    ASSERT_EQ(read(reader, head), Outcome::need_more);
    EXPECT_TRUE(reader.take_expect_continue());
    EXPECT_FALSE(reader.take_expect_continue());
    H1Reader hasty(limits, scratch);
    ASSERT_EQ(read(hasty, head + "a"), Outcome::need_more);
    EXPECT_FALSE(hasty.take_expect_continue());
}

TEST_F(H1ReaderTest, KeepAliveFollowsVersionAndConnection) {
    const auto keeps = [&](std::string_view bytes) {
        H1Reader reader(limits, scratch);
        EXPECT_EQ(read(reader, bytes), Outcome::complete);
        return reader.keep_alive();
    };
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

}  // namespace
}  // namespace arngate::http
