// The token, from its envelope to the request for STS, and the texts of SigV4 that it is made of.

#include "core/aws/sigv4.hpp"
#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;

const token::ParseRules& rules() {
    static const aws::StsHostTable hosts = aws::StsHostTable::build({}).value();
    static const token::ParseRules rules{.hosts = &hosts, .max_token_bytes = 16 * 1024, .max_ahead = std::nullopt};
    return rules;
}

WallTime now() {
    return aws::parse_amz_date("20260102T030405Z").value();
}

/// What an accepted token promises: what was checked is what is sent, and nothing else is.
void check_accepted(const token::PresignedUrl& url) {
    check(rules().hosts->find(url.host().name) == &url.host());
    check(now() <= url.good_until());
    const Secret target = url.request_target();
    const std::string_view text = target.expose();
    check(text.size() <= rules().max_token_bytes);
    check(text.starts_with("/?Action=GetCallerIdentity&"));
    check(std::ranges::all_of(text, [](char c) {
        return text::is_unreserved(c) || c == '%' || c == '&' || c == '=' || c == '/' || c == '?';
    }));
    check(std::ranges::count(text, '/') == 1 && std::ranges::count(text, '?') == 1);

    const std::string again_url = "https://" + url.host().name + std::string(text);
    token::ParseRules roomy = rules();
    roomy.max_token_bytes = 64 * 1024;  // base64 makes a third more of it
    const auto again =
        token::PresignedUrl::parse(std::string(token::token_prefix) + text::base64url_encode(again_url), roomy, now());
    check(again.has_value());
    check(&again->host() == &url.host());
    check(again->signed_at() == url.signed_at());
    check(again->access_key_id() == url.access_key_id());
    check(again->request_target().expose() == text);
}

void check_token(std::string_view token) {
    const auto parsed = token::PresignedUrl::parse(token, rules(), now());
    if (parsed) {
        check_accepted(*parsed);
    } else {
        check(info(parsed.error().reason).answer == AnswerKind::denied);
        check(parsed.error().detail.empty());
    }
}

void check_texts(std::string_view text) {
    if (const auto time = aws::parse_amz_date(text)) {
        check(aws::amz_date(*time) == text);
    }
    std::string decoded(text::base64url_decoded_size(text.size()), '\0');
    if (const auto size = text::base64url_decode(text, decoded.data())) {
        check(*size == decoded.size());
    }
    std::string query(text);
    if (const auto size = text::percent_decode_query(query, query.data())) {
        check(*size <= text.size());
    }
    std::string encoded = text::percent_encode(text);
    const auto size = text::percent_decode_query(encoded, encoded.data());
    check(size.has_value() && std::string_view(encoded).substr(0, *size) == text);
}

void check_canonical_request(std::string_view text) {
    std::vector<aws::QueryParameter> parameters;
    for (const std::string_view piece : text::split(text, '&')) {
        const auto equals = std::min(piece.find('='), piece.size());
        parameters.emplace_back(piece.substr(0, equals), piece.substr(std::min(equals + 1, piece.size())));
    }
    const std::string canonical = aws::canonical_request("GET", "/", parameters, {{"host", "h"}}, "");
    std::ranges::reverse(parameters);
    check(aws::canonical_request("GET", "/", parameters, {{"host", "h"}}, "") == canonical);
    check(std::ranges::count(canonical, '\n') == 6);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    const std::string prefix(token::token_prefix);
    check_token(input);
    check_token(prefix + text::base64url_encode(input));
    check_token(prefix + text::base64url_encode("https://sts.us-east-1.amazonaws.com/?" + std::string(input)));
    check_token(
        prefix + text::base64url_encode(
                     "https://sts.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60"
                     "&X-Amz-SignedHeaders=x-k8s-aws-id&X-Amz-Security-Token=" +
                     std::string(input)
                 )
    );
    check_texts(input);
    check_canonical_request(input);
    return 0;
}
