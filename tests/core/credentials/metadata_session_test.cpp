#include "core/credentials/metadata_session.hpp"

#include "core/credentials/net_transport.hpp"
#include "tests/core/net/metadata_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace arngate::credentials {
namespace {

namespace asio = boost::asio;

using net::test::MetadataService;
using net::test::ok;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::chrono::milliseconds patient{30'000};
constexpr std::size_t max_bytes = 1024;

/// What the service says to one question, or why it says nothing.
std::string ask(
    const asio::ip::tcp::endpoint& service,
    MetadataV1 v1 = MetadataV1::forbidden,
    std::chrono::milliseconds limit = patient
) {
    NetTransport transport({});
    const auto once = [&](const std::function<HttpCall()>& make) { return transport.exchange(make()); };
    const auto session =
        MetadataSession::open(once, {.host = service.address().to_string(), .port = service.port()}, limit, v1);
    if (!session) {
        return session.error();
    }
    const auto said = session->get("placement/region", max_bytes);
    return said ? session->without_session().value_or("session") + ": " + *said : said.error();
}

/// The same, of a service with these answers.
std::string asked(std::vector<std::string> answers, MetadataV1 v1 = MetadataV1::forbidden) {
    MetadataService service(std::move(answers));
    return ask(service.where(), v1);
}

constexpr const char* forbidden = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

TEST(MetadataSession, AsksWithASession) {
    MetadataService service({ok("session=="), ok("eu-central-1")});
    EXPECT_EQ(ask(service.where()), "session: eu-central-1");
    EXPECT_THAT(
        service.requests(),
        ElementsAre(
            AllOf(
                StartsWith("PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1"),
                HasSubstr("\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n"),
                HasSubstr("\r\nContent-Length: 0\r\n")
            ),
            AllOf(
                StartsWith("GET /latest/meta-data/placement/region HTTP/1.1\r\nHost: 127.0.0.1"),
                HasSubstr("\r\nX-aws-ec2-metadata-token: session==\r\n")
            )
        )
    );
}

TEST(MetadataSession, AsksWithoutOneWhereThatIsAllowed) {
    MetadataService service({forbidden, ok("eu-central-1")});
    EXPECT_EQ(ask(service.where(), MetadataV1::allowed), "status 403: eu-central-1");
    EXPECT_THAT(service.requests()[1], Not(HasSubstr("X-aws-ec2-metadata-token")));
    EXPECT_EQ(asked({forbidden}), "no session: status 403, and IMDSv1 is not allowed");
}

TEST(MetadataSession, DoesNotAskInVain) {
    EXPECT_EQ(
        asked({"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"}, MetadataV1::allowed), "no session: status 400"
    );
    EXPECT_THAT(asked({"nonsense\r\n\r\n"}, MetadataV1::allowed), HasSubstr("not HTTP"));
}

TEST(MetadataSession, SaysWhyThereIsNoAnswer) {
    EXPECT_EQ(asked({ok("session"), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}), "status 404");
    EXPECT_THAT(asked({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"}), HasSubstr("cut short"));
    EXPECT_THAT(asked({""}), StartsWith("no session: connection closed"));
    EXPECT_EQ(asked({ok("")}), "a session that cannot be sent back");
    EXPECT_EQ(asked({ok("x\r\nHost: other")}), "a session that cannot be sent back");
    EXPECT_EQ(asked({ok("two words")}), "a session that cannot be sent back");
}

TEST(MetadataSession, BoundsWhatItReads) {
    const std::string most(max_bytes, 'x');
    EXPECT_EQ(asked({ok("s"), ok(most)}), "session: " + most);
    EXPECT_THAT(asked({ok("s"), ok(most + "x")}), HasSubstr("too long"));
    EXPECT_THAT(asked({"HTTP/1.1 200 OK\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n"}), HasSubstr("too long"));
}

TEST(MetadataSession, DoesNotWaitForEver) {
    asio::io_context loop(1);
    const asio::ip::tcp::acceptor silent(loop, {asio::ip::make_address("127.0.0.1"), 0});
    EXPECT_THAT(
        ask(silent.local_endpoint(), MetadataV1::forbidden, std::chrono::milliseconds(20)),
        StartsWith("no session: no answer in time")
    );
}

TEST(MetadataSession, SaysWhenNobodyListens) {
    asio::ip::tcp::endpoint closed;
    {
        asio::io_context loop(1);
        const asio::ip::tcp::acceptor gone(loop, {asio::ip::make_address("127.0.0.1"), 0});
        closed = gone.local_endpoint();
    }
    EXPECT_THAT(ask(closed, MetadataV1::allowed), StartsWith("no session: "));
}

}  // namespace
}  // namespace arngate::credentials
