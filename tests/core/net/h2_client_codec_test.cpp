#include "core/net/h2_client_codec.hpp"

#include "tests/core/net/h2_frames.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace arngate::net::test {
namespace {

constexpr SteadyTime now{std::chrono::hours(1)};

class H2ClientCodecTest : public ::testing::Test {
protected:
    H2ClientCodecTest() {
        limits_.max_header_bytes = 1024;
        limits_.max_response_bytes = 4096;
        limits_.max_streams_per_connection = 4;
        begin();
    }

    void begin() {
        codec_ = std::make_unique<H2ClientCodec>(limits_, now);
        sent_.clear();
        started_ = false;
        static_cast<void>(frames());
    }

    void receive(std::string_view bytes) { codec_->receive(bytes, now); }

    std::vector<Frame> frames() {
        codec_->pack();
        const std::string_view output = codec_->output();
        sent_ += output;
        all_ += output;
        codec_->sent(output.size());
        if (!started_ && sent_.starts_with(preface)) {
            sent_.erase(0, preface.size());
            started_ = true;
        }
        std::vector<Frame> out;
        Frame one;
        while (take_frame(sent_, one)) {
            out.push_back(one);
        }
        return out;
    }

    static HttpRequest get() {
        HttpRequest request;
        request.target = Secret("/?X-Amz-Signature=f00dfeed");
        return request;
    }
    static Endpoint endpoint() { return {.host = "sts.us-east-1.amazonaws.com", .port = 443}; }

    void submit(H2Exchange& exchange, const HttpRequest& request = get()) {
        const auto submitted = codec_->submit(exchange, endpoint(), request);
        ASSERT_TRUE(submitted) << submitted.error().detail;
    }

    /// A new connection on which one request waits, and what comes of these bytes.
    H2End end_of(const std::string& bytes) {
        begin();
        H2Exchange exchange;
        submit(exchange);
        receive(settings() + bytes);
        return exchange.end;
    }
    [[nodiscard]] bool has_sent(const std::vector<Frame>& all, FrameType type, std::uint32_t error) {
        for (const Frame& one : all) {
            const std::string_view payload = one.payload;
            const auto at = type == FrameType::goaway ? 4U : 0U;
            if (one.type == type && payload.substr(at, 4) == number(error, 4)) {
                return true;
            }
        }
        return false;
    }

    HttpsPoolOptions limits_;
    std::unique_ptr<H2ClientCodec> codec_;
    std::string sent_;
    std::string all_;
    bool started_ = false;
};

TEST_F(H2ClientCodecTest, SendsTheRequestAtOnceAndTakesTheAnswer) {
    H2Exchange exchange;
    submit(exchange);
    const auto out = frames();
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].type, FrameType::headers);
    EXPECT_EQ(out[0].flags, end_headers | end_stream);
    receive(settings() + answer_head(1, field("retry-after", "3")) + data(1, "hel", 0) + data(1, "lo"));
    EXPECT_EQ(exchange.end, H2End::complete);
    EXPECT_EQ(exchange.response.status, 200);
    EXPECT_EQ(exchange.response.content_type, "application/json");
    EXPECT_EQ(exchange.response.retry_after, "3");
    EXPECT_EQ(exchange.response.body, "hello");
    ASSERT_EQ(codec_->finished().size(), 1U);
    EXPECT_EQ(codec_->finished()[0], &exchange);
    EXPECT_EQ(codec_->live(), 0U);
    codec_->finished().clear();
}

TEST_F(H2ClientCodecTest, RefusesPushInItsSettings) {
    codec_ = std::make_unique<H2ClientCodec>(limits_, now);
    started_ = false;
    const auto out = frames();
    ASSERT_FALSE(out.empty());
    EXPECT_EQ(out[0].type, FrameType::settings);
    EXPECT_TRUE(out[0].payload.contains(setting(2, 0)));
}

TEST_F(H2ClientCodecTest, KeepsTargetsAndCredentialsOutOfTheTablesOfHpack) {
    HttpRequest request = get();
    request.authorization = Secret("Bearer secret");
    request.headers.emplace_back("X-Amz-Security-Token", "sessionsecret");
    request.headers.emplace_back("Accept", "application/json");
    H2Exchange first;
    submit(first, request);
    const auto first_size = frames().at(0).payload.size();
    H2Exchange second;
    submit(second, request);
    const std::string again = frames().at(0).payload;
    // What repeats has shrunk to indexes, but the three literals are there again, marked as never indexed.
    EXPECT_LT(again.size(), first_size);
    EXPECT_GT(again.size(), get().target.size() / 2);
    std::size_t never_indexed = 0;
    for (const char byte : again) {
        never_indexed += (static_cast<unsigned char>(byte) & 0xf0U) == 0x10U ? 1 : 0;
    }
    EXPECT_GE(never_indexed, 3U);
    H2Exchange third;
    submit(third, request);
    EXPECT_EQ(frames().at(0).payload.size(), again.size());
}

