#include "core/h2/session.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::h2 {
namespace {

/// Notes what nghttp2 tells it, and fails where the test wants that.
class End {
public:
    static const CallbackTable<End>& callbacks() {
        static const CallbackTable<End> made = [] {
            CallbackTable<End> table;
            table.on_begin_frame<&End::begin_frame>()
                .on_begin_headers<&End::begin_headers>()
                .on_header<&End::take_header>()
                .on_invalid_header<&End::take_invalid>()
                .on_data<&End::take_data>()
                .on_frame<&End::take_frame>()
                .on_sent<&End::note_sent>()
                .on_stream_close<&End::close_stream>();
            return table;
        }();
        return made;
    }

    std::vector<std::string> seen;
    int header_result = 0;
    bool throws = false;

private:
    void begin_frame(const nghttp2_frame_hd& head) { note("begin frame", head.type); }
    void begin_headers(const nghttp2_frame& frame) { note("begin headers", frame.hd.stream_id); }
    int take_header(const nghttp2_frame& /*frame*/, std::string_view name, std::string_view value) {
        seen.push_back(std::string(name).append("=").append(value));
        return header_result;
    }
    int take_invalid(const nghttp2_frame& /*frame*/, std::string_view name, std::string_view /*value*/) {
        seen.push_back(std::string("invalid ").append(name));
        return 0;
    }
    void take_data(std::int32_t id, std::string_view bytes) {
        note("data", id);
        seen.emplace_back(bytes);
        if (throws) {
            throw std::runtime_error("no room");
        }
    }
    void take_frame(const nghttp2_frame& frame) { note("frame", frame.hd.type); }
    void note_sent(const nghttp2_frame& frame) { note("sent", frame.hd.type); }
    void close_stream(std::int32_t id, std::uint32_t error) {
        note("closed", id);
        note("error", error);
    }

    template <class Number>
    void note(std::string_view what, Number number) {
        seen.push_back(std::string(what).append(" ").append(std::to_string(number)));
    }
};

/// A client and a server in memory, whose settings have been exchanged.
class H2Session : public testing::Test {
protected:
    H2Session() {
        EXPECT_EQ(nghttp2_submit_settings(client.get(), NGHTTP2_FLAG_NONE, nullptr, 0), 0);
        EXPECT_EQ(nghttp2_submit_settings(server.get(), NGHTTP2_FLAG_NONE, nullptr, 0), 0);
        EXPECT_TRUE(move_all(*client, *server));
        EXPECT_TRUE(move_all(*server, *client));
        EXPECT_TRUE(move_all(*client, *server));
        client_end.seen.clear();
        server_end.seen.clear();
    }

    /// False when either end cannot go on.
    static bool move_all(nghttp2_session& from, nghttp2_session& to) {
        for (;;) {
            const auto bytes = next_output(from);
            if (!bytes) {
                return false;
            }
            if (bytes->empty()) {
                return true;
            }
            if (!receive(to, *bytes)) {
                return false;
            }
        }
    }

    void request(std::string_view& body, std::string_view extra_name, std::string_view extra_value) {
        const std::array<nghttp2_nv, 5> fields{
            field(":method", "POST"),
            field(":scheme", "https"),
            field(":authority", "x"),
            field(":path", "/"),
            field(extra_name, extra_value, NGHTTP2_NV_FLAG_NO_INDEX)
        };
        const auto provider = body_of(body);
        EXPECT_GT(nghttp2_submit_request(client.get(), nullptr, fields.data(), fields.size(), &provider, nullptr), 0);
    }

    End client_end;
    End server_end;
    Session client = make_client(End::callbacks(), client_end);
    Session server = make_server(End::callbacks(), server_end);
};

TEST_F(H2Session, TellsTheOwnerOfEachStep) {
    std::string_view body = "hello";
    request(body, "a", "b");
    ASSERT_TRUE(move_all(*client, *server));
    EXPECT_TRUE(body.empty());
    const std::vector<std::string> expected{
        "begin frame 1",
        "begin headers 1",
        ":method=POST",
        ":scheme=https",
        ":authority=x",
        ":path=/",
        "a=b",
        "frame 1",
        "begin frame 0",
        "data 1",
        "hello",
        "frame 0"
    };
    EXPECT_EQ(server_end.seen, expected);
    EXPECT_EQ(client_end.seen, (std::vector<std::string>{"sent 1", "sent 0"}));
}

TEST_F(H2Session, TellsOfAStreamsEnd) {
    std::string_view body = "hello";
    request(body, "a", "b");
    ASSERT_TRUE(move_all(*client, *server));
    client_end.seen.clear();
    ASSERT_EQ(nghttp2_submit_rst_stream(server.get(), NGHTTP2_FLAG_NONE, 1, NGHTTP2_REFUSED_STREAM), 0);
    ASSERT_TRUE(move_all(*server, *client));
    EXPECT_EQ(client_end.seen, (std::vector<std::string>{"begin frame 3", "frame 3", "closed 1", "error 7"}));
}

TEST_F(H2Session, TellsOfAFieldThatIsNotAllowed) {
    std::string_view body = "hello";
    request(body, "a", "b\x01");
    ASSERT_TRUE(move_all(*client, *server));
    EXPECT_EQ(server_end.seen.at(6), "invalid a");
}

TEST_F(H2Session, AMembersCodeIsTheCallbacks) {
    server_end.header_result = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    std::string_view body = "hello";
    request(body, "a", "b");
    ASSERT_TRUE(move_all(*client, *server));
    client_end.seen.clear();
    ASSERT_TRUE(move_all(*server, *client));
    EXPECT_EQ(client_end.seen, (std::vector<std::string>{"begin frame 3", "frame 3", "closed 1", "error 2"}))
        << "INTERNAL_ERROR resets the stream";
}

TEST_F(H2Session, WhatAMemberThrowsEndsTheSessionAndGoesNoFurther) {
    server_end.throws = true;
    std::string_view body = "hello";
    request(body, "a", "b");
    EXPECT_FALSE(move_all(*client, *server));
}

TEST_F(H2Session, BytesThatAreNoFramesEndTheConnection) {
    EXPECT_TRUE(receive(*server, std::string(9, '\xff'))) << "nghttp2 says why in a GOAWAY";
    client_end.seen.clear();
    ASSERT_TRUE(move_all(*server, *client));
    EXPECT_EQ(client_end.seen, (std::vector<std::string>{"begin frame 7", "frame 7"}));
    EXPECT_EQ(nghttp2_session_want_read(server.get()), 0);
}

TEST_F(H2Session, SendsALongBodyAsWindowsAllow) {
    const std::string text(200'000, 'x');
    std::string_view body = text;
    request(body, "a", "b");
    ASSERT_TRUE(move_all(*client, *server));
    constexpr std::size_t default_window = 65'535;
    EXPECT_EQ(body.size(), text.size() - default_window);
    while (!body.empty()) {
        const std::size_t before = body.size();
        ASSERT_TRUE(move_all(*server, *client));
        ASSERT_TRUE(move_all(*client, *server));
        ASSERT_LT(body.size(), before);
    }
    EXPECT_EQ(server_end.seen.back(), "frame 0");
}

TEST_F(H2Session, ABodyMayBeGivenUp) {
    const std::string text(200'000, 'x');
    std::string_view body = text;
    request(body, "a", "b");
    ASSERT_TRUE(move_all(*client, *server));
    body = {};
    ASSERT_TRUE(move_all(*server, *client));
    EXPECT_TRUE(move_all(*client, *server));
}

}  // namespace
}  // namespace arngate::h2
