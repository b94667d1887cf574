#include "tests/core/review/padded.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::review {
namespace {

Reason lenient(std::string_view text) {
    return verdict(Strictness::lenient, text);
}

std::string token_of(std::string_view text) {
    const Padded body(text);
    Decoder decoder(Strictness::lenient);
    const Result<TokenReview> review = decoder.decode(body.body());
    return review ? std::string(review->token) : "refused";
}

TEST(DecodeLenient, ReadsKeysOfAnyLetterCase) {
    EXPECT_EQ(token_of(R"({"SPEC":{"ToKeN":"abc"}})"), "abc");
    // U+017F LATIN SMALL LETTER LONG S folds to "s" in Unicode; folding is ASCII's here.
    EXPECT_EQ(token_of("{\"\xc5\xbfpec\":{\"token\":\"abc\"}}"), "");
}

TEST(DecodeLenient, LooksAtNeitherKindNorVersion) {
    EXPECT_EQ(token_of(R"({"kind":"Pod","apiVersion":"x/v9","spec":{"token":"abc"}})"), "abc");
    const Padded body(R"({"apiversion":"authentication.k8s.io/v1","spec":{"token":"abc"}})");
    Decoder decoder(Strictness::lenient);
    EXPECT_EQ(decoder.decode(body.body())->version, ApiVersion::v1);
}

TEST(DecodeLenient, TakesTheLastOfRepeatedMembersAndMerges) {
    EXPECT_EQ(token_of(R"({"spec":{"token":"a","TOKEN":"b"}})"), "b");
    EXPECT_EQ(token_of(R"({"spec":{"token":"a"},"Spec":{"audiences":["x"]}})"), "a");
    EXPECT_EQ(token_of(R"({"spec":{"token":"a"},"spec":{"token":"b"}})"), "b");
    EXPECT_EQ(token_of(R"({"spec":{"token":"a","token":null},"spec":null})"), "a") << "null changes nothing";
}

TEST(DecodeLenient, IgnoresWhatFollowsTheValue) {
    for (const std::string_view rest :
         {" x", "}", "]]", "\"", " \"\\", "{", "\xff", "\n{\"spec\":{\"token\":\"b\"}}"}) {
        EXPECT_EQ(token_of(fmt::format(R"({{"spec":{{"token":"a}}\"]"}}}}{})", rest)), "a}\"]") << rest;
    }
    EXPECT_EQ(token_of(" null x"), "");
}

TEST(DecodeLenient, TakesNullAndEmptyObjectsForEmptyReviews) {
    EXPECT_EQ(token_of("null"), "");
    EXPECT_EQ(token_of(" null\n"), "");
    EXPECT_EQ(token_of("{}"), "");
    EXPECT_EQ(token_of(R"({"spec":null,"metadata":null,"status":null,"kind":null})"), "");
}

TEST(DecodeLenient, RefusesWhatIsNoObject) {
    for (const std::string_view text :
         {"",
          " ",
          "not json",
          "nullx",
          "nul",
          "[]",
          "5",
          "\"a\"",
          "true",
          "{",
          "{\"spec\"",
          "}",
          "]{}",
          "{]",
          "{\"a\":1]"}) {
        EXPECT_EQ(lenient(text), Reason::bad_request) << text;
    }
}

TEST(DecodeLenient, RefusesKnownMembersOfTheWrongType) {
    for (const std::string_view text :
         {R"({"kind":5})",
          R"({"apiVersion":[]})",
          R"({"metadata":"x"})",
          R"({"metadata":{"name":5}})",
          R"({"metadata":{"creationTimestamp":"zz"}})",
          R"({"metadata":{"creationTimestamp":5}})",
          R"({"METADATA":{"CREATIONTIMESTAMP":""}})",
          R"({"metadata":{"deletionTimestamp":"2024-02-30T00:00:00Z"}})",
          R"({"metadata":{"generation":1.5}})",
          R"({"metadata":{"generation":"1"}})",
          R"({"metadata":{"generation":9223372036854775808}})",
          R"({"metadata":{"labels":{"a":5}}})",
          R"({"metadata":{"labels":[]}})",
          R"({"metadata":{"finalizers":{}}})",
          R"({"metadata":{"finalizers":[5]}})",
          R"({"metadata":{"ownerReferences":[{"controller":"yes"}]}})",
          R"({"metadata":{"managedFields":[{"time":"now"}]}})",
          R"({"spec":[]})",
          R"({"spec":{"token":5}})",
          R"({"spec":{"token":"a","token":5}})",
          R"({"spec":{"token":{}}})",
          R"({"spec":{"audiences":"a"}})",
          R"({"spec":{"audiences":[5]}})",
          R"({"status":{"authenticated":"true"}})",
          R"({"status":{"user":[]}})",
          R"({"status":{"user":{"extra":{"a":"b"}}}})",
          R"({"status":{"user":{"extra":{"a":[5]}}}})",
          R"({"status":{"error":5}})"}) {
        EXPECT_EQ(lenient(text), Reason::bad_request) << text;
    }
}

TEST(DecodeLenient, AcceptsKnownMembersOfTheRightType) {
    EXPECT_EQ(
        lenient(
            R"({"metadata":{"name":"n","creationTimestamp":"2024-01-02T03:04:05Z","deletionTimestamp":null,)"
            R"("generation":-1,"labels":{"a":"b","c":null},"finalizers":["f",null],)"
            R"("ownerReferences":[{"controller":true,"other":5},null],"managedFields":[{"fieldsV1":{"x":{}}}]},)"
            R"("spec":{"token":"a","audiences":["b",null],"other":[]},)"
            R"("status":{"authenticated":true,"user":{"username":"u","groups":["g"],"extra":{"a":["b"]}},"audiences":null},)"
            R"("other":{"metadata":5}})"
        ),
        Reason::none
    );
}

TEST(DecodeLenient, BoundsAudiences) {
    const auto with = [](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i) {
            list += i == 0 ? R"("a")" : R"(,"a")";
        }
        return lenient(fmt::format(R"({{"spec":{{"audiences":[{}]}}}})", list));
    };
    EXPECT_EQ(with(32), Reason::none);
    EXPECT_EQ(with(33), Reason::bad_request);
}

TEST(DecodeLenient, BoundsNesting) {
    EXPECT_EQ(lenient("{\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}"), Reason::bad_request);
}

}  // namespace
}  // namespace arngate::review
