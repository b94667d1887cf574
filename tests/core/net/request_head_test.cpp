#include "core/net/request_head.hpp"

#include "core/base/version.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace arngate::net {
namespace {

HttpRequest request_of(std::string_view target) {
    HttpRequest request;
    request.target = Secret(target);
    return request;
}

TEST(RequestHead, IsOnePieceWithHostAndUserAgent) {
    HttpRequest request = request_of("/?Action=GetCallerIdentity");
    request.headers.emplace_back("x-k8s-aws-id", "cluster one");
    const auto head = request_head({"sts.example", 443}, request);
    ASSERT_TRUE(head);
    EXPECT_EQ(
        head->expose(),
        "GET /?Action=GetCallerIdentity HTTP/1.1\r\nHost: sts.example\r\nUser-Agent: arngate/" +
            std::string(version()) + "\r\nx-k8s-aws-id: cluster one\r\n\r\n"
    );
}

TEST(RequestHead, NamesAPortOtherThanThatOfHttps) {
    const auto head = request_head({"sts.example", 8443}, request_of("/"));
    ASSERT_TRUE(head);
    EXPECT_TRUE(head->expose().contains("\r\nHost: sts.example:8443\r\n"));
}

TEST(RequestHead, RefusesBytesThatCouldEndALine) {
    for (const char* target : {"", "x", "/a b", "/a\r\nX: y", "/\x7f", "/\x01", "/\xc3\xa4", "http://a/"}) {
        const auto head = request_head({"sts.example", 443}, request_of(target));
        ASSERT_FALSE(head) << target;
        EXPECT_EQ(head.error().reason, Reason::internal_error);
    }
    for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"", "v"},
             {"a b", "v"},
             {"a:", "v"},
             {"a", "v\r\nb: c"},
             {"a", "v\n"},
             {"a", std::string("\0", 1)},
             {"Host", "other"},
             {"user-agent", "x"},
             {"Content-Length", "1"},
             {"transfer-encoding", "chunked"},
             {"connection", "close"}
         }) {
        HttpRequest request = request_of("/");
        request.headers.emplace_back(name, value);
        EXPECT_FALSE(request_head({"sts.example", 443}, request)) << name << '=' << value;
    }
    HttpRequest request = request_of("/");
    request.method = "GET /x HTTP/1.1\r\n";
    EXPECT_FALSE(request_head({"sts.example", 443}, request));
    EXPECT_FALSE(request_head({"sts.example\r\n", 443}, request_of("/")));
    EXPECT_FALSE(request_head({"", 443}, request_of("/")));
    EXPECT_FALSE(request_head({"sts.example", 0}, request_of("/")));
}

TEST(RequestHead, CarriesABodyWithItsLength) {
    HttpRequest request = request_of("/api");
    request.method = "PUT";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = "{}\r\n";
    const auto bytes = request_head({"api.example", 443}, request);
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(bytes->expose().starts_with("PUT /api HTTP/1.1\r\n"));
    EXPECT_TRUE(bytes->expose().ends_with("\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{}\r\n"));
    request.body = "";
    const auto empty = request_head({"api.example", 443}, request);
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->expose().ends_with("\r\nContent-Length: 0\r\n\r\n"));
}

TEST(RequestHead, CarriesAnAuthorization) {
    HttpRequest request = request_of("/api");
    request.authorization = Secret("Bearer abc");
    const auto bytes = request_head({"api.example", 443}, request);
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(bytes->expose().ends_with("\r\nAuthorization: Bearer abc\r\n\r\n"));
    for (const char* bad : {"Bearer a\nb", "Bearer a\r", "\x7f"}) {
        request.authorization = Secret(bad);
        const auto refused = request_head({"api.example", 443}, request);
        ASSERT_FALSE(refused);
        EXPECT_FALSE(refused.error().detail.contains("Bearer"));
    }
}

}  // namespace
}  // namespace arngate::net
