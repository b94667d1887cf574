#include "core/mapping/username_template.hpp"

#include "tests/core/mapping/fake_node_names.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace arngate::mapping {
namespace {

sts::CallerIdentity caller(std::string_view session) {
    sts::CallerIdentity identity;
    identity.account_id = "123456789012";
    identity.session_name = session;
    identity.access_key_id = "ASIAIOSFODNN7EXAMPLE";
    return identity;
}

TEST(UsernameTemplate, FollowsTheVectors) {
    simdjson::dom::parser parser;
    const simdjson::dom::element file = parser.load(std::string(ARNGATE_TEST_VECTORS) + "/username-template.json");
    FakeNodeNames names;
    for (const auto field : file["ec2_private_dns_names"].get_object()) {
        names.names.emplace(field.key, std::string_view(field.value));
    }
    std::size_t count = 0;
    for (const simdjson::dom::element one : file["cases"].get_array()) {
        SCOPED_TRACE(std::string_view(one["id"]));
        sts::CallerIdentity identity;
        identity.account_id = std::string_view(one["identity"]["account_id"]);
        identity.session_name = std::string_view(one["identity"]["session_name"]);
        identity.access_key_id = std::string_view(one["identity"]["access_key_id"]);
        const Result<std::string> rendered =
            UsernameTemplate(std::string_view(one["template"])).render(identity, &names);
        std::string_view text;
        if (one["expect"]["text"].get(text) == simdjson::SUCCESS) {
            ASSERT_TRUE(rendered.has_value());
            EXPECT_EQ(*rendered, text);
        } else {
            const std::string_view error = one["expect"]["error"];
            ASSERT_FALSE(rendered.has_value());
            EXPECT_EQ(rendered.error().reason, Reason::template_failed);
            EXPECT_NE(
                rendered.error().detail.find(error == "lookup-failed" ? "EC2 gave no" : "not an EC2 instance id"),
                std::string::npos
            );
        }
        ++count;
    }
    EXPECT_EQ(count, 28U);
}

TEST(UsernameTemplate, FailsClearlyWithoutNodeNames) {
    const UsernameTemplate node("system:node:{{EC2PrivateDNSName}}");
    const Result<std::string> rendered = node.render(caller("i-0123456789abcdef0"), nullptr);
    ASSERT_FALSE(rendered.has_value());
    EXPECT_EQ(rendered.error().reason, Reason::template_failed);
    EXPECT_TRUE(rendered.error().detail.starts_with("EC2 private DNS names are not available: "));
}

TEST(UsernameTemplate, ChecksTheInstanceIdBeforeItAsks) {
    const UsernameTemplate node("{{EC2PrivateDNSName}}");
    const Result<std::string> rendered = node.render(caller("alice"), nullptr);
    ASSERT_FALSE(rendered.has_value());
    EXPECT_EQ(rendered.error().detail.find("alice"), std::string::npos) << "the caller's words are not ours";
    EXPECT_NE(rendered.error().detail.find("not an EC2 instance id"), std::string::npos);
}

TEST(UsernameTemplate, SaysWhetherItAsksForANodeName) {
    EXPECT_TRUE(UsernameTemplate("a{{EC2PrivateDNSName}}").asks_node_name());
    EXPECT_FALSE(UsernameTemplate("{{SessionName}}{{EC2PrivateDNSname}}").asks_node_name());
}

TEST(UsernameTemplate, KeepsOddBraces) {
    for (const std::string_view text : {"{", "{{", "{{{", "}}", "{{}}", "{{AccountID}", "{AccountID}}", "a{{b{{c"}) {
        const Result<std::string> rendered = UsernameTemplate(text).render(caller("s"), nullptr);
        ASSERT_TRUE(rendered.has_value());
        EXPECT_EQ(*rendered, text);
    }
}

TEST(UsernameTemplate, RendersNeighbours) {
    const Result<std::string> rendered =
        UsernameTemplate("{{AccountID}}{{{{SessionName}}}}{{AccountID}}").render(caller("a@b"), nullptr);
    ASSERT_TRUE(rendered.has_value());
    EXPECT_EQ(*rendered, "123456789012{{a-b}}123456789012");
}

TEST(UsernameTemplate, TurnsAtSignsOnlyInTheSessionName) {
    const Result<std::string> rendered = UsernameTemplate("x@y:{{SessionName}}@").render(caller("a@b"), nullptr);
    ASSERT_TRUE(rendered.has_value());
    EXPECT_EQ(*rendered, "x@y:a-b@");
}

}  // namespace
}  // namespace arngate::mapping
