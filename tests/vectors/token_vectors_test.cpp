#include "core/aws/sigv4.hpp"
#include "core/base/text.hpp"
#include "core/token/exec_credential.hpp"
#include "core/token/mint.hpp"
#include "core/token/presigned_url.hpp"
#include "tests/vectors/deviations.hpp"
#include "tests/vectors/vector_file.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

namespace arngate::vectors {
namespace {

using token::ParseRules;
using token::PresignedUrl;

constexpr std::size_t peer_token_bytes = 4096;

ParseRules rules_of(Profile profile, const aws::StsHostTable& hosts) {
    ParseRules rules;
    rules.hosts = &hosts;
    if (profile == Profile::reference) {
        rules.max_ahead.reset();
    }
    return rules;
}

aws::StsHostTable hosts_of(Profile profile, std::string partition, std::string own_region) {
    aws::StsHostOptions options;
    options.partition = std::move(partition);
    options.own_region = std::move(own_region);
    options.accept_sibling_partition = profile == Profile::reference;
    return aws::StsHostTable::build(options).value();
}

WallTime at(std::string_view text) {
    return aws::parse_amz_date(text).value();
}

std::string token_of(std::string_view url) {
    return std::string(token::token_prefix) + text::base64url_encode(url);
}

/// As the description of token-envelope.json says.
std::string padded_token(const VectorFile& file, std::size_t bytes) {
    const std::string url = need_text(file.root(), "base_url") + "&x-amz-security-token=";
    for (std::size_t letters = 0; letters < bytes; ++letters) {
        std::string token = token_of(url + std::string(letters, 'A'));
        if (token.size() == bytes) {
            return token;
        }
        if (token.size() > bytes) {
            break;
        }
    }
    std::string token = token_of(url);  // a length that no URL gives
    token.append(bytes - token.size(), 'A');
    return token;
}

/// Puts dates for {date:+N} and {date:-N}.
std::string with_dates(std::string url, WallTime now) {
    constexpr std::string_view mark = "{date:";
    for (auto start = url.find(mark); start != std::string::npos; start = url.find(mark)) {
        const auto end = url.find('}', start);
        std::string_view number = std::string_view(url).substr(start + mark.size(), end - start - mark.size());
        if (number.starts_with('+')) {
            number.remove_prefix(1);
        }
        int seconds = 0;
        const auto parsed = std::from_chars(number.data(), number.data() + number.size(), seconds);
        EXPECT_EQ(parsed.ec, std::errc());
        url.replace(start, end - start + 1, aws::amz_date(now + std::chrono::seconds(seconds)));
    }
    return url;
}

class TokenVectors : public ::testing::TestWithParam<Profile> {
protected:
    void run_envelope(Outcomes& outcomes, std::size_t max_token_bytes) const {
        const VectorFile file("token-envelope.json");
        const auto hosts = hosts_of(GetParam(), "aws", "");
        ParseRules rules = rules_of(GetParam(), hosts);
        rules.max_token_bytes = max_token_bytes;
        for (const auto each : file.cases()) {
            std::string token;
            std::uint64_t bytes = 0;
            if (each["pad_to_bytes"].get(bytes) == simdjson::SUCCESS) {
                token = padded_token(file, bytes);
                ASSERT_EQ(token.size(), bytes);
            } else {
                token = need_text(each, "token");
            }
            outcomes.add(each, PresignedUrl::parse(token, rules, at("20991231T235959Z")).has_value());
        }
    }
};

TEST_P(TokenVectors, ChecksTheEnvelope) {
    Outcomes outcomes("token-envelope.json", GetParam());
    run_envelope(outcomes, ParseRules().max_token_bytes);
    EXPECT_TRUE(outcomes.differ_only_as_listed());
}

TEST_P(TokenVectors, ChecksTheEnvelopeWithTheGoServersLimit) {
    Outcomes outcomes("token-envelope.json at 4096 bytes", GetParam());
    run_envelope(outcomes, peer_token_bytes);
    EXPECT_TRUE(outcomes.differ_only_as_listed());
}

TEST_P(TokenVectors, ChecksTheUrl) {
    const VectorFile file("token-url-rules.json");
    Outcomes outcomes("token-url-rules.json", GetParam());
    const WallTime now = at("20260102T030405Z");
    for (const auto each : file.cases()) {
        const auto hosts = hosts_of(GetParam(), need_text(each, "partition"), need_text(each, "instance_region"));
        const std::string token = token_of(with_dates(need_text(each, "url"), now));
        outcomes.add(each, PresignedUrl::parse(token, rules_of(GetParam(), hosts), now).has_value());
    }
    EXPECT_TRUE(outcomes.differ_only_as_listed());
}

INSTANTIATE_TEST_SUITE_P(
    Profiles,
    TokenVectors,
    ::testing::Values(Profile::arngate, Profile::reference),
    [](const auto& each) { return std::string(name_of(each.param)); }
);

TEST(TokenSignVectors, SignsMintsAndTells) {
    const VectorFile file("token-sign.json");
    for (const auto each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const std::int64_t unix_time = each["unix_time"];
        const WallTime now{std::chrono::seconds(unix_time)};
        const std::string region = need_text(each, "region");
        const std::string session_token = need_text(each, "session_token");
        aws::Credentials credentials;
        credentials.access_key_id = need_text(file.root(), "access_key_id");
        credentials.secret_access_key = Secret(need_text(file.root(), "secret_access_key"));
        credentials.session_token = Secret(session_token);

        const aws::SigningScope scope{.date = aws::amz_date(now).substr(0, 8), .region = region, .service = "sts"};
        std::vector<aws::QueryParameter> parameters{
            {"X-Amz-SignedHeaders", "host;x-k8s-aws-id"},
            {"Action", "GetCallerIdentity"},
            {"Version", "2011-06-15"},
            {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
            {"X-Amz-Credential", credentials.access_key_id + "/" + scope.text()},
            {"X-Amz-Date", aws::amz_date(now)},
            {"X-Amz-Expires", "60"},
        };
        if (!session_token.empty()) {
            parameters.emplace_back("X-Amz-Security-Token", session_token);
        }
        const std::string canonical = aws::canonical_request(
            "GET",
            "/",
            parameters,
            {{"x-k8s-aws-id", need_text(each, "cluster_id")}, {"host", aws::sts_host_for_client(region)}},
            aws::sha256_hex("")
        );
        EXPECT_EQ(canonical, need_text(each, "canonical_request"));
        EXPECT_EQ(aws::string_to_sign(aws::amz_date(now), scope, canonical), need_text(each, "string_to_sign"));

        token::MintRequest request;
        request.cluster_id = need_text(each, "cluster_id");
        request.region = region;
        const auto minted = token::mint(request, credentials, now);
        ASSERT_TRUE(minted.has_value()) << minted.error();
        EXPECT_EQ(minted->token.expose(), need_text(each, "token"));
        EXPECT_EQ(token_of(need_text(each, "url")), minted->token.expose());
        EXPECT_NE(
            token::exec_credential(*minted, token::read_exec_info(std::nullopt).api_version)
                .expose()
                .find("\"expirationTimestamp\":\"" + need_text(each, "exec_credential_expiration") + "\""),
            std::string::npos
        );
    }
}

TEST(ExecCredentialVectors, WritesWhatKubectlReads) {
    const VectorFile file("exec-credential.json");
    token::MintedToken minted;
    minted.token = Secret("k8s-aws-v1.TOKEN");
    minted.expires_at = at("20260102T031805Z");
    for (const auto each : file.cases()) {
        SCOPED_TRACE(need_text(each, "id"));
        const auto exec_info = text_at(each, "kubernetes_exec_info");
        const std::string line =
            std::string(token::exec_credential(minted, token::read_exec_info(exec_info).api_version).expose());
        EXPECT_EQ(line + "\n", need_text(each, "expect_stdout"));
    }
}

}  // namespace
}  // namespace arngate::vectors
