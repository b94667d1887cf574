#include "core/net/metadata_endpoint.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::net {
namespace {

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
