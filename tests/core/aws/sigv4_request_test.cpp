#include "core/aws/sigv4_request.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

Credentials example_credentials(std::string_view session_token = {}) {
    Credentials credentials;
    credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    credentials.session_token = Secret(session_token);
    return credentials;
}

RequestToSign describe_request() {
    RequestToSign request;
    request.host = "ec2.eu-central-1.amazonaws.com";
    request.region = "eu-central-1";
    request.service = "ec2";
    request.parameters = {{"Action", "DescribeInstances"}, {"Version", "2016-11-15"}};
    return request;
}

std::string header(const SignedRequest& request, std::string_view name) {
    const auto found = std::ranges::find(request.headers, name, &Header::first);
    return found == request.headers.end() ? std::string() : found->second;
}

std::string text(simdjson::dom::element element) {
    return std::string(std::string_view(element));
}

TEST(SigV4Request, SignsAsBotocoreDoes) {
    simdjson::dom::parser parser;
    const simdjson::dom::element data = parser.load(ARNGATE_SOURCE_DIR "/tests/core/aws/data/sigv4_requests.json");
    const auto time = parse_amz_date(std::string_view(data["time"]));
    ASSERT_TRUE(time);
    std::size_t cases = 0;
    for (const simdjson::dom::element row : data["cases"]) {
        const std::string name = text(row["name"]);
        const std::string method = text(row["method"]);
        const std::string body = text(row["body"]);
        RequestToSign request;
        request.method = method;
        request.host = text(row["host"]);
        request.region = text(row["region"]);
        request.service = text(row["service"]);
        request.body = body;
        for (const simdjson::dom::element pair : row["parameters"]) {
            request.parameters.emplace_back(text(pair.at(0)), text(pair.at(1)));
        }
        for (const simdjson::dom::element pair : row["headers"]) {
            request.headers.emplace_back(text(pair.at(0)), text(pair.at(1)));
        }
        const SignedRequest done =
            sign_request(request, example_credentials(std::string_view(row["session_token"])), *time);
        EXPECT_EQ(header(done, "authorization"), text(row["authorization"])) << name;
        EXPECT_EQ(header(done, "x-amz-date"), "20260102T030405Z") << name;
        EXPECT_EQ(header(done, "x-amz-security-token"), text(row["session_token"])) << name;
        EXPECT_TRUE(header(done, "host").empty()) << name;
        ++cases;
    }
    EXPECT_EQ(cases, 6U);
}

TEST(SigV4Request, WritesTheTargetInTheOrderGiven) {
    RequestToSign request = describe_request();
    request.parameters.emplace_back("InstanceId.1", "i-0 /+");
    const SignedRequest done = sign_request(request, example_credentials(), WallTime{});
    EXPECT_EQ(done.target, "/?Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-0%20%2F%2B");
}

TEST(SigV4Request, EveryPartThatIsSignedCounts) {
    const std::string before =
        header(sign_request(describe_request(), example_credentials(), WallTime{}), "authorization");
    const auto changed = [&](auto change) {
        RequestToSign request = describe_request();
        change(request);
        return header(sign_request(request, example_credentials(), WallTime{}), "authorization") != before;
    };
    EXPECT_FALSE(changed([](RequestToSign&) {}));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.method = "POST"; }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.host = "ec2.us-east-1.amazonaws.com"; }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.region = "us-east-1"; }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.service = "sts"; }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.path = "/x"; }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.parameters[0].second = "StopInstances"; }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.headers.emplace_back("x-amz-source-account", "1"); }));
    EXPECT_TRUE(changed([](RequestToSign& r) { r.body = "x"; }));
    EXPECT_NE(header(sign_request(describe_request(), example_credentials("t"), WallTime{}), "authorization"), before);
}

}  // namespace
}  // namespace arngate::aws
