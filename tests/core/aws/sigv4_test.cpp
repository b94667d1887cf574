#include "core/aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view example_secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

// The presigned GET of "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference.
TEST(SigV4, SignsAsTheDocumentedExample) {
    const SigningScope scope{.date = "20130524", .region = "us-east-1", .service = "s3"};
    const std::string canonical = canonical_request(
        "GET",
        "/test.txt",
        {{"X-Amz-SignedHeaders", "host"},
         {"X-Amz-Expires", "86400"},
         {"X-Amz-Date", "20130524T000000Z"},
         {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/" + scope.text()},
         {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"}},
        {{"host", "examplebucket.s3.amazonaws.com"}},
        "UNSIGNED-PAYLOAD"
    );
    EXPECT_EQ(sha256_hex(canonical), "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04");
    EXPECT_EQ(
        signature(example_secret, scope, string_to_sign("20130524T000000Z", scope, canonical)),
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

// The GET of ListUsers in "Signature Version 4 signing process" of the AWS general reference.
TEST(SigV4, SignsHeadersSortedAndTrimmed) {
    const SigningScope scope{.date = "20150830", .region = "us-east-1", .service = "iam"};
    const std::string canonical = canonical_request(
        "GET",
        "/",
        {{"Version", "2010-05-08"}, {"Action", "ListUsers"}},
        {{"x-amz-date", " 20150830T123600Z "},
         {"host", "iam.amazonaws.com"},
         {"content-type", "application/x-www-form-urlencoded;   charset=utf-8"}},
        sha256_hex("")
    );
    EXPECT_EQ(sha256_hex(canonical), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    EXPECT_EQ(
        signature(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope, string_to_sign("20150830T123600Z", scope, canonical)
        ),
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    );
}

TEST(SigV4, SortsParametersByEncodedNameThenValue) {
    const std::string canonical =
        canonical_request("GET", "", {{"b", "2"}, {"a", "z"}, {"a", "A"}, {"a b", "/"}}, {}, "");
    EXPECT_EQ(canonical, "GET\n/\na=A&a=z&a%20b=%2F&b=2\n\n\n");
}

TEST(SigV4, HashesAsFips180) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(SigV4, PresignsWithTheSignatureLast) {
    Credentials credentials;
    credentials.access_key_id = "AKIAIOSFODNN7EXAMPLE";
    credentials.secret_access_key = Secret(example_secret);
    credentials.session_token = Secret("a/b+c=");
    PresignRequest request;
    request.host = "sts.us-east-1.amazonaws.com";
    request.region = "us-east-1";
    request.service = "sts";
    request.parameters = {{"Version", "2011-06-15"}, {"Action", "GetCallerIdentity"}};
    const Secret url = presign(request, credentials, WallTime(1767323045s));
    EXPECT_TRUE(url.expose().starts_with("https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version="));
    EXPECT_NE(
        url.expose().find("&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-SignedHeaders=host&X-Amz-Signature="),
        url.expose().npos
    );
    EXPECT_EQ(url.expose().size() - url.expose().rfind('='), 65U);
}

TEST(AmzDate, WritesUtc) {
    EXPECT_EQ(amz_date(WallTime(1767323045s)), "20260102T030405Z");
    EXPECT_EQ(amz_date(WallTime(1767323045s) + 999ms), "20260102T030405Z");
    EXPECT_EQ(iso_date(WallTime(1767323045s) + 999ms), "2026-01-02T03:04:05Z");
    EXPECT_EQ(amz_date(WallTime(0s)), "19700101T000000Z");
    EXPECT_EQ(amz_date(WallTime(-1ns)), "19691231T235959Z");
}

TEST(AmzDate, ReadsWhatItWrites) {
    for (const std::string_view text :
         {"20260102T030405Z", "20240229T235959Z", "20000229T000000Z", "16780101T000000Z", "22611231T235959Z"}) {
        const auto time = parse_amz_date(text);
        ASSERT_TRUE(time.has_value()) << text;
        EXPECT_EQ(amz_date(*time), text);
    }
}

TEST(AmzDate, RefusesWhatIsNoTime) {
    for (const std::string_view text :
         {"",
          "20260102T030405",
          "20260102T030405Z0",
          "20260102t030405Z",
          "20260102T030405z",
          "20260102 030405Z",
          "20260002T030405Z",
          "20261302T030405Z",
          "20260100T030405Z",
          "20260132T030405Z",
          "20230229T030405Z",
          "21000229T030405Z",
          "20260230T030405Z",
          "20260431T030405Z",
          "20260102T240405Z",
          "20260102T036005Z",
          "20260102T030460Z",
          "2026010-T030405Z",
          "+0260102T030405Z",
          " 0260102T030405Z",
          "16771231T235959Z",
          "22620101T000000Z",
          "99991231T235959Z",
          "00000101T000000Z"}) {
        EXPECT_FALSE(parse_amz_date(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace arngate::aws
