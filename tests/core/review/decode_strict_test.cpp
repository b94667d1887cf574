#include "tests/core/review/padded.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::review {
namespace {

Reason strict(std::string_view text) {
    return verdict(Strictness::strict, text);
}

std::string review(std::string_view rest) {
    return fmt::format(R"({{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1",{}}})", rest);
}

TEST(DecodeStrict, ReadsWhatKubernetesSends) {
    const Padded body(
        R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1beta1","metadata":{"creationTimestamp":null},)"
        R"("spec":{"token":"k8s-aws-v1.abc","audiences":["https://a","b"]},"status":{"user":{}}})"
        "\n"
    );
    Decoder decoder(Strictness::strict);
    const Result<TokenReview> review = decoder.decode(body.body());
    ASSERT_TRUE(review.has_value());
    EXPECT_EQ(review->version, ApiVersion::v1beta1);
    EXPECT_EQ(review->token, "k8s-aws-v1.abc");
    EXPECT_EQ(review->audiences, (std::vector<std::string_view>{"https://a", "b"}));
}

TEST(DecodeStrict, TakesMembersInAnyOrder) {
    EXPECT_EQ(
        strict(R"( {"spec" : { "later":[1.5e3,null,true,{}], "token":"" } , "apiVersion":"authentication.k8s.io/v1")"
               R"(,"x":{"kind":"Pod"},"kind":"TokenReview"} )"),
        Reason::none
    );
}

TEST(DecodeStrict, UndoesEscapes) {
    const Padded body(review(R"("sp\u0065c":{"token":"k8s\u002daws\/\n"})"));
    Decoder decoder(Strictness::strict);
    const Result<TokenReview> decoded = decoder.decode(body.body());
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->token, "k8s-aws/\n");
}

TEST(DecodeStrict, RefusesBodiesThatAreNoJson) {
    const std::string good = review(R"("spec":{"token":"a"})");
    ASSERT_EQ(strict(good), Reason::none);
    for (const std::string& text :
         {std::string(),
          std::string(" \r\n\t"),
          std::string("not json"),
          std::string("["),
          std::string("{"),
          std::string("{}x"),
          good.substr(0, good.size() - 1),
          good + "}",
          good + "{}",
          good + " trailing",
          good + std::string(1, '\0'),
          "\xef\xbb\xbf" + good,
          "," + good,
          review(R"("spec":{"token":"a"},)"),
          review(R"("spec":{"token":"a"},"x":01)"),
          review(R"("spec":{"token":"a"},"x":tru)"),
          review(R"("spec":{"token":"a"},"x":"\q")"),
          review(R"("spec":{"token":"a"},"x":"\ud800")"),
          review("\"spec\":{\"token\":\"a\nb\"}"),
          review("\"spec\":{\"token\":\"a\"},\"x\":\"\xff\""),
          review("\"spec\":{\"token\":\"\xc3\"}"),
          review("\"spec\":{\"token\":\"\xed\xa0\x80\"}")}) {
        EXPECT_EQ(strict(text), Reason::bad_request) << text;
    }
}

TEST(DecodeStrict, RefusesOtherTypes) {
    for (const std::string_view text : {"null", "[]", "\"TokenReview\"", "5", "true"}) {
        EXPECT_EQ(strict(text), Reason::bad_request) << text;
    }
    for (const std::string_view rest :
         {R"("spec":null)",
          R"("spec":[])",
          R"("spec":"a")",
          R"("spec":{})",
          R"("spec":{"token":null})",
          R"("spec":{"token":5})",
          R"("spec":{"token":["a"]})",
          R"("spec":{"token":"a","audiences":"b"})",
          R"("spec":{"token":"a","audiences":{}})",
          R"("spec":{"token":"a","audiences":[null]})",
          R"("spec":{"token":"a","audiences":["b",5]})",
          R"("Spec":{"token":"a"})",
          R"("spec":{"Token":"a"})",
          R"("metadata":{})"}) {
        EXPECT_EQ(strict(review(rest)), Reason::bad_request) << rest;
    }
    EXPECT_EQ(strict(review(R"("spec":{"token":"a","audiences":null})")), Reason::none);
}

TEST(DecodeStrict, RefusesOtherKindsAndVersions) {
    const auto of = [](std::string_view kind_and_version) {
        return strict(fmt::format(R"({{{}"spec":{{"token":"a"}}}})", kind_and_version));
    };
    EXPECT_EQ(of(R"("kind":"TokenReview","apiVersion":"authentication.k8s.io/v1",)"), Reason::none);
    EXPECT_EQ(of(""), Reason::bad_request);
    EXPECT_EQ(of(R"("apiVersion":"authentication.k8s.io/v1",)"), Reason::bad_request);
    EXPECT_EQ(of(R"("kind":"Pod","apiVersion":"authentication.k8s.io/v1",)"), Reason::bad_request);
    EXPECT_EQ(of(R"("kind":"tokenreview","apiVersion":"authentication.k8s.io/v1",)"), Reason::bad_request);
    EXPECT_EQ(of(R"("kind":5,"apiVersion":"authentication.k8s.io/v1",)"), Reason::bad_request);
    EXPECT_EQ(of(R"("kind":"TokenReview","apiVersion":5,)"), Reason::bad_request);
    EXPECT_EQ(of(R"("kind":"TokenReview",)"), Reason::unsupported_version);
    for (const std::string_view version :
         {"", "v1", "authentication.k8s.io/v2", "authentication.k8s.io/v1alpha1", "Authentication.k8s.io/v1"}) {
        EXPECT_EQ(of(fmt::format(R"("kind":"TokenReview","apiVersion":"{}",)", version)), Reason::unsupported_version);
    }
}

