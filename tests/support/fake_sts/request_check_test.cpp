#include "tests/support/fake_sts/request_check.hpp"

#include "core/base/text.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::fake_sts {
namespace {

using std::chrono::seconds;

constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view host = "sts.us-east-1.amazonaws.com";

// 2026-01-02T03:04:05Z
constexpr WallTime signed_at{seconds(1'767'323'045)};

std::string_view region_of(std::string_view name) {
    if (name == "sts.amazonaws.com" || name == host) {
        return "us-east-1";
    }
    return name == "sts.eu-west-1.amazonaws.com" ? "eu-west-1" : "";
}

Key make_key(std::string session_token = {}) {
    return {
        .access_key_id = "AKIAIOSFODNN7EXAMPLE",
        .secret_access_key = std::string(secret),
        .session_token = std::move(session_token),
        .expires_at = {},
        .account = "123456789012",
        .arn = "arn:aws:iam::123456789012:user/Alice",
        .user_id = "AIDACKCEVSQ6C2EXAMPLE"
    };
}

/// A presigned request whose every part a test can change before and after it is signed.
struct Draft {
    std::vector<std::pair<std::string, std::string>> parameters{
        {"Action", "GetCallerIdentity"},
        {"Version", "2011-06-15"},
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/sts/aws4_request"},
        {"X-Amz-Date", "20260102T030405Z"},
        {"X-Amz-Expires", "60"},
        {"X-Amz-SignedHeaders", "host;x-k8s-aws-id"},
    };
    std::string method = "GET";
    std::string path = "/";
    std::string signed_path = "/";
    std::vector<std::pair<std::string, std::string>> headers{
        {"Host", std::string(host)}, {"x-k8s-aws-id", "my-cluster"}, {"accept", "application/json"}
    };
    std::string scope_date = "20260102";
    std::string scope_region = "us-east-1";
    std::string scope_service = "sts";
    std::string target;

    void set(std::string_view name, std::string value) {
        for (auto& parameter : parameters) {
            if (parameter.first == name) {
                parameter.second = std::move(value);
                return;
            }
        }
        parameters.emplace_back(name, std::move(value));
    }
    void erase(std::string_view name) {
        std::erase_if(parameters, [name](const auto& parameter) { return parameter.first == name; });
    }
    std::string get(std::string_view name) const {
        for (const auto& parameter : parameters) {
            if (parameter.first == name) {
                return parameter.second;
            }
        }
        return {};
    }

    // The client's side, in the form that the documentation of SigV4 gives.
    void sign() {
        std::sort(parameters.begin(), parameters.end());
        std::string query;
        for (const auto& [name, value] : parameters) {
            query += (query.empty() ? "" : "&") + text::percent_encode(name) + "=" + text::percent_encode(value);
        }
        std::string canonical = method + "\n" + signed_path + "\n" + query + "\n";
        // Not within the loop's head: gcc 14 keeps only the outermost temporary of it alive.
        const std::string signed_headers = get("X-Amz-SignedHeaders");
        for (const std::string_view name : text::split(signed_headers, ';')) {
            for (const auto& [have, value] : headers) {
                if (text::iequals(have, name)) {
                    canonical += std::string(name) + ":" + value + "\n";
                }
            }
        }
        canonical += "\n" + signed_headers + "\n" + to_hex(sha256(""));
        const std::string to_sign = "AWS4-HMAC-SHA256\n" + get("X-Amz-Date") + "\n" + scope_date + "/" + scope_region +
                                    "/" + scope_service + "/aws4_request\n" + to_hex(sha256(canonical));
        std::string key = "AWS4" + std::string(secret);
        for (const std::string& part : {scope_date, scope_region, scope_service, std::string("aws4_request")}) {
            const Digest next = hmac_sha256(key, part);
            key.assign(next.begin(), next.end());
        }
        target = path + "?" + query + "&X-Amz-Signature=" + to_hex(hmac_sha256(key, to_sign));
    }

    Request request() const {
        Request result{.method = method, .target = target, .headers = {}};
        for (const auto& [name, value] : headers) {
            result.headers.emplace_back(name, value);
        }
        return result;
    }
};

std::string judge(const Draft& draft, WallTime now = signed_at, const Key& key = make_key()) {
    KeyTable keys;
    keys.add({key});
    RequestCheck check(keys, region_of);
    const auto verdict = check.verify(draft.request(), now);
    return verdict ? "granted" : std::to_string(verdict.error().status) + " " + std::string(verdict.error().code);
}

TEST(RequestCheck, GrantsWhatTheGoSignerMade) {
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.load(std::string(ARNGATE_TEST_VECTORS) + "/token-sign.json");
    std::size_t granted = 0;
    for (const auto vector : document["cases"].get_array()) {
        const std::string_view url = vector["url"];
        const std::string_view token = vector["session_token"];
        const std::string_view cluster = vector["cluster_id"];
        const std::int64_t time = vector["unix_time"];
        const std::string_view rest = url.substr(std::string_view("https://").size());
        const std::string_view url_host = rest.substr(0, rest.find('/'));
        Key key = make_key(std::string(token));
        key.access_key_id = std::string_view(document["access_key_id"]);
        key.secret_access_key = std::string_view(document["secret_access_key"]);
        const std::string_view region = vector["region"];
        KeyTable keys;
        keys.add({key});
        RequestCheck check(keys, [region](std::string_view) { return region == "aws-global" ? "us-east-1" : region; });
        const Request request{
            .method = "GET",
            .target = rest.substr(rest.find('/')),
            .headers = {{"Host", url_host}, {"X-K8s-Aws-Id", cluster}}
        };
        const auto verdict = check.verify(request, WallTime(seconds(time)));
        EXPECT_TRUE(verdict) << std::string_view(vector["id"]) << ": "
                             << (verdict ? "" : std::string(verdict.error().code) + " " + verdict.error().message);
        granted += verdict ? 1U : 0U;
    }
    EXPECT_GT(granted, 0U);
}

TEST(RequestCheck, JudgesEachPart) {
    struct Case {
        const char* name;
        const char* expect;
        std::function<void(Draft&)> before_signing;
        std::function<void(Draft&)> after_signing;
    };
    const auto nothing = [](Draft&) {};
    const Case cases[] = {
        {"as it should be", "granted", nothing, nothing},
        {"global host", "granted", [](Draft& d) { d.headers[0].second = "sts.amazonaws.com"; }, nothing},
        {"host name in capitals", "granted", [](Draft& d) { d.headers[0].first = "HOST"; }, nothing},
        {"blank runs in a header are one",
         "granted",
         [](Draft& d) { d.headers[1].second = "a b"; },
         [](Draft& d) { d.headers[1].second = "a   b"; }},
        {"X-Amz-Expires counts for nothing", "granted", [](Draft& d) { d.set("X-Amz-Expires", "0"); }, nothing},
        {"order of parameters",
         "granted",
         nothing,
         [](Draft& d) {
             const auto first = d.target.find('?') + 1;
             const auto second = d.target.find('&');
             const std::string action = d.target.substr(first, second - first);
             d.target = d.target.substr(0, first) + d.target.substr(second + 1) + "&" + action;
         }},
        {"POST", "403 MissingAuthenticationToken", [](Draft& d) { d.method = "POST"; }, nothing},
        {"no query", "403 MissingAuthenticationToken", nothing, [](Draft& d) { d.target = "/"; }},
        {"not signed",
         "403 MissingAuthenticationToken",
         nothing,
         [](Draft& d) { d.target = "/?Action=GetCallerIdentity&Version=2011-06-15"; }},
        {"other path",
         "404 InvalidAction",
         [](Draft& d) {
             d.path = "/x";
             d.signed_path = "/x";
         },
         nothing},
        {"no signature",
         "400 IncompleteSignature",
         nothing,
         [](Draft& d) { d.target.resize(d.target.find("&X-Amz-Signature=")); }},
        {"no date", "400 IncompleteSignature", [](Draft& d) { d.erase("X-Amz-Date"); }, nothing},
        {"no expires", "400 IncompleteSignature", [](Draft& d) { d.erase("X-Amz-Expires"); }, nothing},
        {"no signed headers", "400 IncompleteSignature", [](Draft& d) { d.erase("X-Amz-SignedHeaders"); }, nothing},
        {"other algorithm",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-Algorithm", "AWS4-HMAC-SHA1"); },
         nothing},
        {"expires not a number", "400 IncompleteSignature", [](Draft& d) { d.set("X-Amz-Expires", "6x"); }, nothing},
        {"expires at the limit", "granted", [](Draft& d) { d.set("X-Amz-Expires", "604800"); }, nothing},
        {"expires past the limit",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-Expires", "604801"); },
         nothing},
        {"expires far past the limit",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-Expires", "99999999999999999999"); },
         nothing},
        {"date with a 13th month",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-Date", "20261302T030405Z"); },
         nothing},
        {"credential of four parts",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/sts"); },
         nothing},
        {"broken escape", "400 MalformedQueryString", nothing, [](Draft& d) { d.target += "&x=%zz"; }},
        {"repeated parameter", "400 ValidationError", nothing, [](Draft& d) { d.target += "&Action=GetCallerIdentity"; }
        },
        {"unknown key",
         "403 InvalidClientTokenId",
         [](Draft& d) { d.set("X-Amz-Credential", "AKIAOTHER/20260102/us-east-1/sts/aws4_request"); },
         nothing},
        {"a token that the key has not",
         "403 InvalidClientTokenId",
         [](Draft& d) { d.set("X-Amz-Security-Token", "token"); },
         nothing},
        {"an empty token for a key without one", "granted", [](Draft& d) { d.set("X-Amz-Security-Token", ""); }, nothing
        },
        {"other action", "400 InvalidAction", [](Draft& d) { d.set("Action", "GetSessionToken"); }, nothing},
        {"other version", "400 InvalidAction", [](Draft& d) { d.set("Version", "2010-05-08"); }, nothing},
        {"scope of another day",
         "403 SignatureDoesNotMatch",
         [](Draft& d) {
             d.scope_date = "20260101";
             d.set("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/sts/aws4_request");
         },
         nothing},
        {"scope of another region",
         "403 SignatureDoesNotMatch",
         [](Draft& d) {
             d.scope_region = "eu-west-1";
             d.set("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/sts/aws4_request");
         },
         nothing},
        {"scope of another service",
         "403 SignatureDoesNotMatch",
         [](Draft& d) {
             d.scope_service = "iam";
             d.set("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/iam/aws4_request");
         },
         nothing},
        {"global host with another region",
         "403 SignatureDoesNotMatch",
         [](Draft& d) {
             d.headers[0].second = "sts.amazonaws.com";
             d.scope_region = "eu-west-1";
             d.set("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/sts/aws4_request");
         },
         nothing},
        {"a host that is not ours",
         "403 SignatureDoesNotMatch",
         [](Draft& d) { d.headers[0].second = "sts.example.com"; },
         nothing},
        {"two hosts",
         "403 SignatureDoesNotMatch",
         nothing,
         [](Draft& d) { d.headers.emplace_back("host", std::string(host)); }},
        {"other host than signed",
         "403 SignatureDoesNotMatch",
         nothing,
         [](Draft& d) { d.headers[0].second = "sts.amazonaws.com"; }},
        {"other cluster than signed",
         "403 SignatureDoesNotMatch",
         nothing,
         [](Draft& d) { d.headers[1].second = "other-cluster"; }},
        {"signed header missing",
         "403 SignatureDoesNotMatch",
         nothing,
         [](Draft& d) { d.headers.erase(d.headers.begin() + 1); }},
        {"host not signed",
         "403 SignatureDoesNotMatch",
         [](Draft& d) { d.set("X-Amz-SignedHeaders", "x-k8s-aws-id"); },
         nothing},
        {"signed headers out of order",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-SignedHeaders", "x-k8s-aws-id;host"); },
         nothing},
        {"signed header in capitals",
         "400 IncompleteSignature",
         [](Draft& d) { d.set("X-Amz-SignedHeaders", "Host;x-k8s-aws-id"); },
         nothing},
        {"parameter added after signing", "403 SignatureDoesNotMatch", nothing, [](Draft& d) { d.target += "&x=y"; }},
        {"last digit of the signature",
         "403 SignatureDoesNotMatch",
         nothing,
         [](Draft& d) { d.target.back() = d.target.back() == '0' ? '1' : '0'; }},
        {"signature too short", "403 SignatureDoesNotMatch", nothing, [](Draft& d) { d.target.pop_back(); }},
        {"signature in capitals",
         "403 SignatureDoesNotMatch",
         nothing,
         [](Draft& d) {
             const auto at = d.target.find("X-Amz-Signature=") + 16;
             for (char& c : std::span(d.target).subspan(at)) {
                 c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
             }
         }},
    };
    for (const Case& c : cases) {
        Draft draft;
        c.before_signing(draft);
        draft.sign();
        c.after_signing(draft);
        EXPECT_EQ(judge(draft), c.expect) << c.name;
    }
}

TEST(RequestCheck, CountsFifteenMinutesFromTheDate) {
    Draft draft;
    draft.sign();
    EXPECT_EQ(judge(draft, signed_at + seconds(900)), "granted");
    EXPECT_EQ(judge(draft, signed_at + seconds(901)), "403 SignatureDoesNotMatch");
    EXPECT_EQ(judge(draft, signed_at - seconds(300)), "granted");
    EXPECT_EQ(judge(draft, signed_at - seconds(301)), "403 SignatureDoesNotMatch");
}

TEST(RequestCheck, SaysWhyADateIsRefused) {
    Draft draft;
    draft.sign();
    KeyTable keys;
    keys.add({make_key()});
    RequestCheck check(keys, region_of);
    const auto late = check.verify(draft.request(), signed_at + seconds(901));
    ASSERT_FALSE(late);
    EXPECT_EQ(
        late.error().message,
        "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T031906Z - 15 min.)"
    );
    const auto early = check.verify(draft.request(), signed_at - seconds(301));
    ASSERT_FALSE(early);
    EXPECT_TRUE(early.error().message.starts_with("Signature not yet current: 20260102T030405Z"));
}

TEST(RequestCheck, WantsTheSessionTokenOfTheKey) {
    Draft draft;
    draft.set("X-Amz-Security-Token", "FwoG+/=token");
    draft.sign();
    EXPECT_EQ(judge(draft, signed_at, make_key("FwoG+/=token")), "granted");
    EXPECT_EQ(judge(draft, signed_at, make_key("FwoG+/=tokem")), "403 InvalidClientTokenId");
    EXPECT_EQ(judge(draft, signed_at, make_key("FwoG+/=token ")), "403 InvalidClientTokenId");

    Draft without;
    without.sign();
    EXPECT_EQ(judge(without, signed_at, make_key("FwoG+/=token")), "403 InvalidClientTokenId");
}

TEST(RequestCheck, RefusesCredentialsThatAreOver) {
    Draft draft;
    draft.sign();
    Key key = make_key();
    key.expires_at = 1'767'323'046;
    EXPECT_EQ(judge(draft, signed_at, key), "granted");
    EXPECT_EQ(judge(draft, signed_at + seconds(1), key), "403 ExpiredToken");
}

TEST(RequestCheck, IdentifiesWithoutASignature) {
    Draft draft;
    draft.sign();
    draft.target.back() = draft.target.back() == '0' ? '1' : '0';
    KeyTable keys;
    keys.add({make_key()});
    const RequestCheck check(keys, region_of);
    EXPECT_TRUE(check.identify(draft.request()));
    draft.set("X-Amz-Credential", "AKIAOTHER/20260102/us-east-1/sts/aws4_request");
    draft.sign();
    EXPECT_FALSE(check.identify(draft.request()));
}

}  // namespace
}  // namespace arngate::fake_sts
