#pragma once

#include "daemon/http/h2_session.hpp"
#include "tests/daemon/http/h2_client.hpp"
#include "tests/daemon/http/session_frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::http::test {

/// The session alone, with nghttp2's client at its other end.
class H2SessionFrame : public SessionFrame {
protected:
    /// Both ends, which have said nothing yet.
    void start(const H2ClientOptions& options = {}) {
        session = make_session<H2Session>();
        client = std::make_unique<H2Client>(options);
    }
    /// Both ends, which know each other's settings.
    void connect(const H2ClientOptions& options = {}) {
        start(options);
        exchange();
    }

    void receive(std::string_view bytes) {
        while (!bytes.empty() && session->wants_read()) {
            const auto room = session->prepare();
            const std::size_t size = std::min({bytes.size(), room.size(), std::size_t{16 * 1024}});
            std::memcpy(room.data(), bytes.data(), size);
            session->received(size);
            session->park();
            bytes.remove_prefix(size);
        }
    }

    /// What the session says, written and read; false when there was nothing.
    bool deliver() {
        bool any = false;
        while (!session->output().empty()) {
            const std::string out = session->output();
            session->wrote();
            EXPECT_TRUE(client->feed(out));
            any = true;
        }
        return any;
    }

    /// Lets both sides say what they have to say.
    void exchange() {
        std::string said;
        do {
            said = client->take();
            receive(said);
        } while (deliver() || !said.empty());
    }

    [[nodiscard]] std::string status(std::int32_t id) { return client->result(id).status; }

    void pass_time(std::chrono::milliseconds span) {
        clock.advance(span);
        if (clock.steady() >= session->deadline()) {
            session->expire();
        }
    }

    static H2Fields fields(const H2Fields& more, std::string_view path = "/a") {
        H2Fields all{{":method", "POST"}, {":scheme", "https"}, {":authority", "x"}, {":path", std::string(path)}};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    std::shared_ptr<H2Session> session;
    std::unique_ptr<H2Client> client;
};

}  // namespace arngate::http::test