TEST_F(H2ClientCodecTest, SendsABodyWithinTheServersWindows) {
    receive(settings(setting(4, 3)));  // INITIAL_WINDOW_SIZE
    HttpRequest request = get();
    request.method = "POST";
    request.body = "12345";
    H2Exchange exchange;
    submit(exchange, request);
    auto out = frames();
    ASSERT_EQ(out.size(), 3U);  // the acknowledgement, the head, three bytes
    EXPECT_EQ(out[2].payload, "123");
    receive(frame(FrameType::window_update, 0, 1, number(10, 4)));
    out = frames();
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].payload, "45");
    EXPECT_EQ(out[0].flags, end_stream);
    receive(whole_answer(1));
    EXPECT_EQ(exchange.end, H2End::complete);
}

TEST_F(H2ClientCodecTest, TakesBackTheRestOfARequestThatIsAnsweredAlready) {
    receive(settings(setting(4, 0)));
    HttpRequest request = get();
    request.method = "POST";
    request.body = "never sent";
    H2Exchange exchange;
    submit(exchange, request);
    static_cast<void>(frames());
    receive(whole_answer(1));
    EXPECT_EQ(exchange.end, H2End::complete);
    EXPECT_TRUE(has_sent(frames(), FrameType::rst_stream, NGHTTP2_CANCEL));
}

TEST_F(H2ClientCodecTest, RefusesARequestThatCouldChangeTheFraming) {
    H2Exchange exchange;
    HttpRequest request = get();
    request.headers.emplace_back("x", "a\r\nb");
    const auto submitted = codec_->submit(exchange, endpoint(), request);
    ASSERT_FALSE(submitted);
    EXPECT_EQ(submitted.error().reason, Reason::internal_error);
    EXPECT_TRUE(frames().empty());
}

TEST_F(H2ClientCodecTest, TakesInterimAnswersButNotManyAndNo101) {
    const std::string early = frame(FrameType::headers, end_headers, 1, field(":status", "103"));
    EXPECT_EQ(end_of(early + early + early + early + whole_answer(1)), H2End::complete);
    EXPECT_EQ(end_of(early + early + early + early + early + whole_answer(1)), H2End::malformed);
    EXPECT_EQ(
        end_of(frame(FrameType::headers, end_headers, 1, field(":status", "101")) + whole_answer(1)), H2End::malformed
    );
}

TEST_F(H2ClientCodecTest, TakesHeadersAndBodyUpToTheirLimits) {
    // ":status" and content-type with their overhead take the rest of the 1,024 bytes.
    const std::size_t left = 1024 - (7 + 3 + 32) - (12 + 16 + 32) - (1 + 32);
    EXPECT_EQ(end_of(answer_head(1, field("x", std::string(left, 'a')), end_stream)), H2End::complete);
    EXPECT_EQ(end_of(answer_head(1, field("x", std::string(left + 1, 'a')), end_stream)), H2End::too_large);
    EXPECT_TRUE(has_sent(frames(), FrameType::rst_stream, NGHTTP2_CANCEL));
    EXPECT_EQ(end_of(whole_answer(1, std::string(4096, 'a'))), H2End::complete);
    EXPECT_EQ(end_of(whole_answer(1, std::string(4097, 'a'))), H2End::too_large);
    EXPECT_FALSE(codec_->is_over());
}

TEST_F(H2ClientCodecTest, CountsTrailersToo) {
    const std::string head = answer_head(1) + data(1, "ok", 0);
    const auto trailer = [](std::size_t size) {
        return frame(FrameType::headers, end_headers | end_stream, 1, field("x", std::string(size, 'a')));
    };
    EXPECT_EQ(end_of(head + trailer(100)), H2End::complete);
    EXPECT_EQ(end_of(head + trailer(1000)), H2End::too_large);
}

TEST_F(H2ClientCodecTest, EndsAConnectionWhoseHeadersDoNotEnd) {
    std::string flood = frame(FrameType::headers, 0, 1, status_200 + field("x", std::string(900, 'a')));
    for (int i = 0; i < 6; ++i) {
        flood += frame(FrameType::continuation, 0, 1, field("x", std::string(900, 'a')));
    }
    const H2End end = end_of(flood);
    EXPECT_TRUE(end == H2End::too_large || end == H2End::malformed);
    EXPECT_TRUE(codec_->is_over());
}

