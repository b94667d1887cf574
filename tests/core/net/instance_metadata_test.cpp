#include "core/net/instance_metadata.hpp"

#include "tests/core/net/metadata_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace arngate::net {
namespace {

namespace asio = boost::asio;

using test::MetadataService;
using test::ok;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::chrono::milliseconds patient{30'000};

/// What is said of a service with these answers: the region, or why there is none.
std::string asked(std::vector<std::string> answers) {
    MetadataService service(std::move(answers));
    const auto region = ask_instance_region(service.where(), patient);
    return region ? "region " + *region : region.error();
}

TEST(InstanceMetadata, AsksWithASession) {
    MetadataService service({ok("session=="), ok("eu-central-1")});
    EXPECT_EQ(ask_instance_region(service.where(), patient), "eu-central-1");
    EXPECT_THAT(
        service.requests(),
        ElementsAre(
            testing::AllOf(
                StartsWith("PUT /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1\r\n"),
                HasSubstr("\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n"),
                HasSubstr("\r\nContent-Length: 0\r\n")
            ),
            testing::AllOf(
                StartsWith("GET /latest/meta-data/placement/region HTTP/1.1\r\nHost: 127.0.0.1\r\n"),
                HasSubstr("\r\nX-aws-ec2-metadata-token: session==\r\n")
            )
        )
    );
}

TEST(InstanceMetadata, SaysWhyThereIsNoRegion) {
    EXPECT_EQ(asked({"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"}), "no session: status 403");
    EXPECT_EQ(asked({ok("session"), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}), "status 404");
    EXPECT_THAT(asked({"nonsense\r\n\r\n"}), HasSubstr("not HTTP"));
    EXPECT_THAT(asked({""}), HasSubstr("cut short"));
    EXPECT_THAT(asked({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"}), HasSubstr("cut short"));
    EXPECT_EQ(asked({ok("")}), "a session that cannot be sent back");
    EXPECT_EQ(asked({ok("x\r\nHost: other")}), "a session that cannot be sent back");
    EXPECT_EQ(asked({ok("two words")}), "a session that cannot be sent back");
}

TEST(InstanceMetadata, BoundsWhatItReads) {
    EXPECT_EQ(asked({ok("s"), ok(std::string(1024, 'x'))}), "region " + std::string(1024, 'x'));
    EXPECT_THAT(asked({ok("s"), ok(std::string(1025, 'x'))}), HasSubstr("too long"));
    EXPECT_THAT(asked({"HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"}), HasSubstr("too long"));
}

TEST(InstanceMetadata, DoesNotWaitForEver) {
    asio::io_context loop(1);
    const asio::ip::tcp::acceptor silent(loop, {asio::ip::make_address("127.0.0.1"), 0});
    const auto region = ask_instance_region(silent.local_endpoint(), std::chrono::milliseconds(20));
    ASSERT_FALSE(region.has_value());
    EXPECT_EQ(region.error(), "no session: no answer in time");
}

TEST(InstanceMetadata, SaysWhenNobodyListens) {
    asio::ip::tcp::endpoint closed;
    {
        asio::io_context loop(1);
        const asio::ip::tcp::acceptor gone(loop, {asio::ip::make_address("127.0.0.1"), 0});
        closed = gone.local_endpoint();
    }
    const auto region = ask_instance_region(closed, patient);
    ASSERT_FALSE(region.has_value());
    EXPECT_THAT(region.error(), StartsWith("no session: "));
}

std::string endpoint(std::string_view url) {
    const auto parsed = metadata_endpoint(url);
    if (!parsed) {
        return "refused";
    }
    return parsed->address().to_string() + " " + std::to_string(parsed->port());
}

TEST(MetadataEndpoint, TakesAddressesAlone) {
    EXPECT_EQ(endpoint(""), "169.254.169.254 80");
    EXPECT_EQ(endpoint("http://127.0.0.1"), "127.0.0.1 80");
    EXPECT_EQ(endpoint("http://127.0.0.1:1338/"), "127.0.0.1 1338");
    EXPECT_EQ(endpoint("http://[fd00:ec2::254]"), "fd00:ec2::254 80");
    EXPECT_EQ(endpoint("http://[::1]:65535/"), "::1 65535");
    EXPECT_EQ(endpoint("http://localhost:8080"), "127.0.0.1 8080");
    for (const char* wrong :
         {"127.0.0.1",
          "https://127.0.0.1",
          "http://",
          "http://metadata.internal",
          "http://127.0.0.1/latest",
          "http://user@127.0.0.1",
          "http://127.0.0.1:",
          "http://127.0.0.1:0",
          "http://127.0.0.1:65536",
          "http://127.0.0.1:80x",
          "http://[127.0.0.1]",
          "http://::1",
          "http://[::1",
          "http://[::1]80"}) {
        EXPECT_EQ(endpoint(wrong), "refused") << wrong;
    }
}

}  // namespace
}  // namespace arngate::net
