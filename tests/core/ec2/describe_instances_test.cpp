#include "core/ec2/describe_instances.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::ec2 {
namespace {

using Kind = DescribeError::Kind;

const std::vector<std::string> asked{"i-0123456789abcdef0", "i-01234567"};

std::string instance_xml(std::string_view id, std::string_view name) {
    return "<item><instanceId>" + std::string(id) +
           "</instanceId><imageId>ami-1</imageId><instanceState><code>16</code><name>running</name></instanceState>"
           "<privateDnsName>" +
           std::string(name) +
           "</privateDnsName><dnsName/><networkInterfaceSet><item><ownerId>999999999999</ownerId>"
           "<privateDnsName>other.example</privateDnsName></item></networkInterfaceSet><tagSet><item><key>instanceId</"
           "key>"
           "<value>&quot;&#x1F600;&lt;</value></item></tagSet></item>";
}

std::string reservation_xml(std::string_view owner, std::string_view instances) {
    return "<item><reservationId>r-1</reservationId><ownerId>" + std::string(owner) +
           "</ownerId><groupSet/><instancesSet>" + std::string(instances) + "</instancesSet></item>";
}

std::string answer_xml(std::string_view reservations, std::string_view more = {}) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeInstancesResponse "
           "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n<requestId>r</requestId><reservationSet>" +
           std::string(reservations) + "</reservationSet>" + std::string(more) + "</DescribeInstancesResponse>";
}

std::string error_xml(std::string_view code, std::string_view message) {
    return "<Response><Errors><Error><Code>" + std::string(code) + "</Code><Message>" + std::string(message) +
           "</Message></Error></Errors><RequestID>r</RequestID></Response>";
}

bool is_bad(const std::string& body) {
    const auto result = parse_describe_instances(200, body, asked);
    return !result && result.error().kind == Kind::bad_answer;
}

TEST(DescribeInstances, NumbersTheIds) {
    const auto request = describe_instances_request("ec2.us-east-1.amazonaws.com", "us-east-1", asked);
    const std::vector<aws::QueryParameter> wanted{
        {"Action", "DescribeInstances"},
        {"Version", "2016-11-15"},
        {"InstanceId.1", asked[0]},
        {"InstanceId.2", asked[1]},
    };
    EXPECT_EQ(request.parameters, wanted);
    EXPECT_EQ(request.service, "ec2");
    EXPECT_EQ(request.host, "ec2.us-east-1.amazonaws.com");
    EXPECT_EQ(request.region, "us-east-1");
}

TEST(DescribeInstances, ReadsNamesAndOwners) {
    const auto result = parse_describe_instances(
        200,
        answer_xml(
            reservation_xml("123456789012", instance_xml(asked[0], "ip-10-0-0-1.ec2.internal")) +
            reservation_xml("210987654321", instance_xml(asked[1], ""))
        ),
        asked
    );
    ASSERT_TRUE(result);
    const std::vector<Instance> wanted{
        {.id = asked[0], .private_dns_name = "ip-10-0-0-1.ec2.internal", .owner_account = "123456789012"},
        {.id = asked[1], .private_dns_name = "", .owner_account = "210987654321"},
    };
    EXPECT_EQ(result->instances, wanted);
    EXPECT_FALSE(result->has_more);
}

TEST(DescribeInstances, TheOwnerMayComeAfterTheInstances) {
    const auto result = parse_describe_instances(
        200,
        answer_xml(
            "<item><instancesSet>" + instance_xml(asked[0], "a.b") + instance_xml(asked[1], "c.d") +
            "</instancesSet><ownerId>123456789012</ownerId></item>"
        ),
        asked
    );
    ASSERT_TRUE(result);
    ASSERT_EQ(result->instances.size(), 2U);
    EXPECT_EQ(result->instances[1].owner_account, "123456789012");
}

TEST(DescribeInstances, PassesOverWhatWasNotAskedFor) {
    const auto result = parse_describe_instances(
        200, answer_xml(reservation_xml("123456789012", instance_xml("i-99999999", "a.b"))), asked
    );
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->instances.empty());
    EXPECT_TRUE(parse_describe_instances(200, answer_xml(""), asked)->instances.empty());
}

TEST(DescribeInstances, SeesThatThereIsMore) {
    EXPECT_TRUE(parse_describe_instances(200, answer_xml("", "<nextToken>t</nextToken>"), asked)->has_more);
    EXPECT_FALSE(parse_describe_instances(200, answer_xml("", "<nextToken/>"), asked)->has_more);
}

