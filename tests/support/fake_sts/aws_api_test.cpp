#include "tests/support/fake_sts/aws_api.hpp"

#include "core/aws/sigv4_request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::fake_sts {
namespace {

using namespace std::chrono_literals;
using Service = AwsApi::Service;

constexpr WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);

Key alice() {
    Key key;
    key.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    key.secret_access_key = "secret";
    key.account = "123456789012";
    key.arn = "arn:aws:iam::123456789012:user/Alice";
    key.user_id = "AIDA";
    return key;
}

class AwsApiTest : public ::testing::Test {
protected:
    AwsApiTest() {
        keys.add({alice()});
        auto resources = parse_resources(
            R"({"instances":[{"instance_id":"i-01234567","account":"123456789012","private_dns_name":"one.internal"},)"
            R"({"instance_id":"i-89abcdef","account":"210987654321","private_dns_name":"two.internal"}],)"
            R"("roles":[{"role_arn":"arn:aws:iam::210987654321:role/Describer","trusted_account":"123456789012",)"
            R"("source_arn":"arn:of:source","source_account":"123456789012"}]})"
        );
        api.add(*std::move(resources));
    }

    static aws::RequestToSign describe(const std::vector<std::string>& ids) {
        aws::RequestToSign request;
        request.host = "ec2.us-east-1.amazonaws.com";
        request.region = "us-east-1";
        request.service = "ec2";
        request.parameters = {{"Action", "DescribeInstances"}, {"Version", "2016-11-15"}};
        for (std::size_t i = 0; i < ids.size(); ++i) {
            request.parameters.emplace_back("InstanceId." + std::to_string(i + 1), ids[i]);
        }
        return request;
    }
    static aws::RequestToSign assume() {
        aws::RequestToSign request;
        request.host = "sts.us-east-1.amazonaws.com";
        request.region = "us-east-1";
        request.service = "sts";
        request.parameters = {
            {"Action", "AssumeRole"},
            {"Version", "2011-06-15"},
            {"RoleArn", "arn:aws:iam::210987654321:role/Describer"},
            {"RoleSessionName", "arngate"}
        };
        request.headers = {{"x-amz-source-arn", "arn:of:source"}, {"x-amz-source-account", "123456789012"}};
        return request;
    }
    static aws::Credentials credentials(const Key& key) {
        aws::Credentials result;
        result.access_key_id = key.access_key_id;
        result.secret_access_key = Secret(key.secret_access_key);
        result.session_token = Secret(key.session_token);
        return result;
    }

    /// Signs, lets the test spoil what was signed, and asks.
    template <class Spoil>
    AwsApi::Answer ask(const aws::RequestToSign& request, Spoil spoil, const Key& key = alice()) {
        aws::SignedRequest done = aws::sign_request(request, credentials(key), now);
        done.headers.emplace_back("Host", request.host);
        spoil(done);
        Request arrived;
        arrived.method = request.method;
        arrived.target = done.target;
        for (const auto& [name, value] : done.headers) {
            arrived.headers.emplace_back(name, value);
        }
        return api.answer(arrived, api.service_of(arrived), now);
    }
    AwsApi::Answer ask(const aws::RequestToSign& request, const Key& key = alice()) {
        return ask(request, [](aws::SignedRequest&) {}, key);
    }
    static std::string& header(aws::SignedRequest& request, std::string_view name) {
        return std::ranges::find(request.headers, name, &aws::Header::first)->second;
    }

    KeyTable keys;
    AwsApi api{
        keys,
        [](std::string_view host) -> std::string_view {
            return host == "sts.us-east-1.amazonaws.com" ? "us-east-1" : "";
        },
        [](std::string_view host) -> std::string_view {
            return host == "ec2.us-east-1.amazonaws.com" ? "us-east-1" : "";
        }
    };
};

TEST_F(AwsApiTest, DescribesTheInstancesOfTheAccount) {
    const auto answer = ask(describe({"i-01234567"}));
    EXPECT_EQ(answer.outcome, "described");
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("<privateDnsName>one.internal</privateDnsName>"), std::string::npos);
    EXPECT_NE(answer.body.find("<ownerId>123456789012</ownerId>"), std::string::npos);
}

TEST_F(AwsApiTest, RefusesAllForOneIdThatItDoesNotKnow) {
    const auto answer = ask(describe({"i-01234567", "i-89abcdef", "i-00000000"}));
    EXPECT_EQ(answer.outcome, "InvalidInstanceID.NotFound");
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("i-89abcdef, i-00000000"), std::string::npos);
    EXPECT_EQ(answer.body.find("one.internal"), std::string::npos);
    EXPECT_EQ(ask(describe({"i-01234567", "i-ABC"})).outcome, "InvalidInstanceID.Malformed");
    EXPECT_EQ(ask(describe({})).outcome, "InvalidParameterValue");
}