TEST(DecodeStrict, RefusesRepeatedKeys) {
    const std::string_view spec = R"("spec":{"token":"a"})";
    EXPECT_EQ(strict(review(fmt::format(R"({},"kind":"TokenReview")", spec))), Reason::bad_request);
    EXPECT_EQ(strict(review(fmt::format(R"({},"k\u0069nd":"TokenReview")", spec))), Reason::bad_request);
    EXPECT_EQ(strict(review(fmt::format(R"({},"apiVersion":"x")", spec))), Reason::bad_request);
    EXPECT_EQ(strict(review(fmt::format("{},{}", spec, spec))), Reason::bad_request);
    EXPECT_EQ(strict(review(R"("spec":{"token":"a","token":"b"})")), Reason::bad_request);
    EXPECT_EQ(strict(review(R"("spec":{"audiences":[],"token":"a","audiences":[]})")), Reason::bad_request);
    EXPECT_EQ(strict(review(fmt::format(R"({},"x":1,"x":2,"Kind":"Pod")", spec))), Reason::none)
        << "nobody reads these";
}

TEST(DecodeStrict, BoundsAudiences) {
    const auto with = [](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i) {
            list += i == 0 ? R"("a")" : R"(,"a")";
        }
        return strict(review(fmt::format(R"("spec":{{"token":"a","audiences":[{}]}})", list)));
    };
    EXPECT_EQ(with(0), Reason::none);
    EXPECT_EQ(with(32), Reason::none);
    EXPECT_EQ(with(33), Reason::bad_request);
}

TEST(DecodeStrict, BoundsNesting) {
    const auto nested = [](std::size_t levels) {
        return strict(review(
            fmt::format(R"("spec":{{"token":"a"}},"x":{}{})", std::string(levels, '['), std::string(levels, ']'))
        ));
    };
    EXPECT_EQ(nested(31), Reason::none);
    EXPECT_EQ(nested(32), Reason::bad_request);
    EXPECT_EQ(nested(5'000), Reason::bad_request);
}

TEST(DecodeStrict, KeepsItsBoundOfNestingWhenItGrows) {
    Decoder decoder(Strictness::strict);
    const Padded large(review(fmt::format(R"("spec":{{"token":"{}"}})", std::string(100'000, 'a'))));
    ASSERT_TRUE(decoder.decode(large.body()).has_value());
    const Padded deep(review(fmt::format(
        R"("spec":{{"token":"{}"}},"x":{}{})", std::string(200'000, 'a'), std::string(40, '['), std::string(40, ']')
    )));
    ASSERT_FALSE(decoder.decode(deep.body()).has_value());
    const Padded small(review(R"("spec":{"token":"a"})"));
    EXPECT_TRUE(decoder.decode(small.body()).has_value());
}

TEST(DecodeStrict, BoundsTheBody) {
    EXPECT_EQ(
        strict(review(fmt::format(R"("spec":{{"token":"{}"}})", std::string(16 * 1024 * 1024, 'a')))),
        Reason::bad_request
    );
}

TEST(DecodeStrict, TellsNothingOfTheBody) {
    Decoder decoder(Strictness::strict);
    for (const std::string_view text :
         {R"({"kind":"hush"})",
          R"({"kind":"TokenReview","apiVersion":"hush"})",
          R"({"hush)",
          R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":"hush"})"}) {
        const Padded body(text);
        const Result<TokenReview> review = decoder.decode(body.body());
        ASSERT_FALSE(review.has_value());
        EXPECT_FALSE(review.error().detail.empty());
        EXPECT_EQ(review.error().detail.find("hush"), std::string::npos);
    }
}

TEST(DecodeStrict, ForgetsTheToken) {
    Decoder decoder(Strictness::strict);
    const Padded body(review(R"("spec":{"token":"k8s-aws-v1.secret"},"x":"k8s-aws-v1.secret")"));
    const Result<TokenReview> decoded = decoder.decode(body.body());
    ASSERT_TRUE(decoded.has_value());
    const std::string_view token = decoded->token;
    ASSERT_EQ(token, "k8s-aws-v1.secret");
    decoder.forget();
    // The decoder still owns these bytes; they no longer say anything.
    EXPECT_EQ(token, std::string(token.size(), '\0'));
    decoder.forget();
}

}  // namespace
}  // namespace arngate::review