TEST(DescribeInstances, ANameThatIsNoHostNameCountsAsNone) {
    const auto name = [](const std::string& text) {
        const auto result = parse_describe_instances(
            200, answer_xml(reservation_xml("123456789012", instance_xml(asked[0], text))), asked
        );
        return result ? result->instances.at(0).private_dns_name : "bad answer";
    };
    const std::string label(63, 'a');
    EXPECT_EQ(name(label + ".b"), label + ".b");
    EXPECT_EQ(name("i-0123456789abcdef0.ec2.internal"), "i-0123456789abcdef0.ec2.internal");
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
    EXPECT_EQ(name(longest), longest);
    for (const std::string& text :
         {longest + "a",
          label + "a.b",
          std::string("a..b"),
          std::string(".a"),
          std::string("a."),
          std::string("-a.b"),
          std::string("a-.b"),
          std::string("a_b"),
          std::string("a b"),
          std::string("a/b"),
          std::string("a:b"),
          std::string("\xc3\xa9.b"),
          std::string("a\n")}) {
        EXPECT_EQ(name(text), "") << text;
    }
}

TEST(DescribeInstances, RefusesAnswersThatContradictThemselves) {
    const std::string one = instance_xml(asked[0], "a.b");
    EXPECT_FALSE(is_bad(answer_xml(reservation_xml("123456789012", one))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("123456789012", one + one))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("123456789012", one) + reservation_xml("210987654321", one))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("12345678901", one))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("1234567890123", one))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("12345678901x", one))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("", one))));
    EXPECT_TRUE(is_bad(answer_xml("<item><instancesSet>" + one + "</instancesSet></item>")));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml("123456789012", "<item><privateDnsName>a.b</privateDnsName></item>")))
    );
    EXPECT_TRUE(is_bad(answer_xml(
        "<item><ownerId>123456789012</ownerId><ownerId>210987654321</ownerId><instancesSet>" + one +
        "</instancesSet></item>"
    )));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml(
        "123456789012",
        "<item><instanceId>" + asked[0] + "</instanceId><instanceId>" + asked[1] + "</instanceId></item>"
    ))));
    EXPECT_TRUE(is_bad(answer_xml(reservation_xml(
        "123456789012",
        "<item><instanceId>" + asked[0] +
            "</instanceId><privateDnsName>a.b</privateDnsName><privateDnsName>c.d</privateDnsName></item>"
    ))));
}

TEST(DescribeInstances, RefusesOtherDocuments) {
    const std::string good = answer_xml(reservation_xml("123456789012", instance_xml(asked[0], "a.b")));
    EXPECT_FALSE(is_bad(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_TRUE(is_bad(good.substr(0, size))) << size;
    }
    for (const std::string_view body :
         {"{}",
          "<html/>",
          "<DescribeVpcsResponse/>",
          "<Response><Errors/></Response>",
          "<!DOCTYPE x [<!ENTITY a \"b\">]><DescribeInstancesResponse/>"}) {
        EXPECT_TRUE(is_bad(std::string(body))) << body;
    }
}

TEST(DescribeInstances, NamesTheIdsThatEc2DoesNotKnow) {
    const auto named = [](std::string_view code, std::string_view message) {
        const auto result = parse_describe_instances(400, error_xml(code, message), asked);
        EXPECT_EQ(result.error().kind, Kind::unknown_instance);
        return result.error().named;
    };
    const std::vector<std::string> first{asked[0]};
    const std::vector<std::string> second{asked[1]};
    EXPECT_EQ(named("InvalidInstanceID.NotFound", "The instance ID 'i-0123456789abcdef0' does not exist"), first);
    EXPECT_EQ(
        named("InvalidInstanceID.NotFound", "The instance IDs 'i-0123456789abcdef0, i-01234567' do not exist"), asked
    );
    EXPECT_EQ(named("InvalidInstanceID.Malformed", "Invalid id: \"i-01234567\""), second);
    EXPECT_TRUE(named("InvalidInstanceID.NotFound", "").empty());
    EXPECT_TRUE(named("InvalidInstanceID.NotFound", "i-012345678 xi-01234567 vpci-01234567 a-i-01234567").empty());
}

TEST(DescribeInstances, SaysWhyItFailed) {
    const auto error = [](int status, std::string_view code) {
        return parse_describe_instances(status, error_xml(code, "i-01234567 secret words"), asked).error();
    };
    EXPECT_EQ(error(503, "RequestLimitExceeded").kind, Kind::throttled);
    EXPECT_EQ(error(500, "InternalError").kind, Kind::unavailable);
    EXPECT_EQ(error(503, "InvalidInstanceID.NotFound").kind, Kind::unavailable);
    EXPECT_EQ(error(401, "AuthFailure").kind, Kind::bad_credentials);
    EXPECT_EQ(error(403, "UnauthorizedOperation").kind, Kind::refused);
    EXPECT_EQ(error(403, "UnauthorizedOperation").detail, "EC2 answered 403 (UnauthorizedOperation)");
    EXPECT_EQ(parse_describe_instances(301, "moved", asked).error().kind, Kind::refused);
    EXPECT_EQ(parse_describe_instances(301, "moved", asked).error().detail, "EC2 answered 301");
    EXPECT_EQ(parse_describe_instances(204, "", asked).error().kind, Kind::bad_answer);
}

}  // namespace
}  // namespace arngate::ec2
