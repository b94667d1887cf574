#include "core/kube/access.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::kube {
namespace {

TEST(ServerUrl, ReadsHostPortAndPrefix) {
    const auto plain = parse_server_url("https://api.example");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->server, (net::Endpoint{.host = "api.example", .port = 443}));
    EXPECT_EQ(plain->path_prefix, "");
    const auto full = parse_server_url("HTTPS://[::1]:6443/k8s/clusters/c-1/");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->server, (net::Endpoint{.host = "::1", .port = 6443}));
    EXPECT_EQ(full->path_prefix, "/k8s/clusters/c-1");
    const auto bare = parse_server_url("10.0.0.1:6443");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->server, (net::Endpoint{.host = "10.0.0.1", .port = 6443}));
}

TEST(ServerUrl, RefusesEverythingElse) {
    for (const char* url :
         {"",
          "http://api.example",
          "ftp://api.example",
          "https://",
          "https://user@api.example",
          "https://api.example:",
          "https://api.example:0",
          "https://api.example:65536",
          "https://api.example:x",
          "https://[::1",
          "https://[api.example]",
          "https://[::1]6443",
          "https://api.example/?a=b",
          "https://api.example/#a",
          "https://api.example/%2e",
          "https://api.example/a b",
          "https://a\r\nb"}) {
        const auto parsed = parse_server_url(url);
        EXPECT_FALSE(parsed) << url;
    }
}

}  // namespace
}  // namespace arngate::kube
