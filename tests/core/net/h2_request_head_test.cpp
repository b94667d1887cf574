#include "core/net/h2_request_head.hpp"

#include "core/base/version.hpp"
#include "core/h2/session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace arngate::net {
namespace {

/// "name: value", and behind it "(never indexed)" where HPACK's table must not have it.
std::vector<std::string> lines_of(const H2RequestHead& head) {
    std::vector<std::string> lines;
    for (const nghttp2_nv& field : head.fields()) {
        std::string line(h2::text_of(field.name, field.namelen));
        line.append(": ").append(h2::text_of(field.value, field.valuelen));
        lines.push_back(line + ((field.flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0 ? " (never indexed)" : ""));
    }
    return lines;
}

const Endpoint endpoint{.host = "sts.example", .port = 443};

TEST(H2RequestHead, KeepsTargetAndUnknownHeadersOutOfHpacksTable) {
    HttpRequest request;
    request.target = Secret("/?Action=GetCallerIdentity");
    request.headers = {{"Accept", "application/json"}, {"X-K8s-Aws-Id", "c"}, {"X-Amz-Security-Token", "t"}};
    const std::vector<std::string> expected{
        ":method: GET",
        ":scheme: https",
        ":authority: sts.example",
        ":path: /?Action=GetCallerIdentity (never indexed)",
        "user-agent: arngate/" + std::string(version()),
        "accept: application/json",
        "x-k8s-aws-id: c",
        "x-amz-security-token: t (never indexed)"
    };
    const H2RequestHead head(endpoint, request);
    EXPECT_EQ(lines_of(head), expected);
}

TEST(H2RequestHead, SaysHowLongABodyIsAndHidesCredentials) {
    HttpRequest request;
    request.method = "POST";
    request.target = Secret("/");
    request.authorization = Secret("AWS4-HMAC-SHA256 x");
    request.body = "12345";
    const auto lines = lines_of(H2RequestHead(endpoint, request));
    ASSERT_EQ(lines.size(), 7U);
    EXPECT_EQ(lines[0], ":method: POST");
    EXPECT_EQ(lines[5], "authorization: AWS4-HMAC-SHA256 x (never indexed)");
    EXPECT_EQ(lines[6], "content-length: 5 (never indexed)");
}

}  // namespace
}  // namespace arngate::net
