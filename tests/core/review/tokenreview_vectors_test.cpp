#include "core/review/encode.hpp"
#include "tests/core/review/padded.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::review {
namespace {

using Json = simdjson::dom::element;

const AnswerStyle reference{.echo_version = false, .refusal = RefusalStatus::forbidden};

Json load(simdjson::dom::parser& parser) {
    return parser.load(std::string(ARNGATE_TEST_VECTORS) + "/tokenreview-http.json");
}

void expect_answer(const Json& expected, const AnswerHead& head, std::string_view body) {
    EXPECT_EQ(head.status, std::uint64_t(expected["status"]));
    EXPECT_EQ(head.content_type, std::string_view(expected["content_type"]));
    EXPECT_EQ(body, std::string_view(expected["body"]));
    EXPECT_EQ(head.retry_after_seconds, 0U);
}

TEST(TokenReviewVectors, EncodeIdentities) {
    simdjson::dom::parser parser;
    std::size_t count = 0;
    for (const Json one : load(parser)["with_identity"].get_array()) {
        SCOPED_TRACE(std::string_view(one["id"]));
        const Json json = one["identity"];
        sts::CallerIdentity identity;
        identity.arn = std::string_view(json["arn"]);
        identity.canonical_arn = std::string_view(json["canonical_arn"]);
        identity.account_id = std::string_view(json["account_id"]);
        identity.user_id = std::string_view(json["user_id"]);
        identity.session_name = std::string_view(json["session_name"]);
        identity.access_key_id = std::string_view(json["access_key_id"]);
        bool scrubbed = false;
        for (const Json account : one["scrubbed_accounts"].get_array()) {
            scrubbed = scrubbed || std::string_view(account) == identity.account_id;
        }
        std::string body;
        AnswerHead head;
        const Json mapping = one["mapping"];
        if (mapping.is_null()) {
            head = encode_refused(body, reference, ApiVersion::none, Reason::not_mapped);
        } else {
            mapping::KubernetesUser user;
            std::string_view username;
            if (mapping["username"].get(username) == simdjson::SUCCESS) {
                user.username = username;
                for (const Json group : mapping["groups"].get_array()) {
                    user.groups.emplace_back(std::string_view(group));
                }
            } else {
                user.username = identity.canonical_arn;
            }
            head = encode_granted(body, reference, ApiVersion::none, user, identity, scrubbed);
        }
        expect_answer(one["expect"], head, body);
        EXPECT_EQ(
            info(mapping.is_null() ? Reason::not_mapped : Reason::none).peer_result,
            std::string_view(one["expect"]["latency_result"])
        );
        ++count;
    }
    EXPECT_EQ(count, 5U);
}

TEST(TokenReviewVectors, DecodeBodies) {
    simdjson::dom::parser parser;
    Decoder decoder(Strictness::lenient);
    std::size_t count = 0;
    for (const Json one : load(parser)["cases"].get_array()) {
        SCOPED_TRACE(std::string_view(one["id"]));
        // Methods and paths are the router's; the rest is decided by the body.
        std::string_view text;
        if (std::string_view(one["method"]) != "POST" || std::string_view(one["path"]) != "/authenticate" ||
            one["request_body"].get(text) != simdjson::SUCCESS) {
            continue;
        }
        const Padded padded(text);
        const Result<TokenReview> review = decoder.decode(padded.body());
        // None of the tokens has the prefix.
        const Reason reason = review ? Reason::bad_prefix : review.error().reason;
        std::string body;
        const AnswerHead head = encode_refused(body, reference, review ? review->version : ApiVersion::none, reason);
        expect_answer(one["expect"], head, body);
        EXPECT_EQ(info(reason).peer_result, std::string_view(one["expect"]["latency_result"]));
        ++count;
    }
    EXPECT_EQ(count, 10U);
}

}  // namespace
}  // namespace arngate::review
