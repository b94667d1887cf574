#include "core/token/presigned_url.hpp"

#include "core/base/text.hpp"
#include "tests/core/token/sample.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::token {
namespace {

using namespace std::chrono_literals;
using sample::at;
using sample::reason_of;
using sample::token_of;
using sample::token_with;
using sample::token_without;

TEST(PresignedUrl, TakesAGoodTokenApart) {
    const auto parsed = PresignedUrl::parse(token_of(sample::url()), sample::rules(), at(sample::date));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->host().name, sample::host);
    EXPECT_EQ(parsed->host().region, "us-east-1");
    EXPECT_EQ(parsed->signed_at(), at(sample::date));
    EXPECT_EQ(parsed->good_until(), at(sample::date) + 15min);
    EXPECT_EQ(parsed->access_key_id(), "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(parsed->request_target().expose(), "/?" + sample::query_of(sample::parameters()));
}

TEST(PresignedUrl, StaysWholeWhenMoved) {
    auto parsed = PresignedUrl::parse(token_of(sample::url()), sample::rules(), at(sample::date));
    ASSERT_TRUE(parsed.has_value());
    const PresignedUrl moved = *std::move(parsed);
    EXPECT_EQ(moved.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(moved.request_target().expose(), "/?" + sample::query_of(sample::parameters()));
}

TEST(PresignedUrl, EncodesValuesAnewAndNamesCanonically) {
    const auto parsed = PresignedUrl::parse(
        token_of("HTTPS://sts.amazonaws.com/?&x-amz-signedheaders=HOST%3bX-K8S-AWS-ID&x-amz-date=20260102T030405Z"
                 "&%61ction=GetCallerIdentit%79&X-AMZ-EXPIRES=%2b0060&x-amz-security-token=a+b%00%0d%0a!*'()&&"),
        sample::rules(),
        at(sample::date)
    );
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->host().region, "global");
    EXPECT_EQ(parsed->access_key_id(), "");
    EXPECT_EQ(parsed->session_token(), std::string_view("a b\0\r\n!*'()", 11));
    EXPECT_EQ(
        parsed->request_target().expose(),
        "/?Action=GetCallerIdentity&X-Amz-Date=20260102T030405Z&X-Amz-Expires=%2B0060"
        "&X-Amz-Security-Token=a%20b%00%0D%0A%21%2A%27%28%29&X-Amz-SignedHeaders=HOST%3BX-K8S-AWS-ID"
    );
}

TEST(PresignedUrl, KeepsNoTextOfTheTokenInAnError) {
    for (const std::string& token :
         {token_of("https://secret.example.com/"), token_with("X-Amz-Date", "secret"), std::string("secret")}) {
        const auto parsed = PresignedUrl::parse(token, sample::rules(), at(sample::date));
        ASSERT_FALSE(parsed.has_value());
        EXPECT_EQ(parsed.error().detail.find("secret"), std::string::npos);
    }
}

TEST(PresignedUrl, LimitsWhatItSendsToo) {
    const ParseRules rules = sample::rules();
    const auto token = [](std::size_t size, const char* text) {
        std::string value;
        while (value.size() < size) {
            value += text;
        }
        return token_with("X-Amz-Security-Token", value);
    };
    // As signers write it, three quarters of a token are what it sends.
    EXPECT_EQ(reason_of(token(11'000, "abcd%2F"), rules), Reason::none);
    EXPECT_EQ(reason_of(token(5'000, "/"), rules), Reason::none);
    EXPECT_EQ(reason_of(token(11'000, "/"), rules), Reason::token_too_large);
    EXPECT_EQ(reason_of(token(11'000, "ab/"), rules), Reason::token_too_large);
}

TEST(PresignedUrl, LimitsTheSizeBeforeAnythingElse) {
    ParseRules rules = sample::rules();
    const std::string token = token_of(sample::url());
    rules.max_token_bytes = token.size();
    EXPECT_EQ(reason_of(token, rules), Reason::none);
    rules.max_token_bytes = token.size() - 1;
    EXPECT_EQ(reason_of(token, rules), Reason::token_too_large);
    EXPECT_EQ(reason_of(std::string(token.size(), 'x'), rules), Reason::token_too_large);
    EXPECT_EQ(reason_of(std::string(16 * 1024, 'x')), Reason::bad_prefix);
    EXPECT_EQ(reason_of(std::string(16 * 1024 + 1, 'x')), Reason::token_too_large);
}

TEST(PresignedUrl, AcceptsATokenOfExactlyTheDefaultLimit) {
    // 16384 bytes leave 16373 characters, 1 modulo 4, which no base64 text has: 16383 is the longest usable length.
    const std::size_t url_bytes = (16383 - token_prefix.size()) / 4 * 3;
    std::string url = sample::url_of({
        {"Action", "GetCallerIdentity"},
        {"X-Amz-SignedHeaders", "x-k8s-aws-id"},
        {"X-Amz-Date", std::string(sample::date)},
        {"X-Amz-Expires", "0"},
        {"X-Amz-Security-Token", ""},
    });
    url.append(url_bytes - url.size(), 'A');
    const std::string token = token_of(url);
    EXPECT_EQ(token.size(), 16383U);
    EXPECT_EQ(reason_of(token), Reason::none);
    EXPECT_EQ(reason_of(token + "A"), Reason::bad_encoding);
    EXPECT_EQ(reason_of(token + "AA"), Reason::token_too_large);
}

TEST(PresignedUrl, WantsThePrefix) {
    const std::string encoded = text::base64url_encode(sample::url());
    EXPECT_EQ(reason_of(""), Reason::bad_prefix);
    for (const std::string_view prefix :
         {"", "k8s-aws-v1", "K8s-aws-v1.", " k8s-aws-v1.", "k8s-aws-v2.", "k8s-aws-v1"}) {
        EXPECT_EQ(reason_of(std::string(prefix) + encoded), Reason::bad_prefix) << prefix;
    }
}

TEST(PresignedUrl, WantsUnpaddedBase64Url) {
    const std::string token = token_of(sample::url());
    for (const std::string_view tail : {"=", "==", "+", "/", "\n", "\r\n", " ", ".", "%3D"}) {
        EXPECT_EQ(reason_of(token + std::string(tail)), Reason::bad_encoding) << tail;
        std::string inside = token;
        inside.insert(20, tail);
        EXPECT_EQ(reason_of(inside), Reason::bad_encoding) << tail;
    }
    EXPECT_EQ(reason_of(std::string(token_prefix) + "A"), Reason::bad_encoding);
    EXPECT_EQ(reason_of(std::string(token_prefix) + std::string("AB\0D", 4)), Reason::bad_encoding);
}

struct UrlCase {
    std::string url;
    Reason reason;
};

TEST(PresignedUrl, RefusesUrlsOfAnyOtherForm) {
    const std::string query = sample::query_of(sample::parameters());
    const std::string name(sample::host);
    for (const auto& [url, reason] : std::initializer_list<UrlCase>{
             {"", Reason::bad_url},
             {" " + sample::url(), Reason::bad_url},
             {sample::url() + " ", Reason::bad_url},
             {sample::url() + "#", Reason::bad_url},
             {sample::url() + "@", Reason::bad_url},
             {sample::url() + "\x7f", Reason::bad_url},
             {sample::url() + "\x80", Reason::bad_url},
             {sample::url() + std::string(1, '\0'), Reason::bad_url},
             {"https://u:p@" + name + "/?" + query, Reason::bad_url},
             {"https://@" + name + "/?" + query, Reason::bad_url},
             {"https:" + name + "/?" + query, Reason::bad_url},
             {"https:/" + name + "/?" + query, Reason::bad_url},
             {"https:", Reason::bad_url},
             {"http://" + name + "/?" + query, Reason::bad_scheme},
             {"https//" + name + "/?" + query, Reason::bad_scheme},
             {"//" + name + "/?" + query, Reason::bad_scheme},
             {name + "/?" + query, Reason::bad_scheme},
             {"h", Reason::bad_scheme},
             {"https", Reason::bad_scheme},
             {"https://", Reason::bad_host},
             {"https:///", Reason::bad_host},
             {"https://?" + query, Reason::bad_host},
             {"https://" + name + ":443/?" + query, Reason::bad_host},
             {"https://" + name + ":/?" + query, Reason::bad_host},
             {"https://" + name + "./?" + query, Reason::bad_host},
             {"https://STS.us-east-1.amazonaws.com/?" + query, Reason::bad_host},
             {"https://sts%2Eus-east-1.amazonaws.com/?" + query, Reason::bad_host},
             {"https://" + name + "\\/?" + query, Reason::bad_host},
             {"https://example.com/abc", Reason::bad_host},
             {"https://" + name, Reason::bad_path},
             {"https://" + name + "?" + query, Reason::bad_path},
             {"https://" + name + "//?" + query, Reason::bad_path},
             {"https://" + name + "/.?" + query, Reason::bad_path},
             {"https://" + name + "/%2F?" + query, Reason::bad_path},
             {"https://" + name + "/x", Reason::bad_path},
             {"https://" + name + "/x?" + query, Reason::bad_path},
             {"https://" + name + "/", Reason::bad_action},
             {"https://" + name + "/?", Reason::bad_action},
             {"https://" + name + "/?&&&", Reason::bad_action},
         }) {
        EXPECT_EQ(reason_of(token_of(url)), reason) << url;
    }
}

TEST(PresignedUrl, RefusesMalformedQueriesBeforeAnythingInThem) {
    for (const std::string_view tail :
         {"&X-Amz-Date=%", "&X-Amz-Date=%4", "&X-Amz-Date=%g0", "&%=x", "&%zz", "&x;y=1", ";", "&a=1&b=%"}) {
        EXPECT_EQ(reason_of(token_of(sample::url() + std::string(tail))), Reason::bad_query) << tail;
    }
}

TEST(PresignedUrl, RefusesUnknownParameters) {
    for (const std::string_view tail :
         {"&x=1",
          "&=1",
          "&=",
          "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD",
          "&Acti%C3%B6n=1",
          "&Act%C4%B0on=GetCallerIdentity",
          "&Action%00=GetCallerIdentity",
          "&Action+=GetCallerIdentity",
          "&?Action=GetCallerIdentity"}) {
        EXPECT_EQ(reason_of(token_of(sample::url() + std::string(tail))), Reason::unknown_param) << tail;
    }
}

TEST(PresignedUrl, PutsARepeatedParameterBeforeAnUnknownOne) {
    EXPECT_EQ(reason_of(token_of(sample::url() + "&x=1&action=")), Reason::duplicate_param);
    EXPECT_EQ(reason_of(token_of(sample::url() + "&action=&x=1")), Reason::duplicate_param);
}

TEST(PresignedUrl, WantsTheAction) {
    EXPECT_EQ(reason_of(token_without("Action")), Reason::bad_action);
    for (const std::string_view value :
         {"", "getcalleridentity", "GetCallerIdentity+", "GetCallerIdentity%00", "GetCallerIdentit", "AssumeRole"}) {
        EXPECT_EQ(reason_of(token_with("Action", value)), Reason::bad_action) << value;
    }
}

TEST(PresignedUrl, WantsTheClusterIdSigned) {
    EXPECT_EQ(reason_of(token_without("X-Amz-SignedHeaders")), Reason::cluster_id_not_signed);
    for (const std::string_view bad :
         {"",
          "host",
          "host%3Bx-k8s-aws-i",
          "host%3Bx-k8s-aws-id2",
          "host%3B+x-k8s-aws-id",
          "host%2Cx-k8s-aws-id",
          "host%3Bx-%E2%84%AA8s-aws-id",
          "%3B%3B"}) {
        EXPECT_EQ(reason_of(token_with("X-Amz-SignedHeaders", bad)), Reason::cluster_id_not_signed) << bad;
    }
    for (const std::string_view good : {"x-k8s-aws-id", "X-K8S-AWS-ID%3Bhost", "%3Bx-k8s-aws-id%3B"}) {
        EXPECT_EQ(reason_of(token_with("X-Amz-SignedHeaders", good)), Reason::none) << good;
    }
}

TEST(PresignedUrl, WantsExpiresFromNoneTo900) {
    EXPECT_EQ(reason_of(token_without("X-Amz-Expires")), Reason::bad_expires);
    for (const std::string_view bad :
         {"",
          "901",
          "1000",
          "-1",
          "-60",
          "+60",
          "%20",
          "60.0",
          "0x10",
          "6_0",
          "60s",
          "-",
          "%2B",
          "--0",
          "%2B%2B1",
          "99999999999999999999",
          "18446744073709551616",
          "4294967296"}) {
        EXPECT_EQ(reason_of(token_with("X-Amz-Expires", bad)), Reason::bad_expires) << bad;
    }
    for (const std::string_view good : {"0", "-0", "%2B0", "60", "900", "0000000000000000000000900", "-000"}) {
        EXPECT_EQ(reason_of(token_with("X-Amz-Expires", good)), Reason::none) << good;
    }
}

TEST(PresignedUrl, WantsADate) {
    EXPECT_EQ(reason_of(token_without("X-Amz-Date")), Reason::bad_date);
    for (const std::string_view bad :
         {"", "x", "20260102T030405", "20260102T030405.5Z", "20260230T000000Z", "99991231T235959Z"}) {
        EXPECT_EQ(reason_of(token_with("X-Amz-Date", bad)), Reason::bad_date) << bad;
    }
}

Reason reason_at(WallTime now, const ParseRules& rules) {
    const auto parsed = PresignedUrl::parse(token_of(sample::url()), rules, now);
    return parsed ? Reason::none : parsed.error().reason;
}

TEST(PresignedUrl, ExpiresAfterFifteenMinutes) {
    const WallTime signed_at = at(sample::date);
    EXPECT_EQ(reason_at(signed_at + 900s, sample::rules()), Reason::none);
    EXPECT_EQ(reason_at(signed_at + 900s + 1ns, sample::rules()), Reason::expired);
    EXPECT_EQ(reason_at(signed_at + 901s, sample::rules()), Reason::expired);
    EXPECT_EQ(reason_at(at("22611231T235959Z"), sample::rules()), Reason::expired);
}

TEST(PresignedUrl, RefusesDatesAheadOfTheLimit) {
    const WallTime signed_at = at(sample::date);
    EXPECT_EQ(reason_at(signed_at - 900s, sample::rules()), Reason::none);
    EXPECT_EQ(reason_at(signed_at - 900s - 1ns, sample::rules()), Reason::from_future);
    EXPECT_EQ(reason_at(at("16780101T000000Z"), sample::rules()), Reason::from_future);
    ParseRules strict = sample::rules();
    strict.max_ahead = 0s;
    EXPECT_EQ(reason_at(signed_at, strict), Reason::none);
    EXPECT_EQ(reason_at(signed_at - 1ns, strict), Reason::from_future);
    ParseRules open = sample::rules();
    open.max_ahead.reset();
    EXPECT_EQ(reason_at(at("16780101T000000Z"), open), Reason::none);
}

TEST(PresignedUrl, ChecksInTheDocumentedOrder) {
    // Each URL breaks the rule of its reason and all that come after it.
    const std::string all_bad = "?x=%&Action=a&action=b&y=1&X-Amz-SignedHeaders=host&X-Amz-Expires=x&X-Amz-Date=x";
    const std::string name(sample::host);
    EXPECT_EQ(reason_of(token_of("http://example.com/x" + all_bad + "#")), Reason::bad_url);
    EXPECT_EQ(reason_of(token_of("http://example.com/x" + all_bad)), Reason::bad_scheme);
    EXPECT_EQ(reason_of(token_of("https://example.com/x" + all_bad)), Reason::bad_host);
    EXPECT_EQ(reason_of(token_of("https://" + name + "/x" + all_bad)), Reason::bad_path);
    EXPECT_EQ(reason_of(token_of("https://" + name + "/" + all_bad)), Reason::bad_query);
    const auto with = [&](std::string_view query) {
        return reason_of(token_of("https://" + name + "/?" + std::string(query)));
    };
    EXPECT_EQ(
        with("y=1&Action=a&action=b&X-Amz-SignedHeaders=host&X-Amz-Expires=x&X-Amz-Date=x"), Reason::duplicate_param
    );
    EXPECT_EQ(with("y=1&Action=a&X-Amz-SignedHeaders=host&X-Amz-Expires=x&X-Amz-Date=x"), Reason::unknown_param);
    EXPECT_EQ(with("X-Amz-Date=x&X-Amz-SignedHeaders=host&X-Amz-Expires=x&Action=a"), Reason::bad_action);
    EXPECT_EQ(
        with("X-Amz-Date=x&X-Amz-SignedHeaders=host&X-Amz-Expires=x&Action=GetCallerIdentity"),
        Reason::cluster_id_not_signed
    );
    EXPECT_EQ(
        with("X-Amz-Date=x&X-Amz-SignedHeaders=x-k8s-aws-id&X-Amz-Expires=x&Action=GetCallerIdentity"),
        Reason::bad_expires
    );
    EXPECT_EQ(
        with("X-Amz-Date=x&X-Amz-SignedHeaders=x-k8s-aws-id&X-Amz-Expires=1&Action=GetCallerIdentity"), Reason::bad_date
    );
}

}  // namespace
}  // namespace arngate::token