TEST_F(AwsApiTest, JudgesTheSignature) {
    const auto request = describe({"i-01234567"});
    const auto spoilt = [&](auto spoil) { return ask(request, spoil).outcome; };
    EXPECT_EQ(spoilt([](auto& r) { r.target += "&X=1"; }), "AuthFailure");
    EXPECT_EQ(spoilt([](auto& r) { header(r, "authorization").back() ^= 1; }), "AuthFailure");
    EXPECT_EQ(spoilt([](auto& r) { header(r, "x-amz-date") = "20260102T000001Z"; }), "AuthFailure");
    EXPECT_EQ(spoilt([](auto& r) { r.headers.emplace_back("X-Amz-Source-Account", "1"); }), "AuthFailure");
    EXPECT_EQ(spoilt([](auto& r) { header(r, "authorization") = "Basic x"; }), "IncompleteSignature");
    EXPECT_EQ(spoilt([](auto& r) { r.headers.erase(r.headers.begin()); }), "IncompleteSignature");
    EXPECT_EQ(spoilt([](auto& r) { header(r, "authorization").clear(); }), "IncompleteSignature");
    EXPECT_EQ(spoilt([](auto& r) { r.target = "/x" + r.target.substr(1); }), "InvalidAction");
    auto other = request;
    other.region = "eu-west-1";
    EXPECT_EQ(ask(other).outcome, "AuthFailure");
    other = request;
    other.service = "sts";
    EXPECT_EQ(ask(other).outcome, "AuthFailure");
    Key stranger = alice();
    stranger.access_key_id = "AKIASTRANGER";
    EXPECT_EQ(ask(request, stranger).outcome, "AuthFailure");
}

TEST_F(AwsApiTest, AssumesARoleForItsSourceAlone) {
    const auto answer = ask(assume());
    EXPECT_EQ(answer.outcome, "assumed");
    EXPECT_EQ(keys.size(), 2U);

    auto request = assume();
    request.headers.clear();
    EXPECT_EQ(ask(request).outcome, "AccessDenied");
    request = assume();
    request.headers[0].second = "arn:of:another";
    EXPECT_EQ(ask(request).outcome, "AccessDenied");
    request = assume();
    request.headers[1].second = "210987654321";
    EXPECT_EQ(ask(request).outcome, "AccessDenied");
    request = assume();
    request.parameters[2].second = "arn:aws:iam::210987654321:role/Other";
    EXPECT_EQ(ask(request).outcome, "AccessDenied");
    request = assume();
    request.parameters.emplace_back("DurationSeconds", "899");
    EXPECT_EQ(ask(request).outcome, "ValidationError");
    EXPECT_EQ(keys.size(), 2U);
}

TEST_F(AwsApiTest, TakesTheKeysThatItGave) {
    const std::string body = ask(assume()).body;
    const auto between = [&body](std::string_view name) {
        const std::string open = "<" + std::string(name) + ">";
        const auto begin = body.find(open) + open.size();
        return body.substr(begin, body.find('<', begin) - begin);
    };
    Key key = alice();
    key.access_key_id = between("AccessKeyId");
    key.secret_access_key = between("SecretAccessKey");
    key.session_token = between("SessionToken");
    EXPECT_EQ(between("Expiration"), "2026-01-02T01:00:00Z");
    EXPECT_EQ(ask(describe({"i-89abcdef"}), key).outcome, "described");
    EXPECT_EQ(ask(describe({"i-01234567"}), key).outcome, "InvalidInstanceID.NotFound");
    key.session_token += "x";
    EXPECT_EQ(ask(describe({"i-89abcdef"}), key).outcome, "AuthFailure");
}

TEST_F(AwsApiTest, LeavesOtherRequestsAlone) {
    Request presigned;
    presigned.headers = {{"Host", "sts.us-east-1.amazonaws.com"}};
    EXPECT_EQ(api.service_of(presigned), Service::none);
    EXPECT_EQ(api.service_of({}), Service::none);
    presigned.headers = {{"host", "ec2.us-east-1.amazonaws.com"}};
    EXPECT_EQ(api.service_of(presigned), Service::ec2);
    EXPECT_EQ(api.answer(presigned, Service::ec2, now).outcome, "MissingAuthenticationToken");
}

TEST(FakeResources, RefusesOtherForms) {
    EXPECT_TRUE(parse_resources("{}"));
    for (const std::string_view json :
         {"",
          "[]",
          R"({"x":[]})",
          R"({"instances":{}})",
          R"({"instances":[1]})",
          R"({"instances":[{}]})",
          R"({"instances":[{"instance_id":1}]})",
          R"({"roles":[{"role_arn":"a","x":"y"}]})"}) {
        EXPECT_FALSE(parse_resources(json)) << json;
    }
}

}  // namespace
}  // namespace arngate::fake_sts
