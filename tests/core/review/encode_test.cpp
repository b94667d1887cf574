#include "core/review/encode.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::review {
namespace {

const AnswerStyle ours{};
const AnswerStyle reference{.echo_version = false, .refusal = RefusalStatus::forbidden};

struct Answer {
    AnswerHead head;
    std::string body;
};

Answer refused(const AnswerStyle& style, Reason reason, ApiVersion version = ApiVersion::v1) {
    Answer answer;
    answer.head = encode_refused(answer.body, style, version, reason);
    return answer;
}

sts::CallerIdentity alice() {
    sts::CallerIdentity identity;
    identity.arn = "arn:aws:iam::123456789012:user/Alice";
    identity.canonical_arn = identity.arn;
    identity.account_id = "123456789012";
    identity.user_id = "AIDACKCEVSQ6C2EXAMPLE";
    identity.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    return identity;
}

TEST(EncodeGranted, EchoesTheVersion) {
    std::string body = "before ";
    const AnswerHead head = encode_granted(body, ours, ApiVersion::v1beta1, {"alice", {"g1", "g1"}}, alice(), true);
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.content_type, "application/json; charset=UTF-8");
    EXPECT_EQ(head.retry_after_seconds, 0U);
    EXPECT_EQ(
        body,
        R"(before {"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1beta1","metadata":{},"spec":{},)"
        R"("status":{"authenticated":true,"user":{"username":"alice","uid":"aws-iam-authenticator:administrative:alice",)"
        R"("groups":["g1","g1"]}}})"
        "\n"
    );
}

TEST(EncodeGranted, EscapesEveryText) {
    sts::CallerIdentity identity = alice();
    identity.session_name = "a\"b\n";
    identity.user_id = "U\"";
    std::string body;
    encode_granted(body, reference, ApiVersion::v1, {"u\"", {"g\""}}, identity, false);
    EXPECT_EQ(
        body,
        R"({"metadata":{},"spec":{},"status":{"authenticated":true,"user":{"username":"u\"",)"
        R"("uid":"aws-iam-authenticator:123456789012:U\"","groups":["g\""],"extra":{)"
        R"("accessKeyId":["AKIAIOSFODNN7EXAMPLE"],"arn":["arn:aws:iam::123456789012:user/Alice"],)"
        R"("canonicalArn":["arn:aws:iam::123456789012:user/Alice"],"principalId":["U\""],"sessionName":["a\"b\n"],)"
        R"("sigs.k8s.io/aws-iam-authenticator/principalId":["U\""]}}}})"
        "\n"
    );
}

TEST(UserUid, HidesScrubbedAccounts) {
    EXPECT_EQ(user_uid(alice(), "x", false), "aws-iam-authenticator:123456789012:AIDACKCEVSQ6C2EXAMPLE");
    EXPECT_EQ(user_uid(alice(), "x", true), "aws-iam-authenticator:administrative:x");
}

TEST(EncodeRefused, HasTheBytesOfTheReference) {
    for (const ReasonInfo& row : all_reasons()) {
        SCOPED_TRACE(row.label);
        const Answer answer = refused(reference, row.reason);
        if (row.answer == AnswerKind::malformed) {
            EXPECT_EQ(answer.head.status, 400U);
            EXPECT_EQ(answer.head.content_type, "text/plain; charset=utf-8");
            EXPECT_EQ(answer.body, "expected a request body to be a TokenReview\n");
        } else {
            EXPECT_EQ(answer.head.status, row.reason == Reason::sts_throttled ? 429U : 403U);
            EXPECT_EQ(answer.head.content_type, "application/json; charset=UTF-8");
            EXPECT_EQ(answer.body, R"({"metadata":{},"spec":{},"status":{"user":{}}})");
        }
        EXPECT_EQ(answer.head.retry_after_seconds, 0U);
    }
}

TEST(EncodeRefused, MakesOnlyFinalRefusalsCacheable) {
    for (const ReasonInfo& row : all_reasons()) {
        SCOPED_TRACE(row.label);
        const Answer answer = refused(ours, row.reason);
        EXPECT_EQ(answer.body.find(R"("error":)") == std::string::npos, row.answer == AnswerKind::denied);
        EXPECT_EQ(answer.body.find(R"("authenticated":true)"), std::string::npos);
        EXPECT_NE(answer.body.find(R"("authenticated":false)"), std::string::npos);
    }
}

TEST(EncodeRefused, GivesEachKindItsStatus) {
    struct Case {
        Reason reason;
        unsigned status;
        unsigned retry_after;
    };
    for (const Case& expected : {
             Case{Reason::bad_request, 400, 0},
             Case{Reason::unsupported_version, 400, 0},
             Case{Reason::bad_prefix, 200, 0},
             Case{Reason::sts_denied, 200, 0},
             Case{Reason::not_mapped, 200, 0},
             Case{Reason::sts_throttled, 429, 1},
             Case{Reason::sts_unreachable, 503, 1},
             Case{Reason::overloaded, 503, 1},
             Case{Reason::internal_error, 500, 0},
             Case{Reason::none, 500, 0},
         }) {
        SCOPED_TRACE(label(expected.reason));
        const Answer answer = refused(ours, expected.reason);
        EXPECT_EQ(answer.head.status, expected.status);
        EXPECT_EQ(answer.head.retry_after_seconds, expected.retry_after);
        EXPECT_EQ(answer.head.content_type, "application/json; charset=UTF-8");
    }
}

TEST(EncodeRefused, HasTheBytesOfOurs) {
    EXPECT_EQ(
        refused(ours, Reason::expired).body,
        R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{},)"
        R"("status":{"authenticated":false,"user":{}}})"
        "\n"
    );
    EXPECT_EQ(
        refused(ours, Reason::not_mapped).body,
        R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{},)"
        R"("status":{"authenticated":false,"user":{},)"
        R"("error":"not_mapped: the identity is not mapped to a Kubernetes user"}})"
        "\n"
    );
    EXPECT_EQ(
        refused(ours, Reason::bad_request, ApiVersion::none).body,
        R"({"metadata":{},"spec":{},"status":{"authenticated":false,"user":{},)"
        R"("error":"bad_request: the request body is not a TokenReview"}})"
        "\n"
    );
}

}  // namespace
}  // namespace arngate::review