struct Refusal {
    const char* name;
    std::string bytes;
    H2End end;
    bool connection_ends;
};

TEST_F(H2ClientCodecTest, RefusesWhatTheRfcForbids) {
    const std::vector<Refusal> cases{
        {"not HTTP/2", "HTTP/1.1 200 OK\r\n\r\n", H2End::malformed, true},
        {"no status", frame(FrameType::headers, end_headers | end_stream, 1, field("a", "b")), H2End::malformed, false},
        {"status of two digits", frame(FrameType::headers, 5, 1, field(":status", "20")), H2End::malformed, false},
        {"status 099", frame(FrameType::headers, 5, 1, field(":status", "099")), H2End::malformed, false},
        {"status twice", frame(FrameType::headers, 5, 1, status_200 + status_200), H2End::malformed, false},
        {"capital letter", answer_head(1, field("Bad", "x"), end_stream), H2End::malformed, false},
        {"line end in a value", answer_head(1, field("bad", "x\r\ny"), end_stream), H2End::malformed, false},
        {"connection header", answer_head(1, field("connection", "close"), end_stream), H2End::malformed, false},
        {"transfer-encoding", answer_head(1, field("transfer-encoding", "chunked"), end_stream), H2End::malformed, false
        },
        {"body before headers", data(1, "ok"), H2End::malformed, true},
        {"longer than said", answer_head(1, field("content-length", "1")) + data(1, "ok"), H2End::malformed, false},
        {"shorter than said", answer_head(1, field("content-length", "3")) + data(1, "ok"), H2End::malformed, false},
        {"two lengths",
         answer_head(1, field("content-length", "2") + field("content-length", "3")) + data(1, "ok"),
         H2End::malformed,
         false},
        {"push", frame(FrameType::push_promise, end_headers, 1, number(2, 4) + status_200), H2End::malformed, true},
        {"a stream of the server's", answer_head(2), H2End::malformed, true},
        {"a stream that is idle", answer_head(3), H2End::malformed, true},
        {"headers on stream 0", answer_head(0), H2End::malformed, true},
        {"data on stream 0", data(0, "x"), H2End::malformed, true},
        {"broken HPACK", frame(FrameType::headers, end_headers, 1, "\xff\xff\xff\xff\xff\xff"), H2End::malformed, true},
        {"frame above the size", frame(FrameType::data, 0, 1, std::string(16'385, 'a')), H2End::malformed, true},
        {"window overflow", frame(FrameType::window_update, 0, 0, number(0x7fffffff, 4)), H2End::malformed, true},
        {"window of zero", frame(FrameType::window_update, 0, 0, number(0, 4)), H2End::malformed, true},
        {"settings of a wrong size", frame(FrameType::settings, 0, 0, "abc"), H2End::malformed, true},
        {"settings on a stream", frame(FrameType::settings, 0, 1), H2End::malformed, true},
        {"settings with a huge window", settings(setting(4, 0x80000000U)), H2End::malformed, true},
        {"settings with a tiny frame", settings(setting(5, 1)), H2End::malformed, true},
        {"ping of a wrong size", frame(FrameType::ping, 0, 0, "abc"), H2End::malformed, true},
        {"ping on a stream", frame(FrameType::ping, 0, 1, "12345678"), H2End::malformed, true},
        {"reset of a wrong size", frame(FrameType::rst_stream, 0, 1, "abc"), H2End::malformed, true},
        {"continuation of nothing", frame(FrameType::continuation, end_headers, 1, "x"), H2End::malformed, true},
        {"something between headers",
         frame(FrameType::headers, 0, 1, status_200) + frame(FrameType::ping, 0, 0, "12345678"),
         H2End::malformed,
         true},
    };
    for (const Refusal& one : cases) {
        SCOPED_TRACE(one.name);
        EXPECT_EQ(end_of(one.bytes), one.end);
        static_cast<void>(frames());
        EXPECT_EQ(codec_->is_over(), one.connection_ends);
    }
}

TEST_F(H2ClientCodecTest, TellsResetsApart) {
    EXPECT_EQ(end_of(rst(1, NGHTTP2_REFUSED_STREAM)), H2End::refused);
    EXPECT_EQ(end_of(rst(1, NGHTTP2_HTTP_1_1_REQUIRED)), H2End::wants_http1);
    EXPECT_EQ(end_of(rst(1, NGHTTP2_INTERNAL_ERROR)), H2End::reset);
    EXPECT_EQ(end_of(answer_head(1) + rst(1, NGHTTP2_INTERNAL_ERROR)), H2End::reset);
    EXPECT_EQ(end_of(whole_answer(1) + rst(1, NGHTTP2_NO_ERROR)), H2End::complete);
}

TEST_F(H2ClientCodecTest, KnowsWhatAServerThatGoesAwayHasNotLookedAt) {
    H2Exchange first;
    H2Exchange second;
    submit(first);
    submit(second);
    receive(settings() + goaway(1));
    EXPECT_EQ(first.end, H2End::none);
    EXPECT_EQ(second.end, H2End::refused);
    EXPECT_EQ(codec_->capacity(), 0U);
    EXPECT_FALSE(codec_->is_over());
    receive(whole_answer(1));
    EXPECT_EQ(first.end, H2End::complete);
    static_cast<void>(frames());
    EXPECT_TRUE(codec_->is_over());
    H2Exchange third;
    submit(third);
    EXPECT_EQ(third.end, H2End::refused);
}

TEST_F(H2ClientCodecTest, KeepsToTheSmallerLimitOfStreams) {
    receive(settings(setting(max_concurrent_streams, 2)));
    EXPECT_EQ(codec_->capacity(), 2U);
    std::array<H2Exchange, 3> exchanges;
    submit(exchanges[0]);
    submit(exchanges[1]);
    submit(exchanges[2]);
    EXPECT_EQ(exchanges[1].end, H2End::none);
    EXPECT_EQ(exchanges[2].end, H2End::refused);
    receive(settings(setting(max_concurrent_streams, 1000)));
    EXPECT_EQ(codec_->capacity(), 4U);
    codec_->cancel(exchanges[0]);
    H2Exchange next;
    submit(next);
    EXPECT_EQ(next.end, H2End::none);
}

TEST_F(H2ClientCodecTest, TakesAnExchangeBackWhenItEnds) {
    {
        H2Exchange exchange;
        submit(exchange);
        static_cast<void>(frames());
    }
    EXPECT_EQ(codec_->live(), 0U);
    EXPECT_TRUE(has_sent(frames(), FrameType::rst_stream, NGHTTP2_CANCEL));
    receive(settings() + whole_answer(1));  // was on its way
    EXPECT_TRUE(codec_->finished().empty());
    EXPECT_FALSE(codec_->is_over());
}

TEST_F(H2ClientCodecTest, LosesExchangesWithTheConnection) {
    H2Exchange exchange;
    submit(exchange);
    codec_->abandon();
    EXPECT_EQ(exchange.end, H2End::lost);
    EXPECT_TRUE(codec_->is_over());
    H2Exchange other;
    submit(other);
    EXPECT_EQ(other.end, H2End::refused);
    codec_.reset();
}

struct Flood {
    const char* name;
    std::string piece;
};

TEST_F(H2ClientCodecTest, EndsAConnectionThatCarriesNothing) {
    const std::vector<Flood> floods{
        {"ping", frame(FrameType::ping, 0, 0, "12345678")},
        {"settings", settings()},
        {"window updates", frame(FrameType::window_update, 0, 0, number(1, 4))},
        {"empty data", data(1, "", 0)},
        {"resets of what is over", rst(1, NGHTTP2_CANCEL)},
        {"priorities", frame(FrameType::priority, 0, 1, "\x01\x01\x01\x01\x01")},
    };
    for (const Flood& flood : floods) {
        SCOPED_TRACE(flood.name);
        begin();
        H2Exchange exchange;
        submit(exchange);
        receive(settings() + answer_head(1));
        for (int i = 0; i < 900; ++i) {
            receive(flood.piece);
            static_cast<void>(frames());
        }
        EXPECT_FALSE(codec_->is_over());
        std::vector<Frame> last;
        for (int i = 0; i < 200; ++i) {
            receive(flood.piece);
            const auto more = frames();
            last.insert(last.end(), more.begin(), more.end());
        }
        EXPECT_TRUE(codec_->is_over());
        EXPECT_NE(exchange.end, H2End::none);
    }
}

TEST_F(H2ClientCodecTest, AllowsWhatComesNowAndThen) {
    H2Exchange exchange;
    submit(exchange);
    receive(settings());
    for (int second = 1; second < 40; ++second) {
        for (int i = 0; i < 100; ++i) {
            codec_->receive(frame(FrameType::ping, 0, 0, "12345678"), now + std::chrono::seconds(second));
            static_cast<void>(frames());
        }
    }
    EXPECT_EQ(exchange.end, H2End::none);
}

TEST_F(H2ClientCodecTest, AnswersPings) {
    receive(settings() + frame(FrameType::ping, 0, 0, "12345678"));
    bool answered = false;
    for (const Frame& one : frames()) {
        answered = answered || (one.type == FrameType::ping && one.flags == ack && one.payload == "12345678");
    }
    EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace arngate::net::test
