#include "core/credentials/sts_source.hpp"

#include "core/aws/query_error.hpp"
#include "core/aws/sigv4_request.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/aws/timestamp.hpp"
#include "core/base/text.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/secret_file.hpp"
#include "core/net/endpoint.hpp"
#include "core/sts/assume_role.hpp"
#include "core/sts/response.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::credentials {

namespace {

constexpr std::string_view source = "STS";
constexpr std::string_view global_region = "us-east-1";
constexpr std::string_view json_type = "application/json";
constexpr std::string_view form_type = "application/x-www-form-urlencoded; charset=utf-8";
/// The API reference of STS: a web identity token has at most 20,000 characters.
constexpr std::size_t max_token_bytes = 20'000;
constexpr unsigned attempts = 2;
constexpr std::chrono::milliseconds limit{5'000};

/// The regions for which the setting "legacy" means the global endpoint ("AWS STS Regional endpoints").
constexpr auto legacy_regions = std::to_array<std::string_view>(
    {"ap-northeast-1",
     "ap-south-1",
     "ap-southeast-1",
     "ap-southeast-2",
     "aws-global",
     "ca-central-1",
     "eu-central-1",
     "eu-north-1",
     "eu-west-1",
     "eu-west-2",
     "eu-west-3",
     "sa-east-1",
     "us-east-1",
     "us-east-2",
     "us-west-1",
     "us-west-2"}
);

struct Target {
    Url url;
    std::string region;  ///< that requests are signed for
    std::string ca_bundle;
};

std::expected<Target, Failure> find_target(const Means& means) {
    const auto settings = ClientSettings::load(means.environment, means.shared);
    if (!settings) {
        return failed(settings.error());
    }
    auto url = configured_endpoint(means.environment, means.shared, Service::sts);
    if (!url) {
        return failed(std::move(url.error()));
    }
    std::string region = means.region.empty() ? settings->region : means.region;
    if (region.empty()) {
        region = global_region;
    }
    Target target;
    target.ca_bundle = settings->ca_bundle;
    target.region = aws::sts_signing_region(region);
    if (*url) {
        if (settings->variant != aws::EndpointVariant::plain) {
            return failed(
                "an endpoint URL of STS is configured and FIPS or dual-stack endpoints are asked for",
                "configure one or the other"
            );
        }
        target.url = **std::move(url);
        return target;
    }
    const bool is_global = settings->sts_endpoints == StsEndpoints::legacy &&
                           settings->variant == aws::EndpointVariant::plain &&
                           std::ranges::find(legacy_regions, region) != legacy_regions.end();
    target.url.endpoint.host =
        aws::sts_host_for_client(is_global ? std::string_view("aws-global") : region, settings->variant);
    if (is_global) {
        target.region = global_region;
    }
    if (target.url.endpoint.host.empty()) {
        return failed("the region is not one that has STS", "set AWS_REGION or `region` in the profile");
    }
    return target;
}

std::string advice(std::string_view code) {
    if (code == "AccessDenied") {
        return "see whether the role's trust policy allows who asks, and whether external id and MFA are right";
    }
    if (code == "ExpiredToken" || code == "ExpiredTokenException") {
        return "the credentials that were used have ended: get fresh ones";
    }
    if (code == "InvalidClientTokenId" || code == "UnrecognizedClientException") {
        return "the access key is not known: see whether it was deleted or is of another partition";
    }
    if (code == "SignatureDoesNotMatch" || code == "RequestExpired") {
        return "see whether the secret access key is right and the clock of this machine too";
    }
    if (code == "InvalidIdentityToken") {
        return "see whether the role trusts the token's issuer";
    }
    return {};
}

/// Parameters as a form, wiped when it goes.
class Form {
public:
    Form() = default;
    Form(const Form&) = delete;
    Form& operator=(const Form&) = delete;
    ~Form() { wipe(text_); }

    void add(std::string_view name, std::string_view value) {
        text_ += text_.empty() ? "" : "&";
        text::append_percent_encoded(text_, name);
        text_ += '=';
        text::append_percent_encoded(text_, value);
    }
    void reserve(std::size_t size) { text_.reserve(size); }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

void add_role(Form& form, std::string_view action, const RoleToAssume& role, WallTime now) {
    form.add("Action", action);
    form.add("Version", "2011-06-15");
    form.add("RoleArn", role.role_arn);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    form.add(
        "RoleSessionName", role.session_name.empty() ? fmt::format("arngate-session-{}", seconds) : role.session_name
    );
    if (role.duration) {
        form.add("DurationSeconds", fmt::format("{}", role.duration->count()));
    }
}

/// The answer of STS to a form, signed where there is a signer.
std::expected<net::HttpResponse, Failure> ask(
    Means& means,
    const Target& target,
    std::string_view action,
    const Form& form,
    const aws::Credentials* signer,
    std::string_view accepted = {}
) {
    const auto make = [&] {
        HttpCall one;
        one.tls = target.url.tls;
        one.endpoint = target.url.endpoint;
        one.limit = limit;
        one.ca_bundle = target.ca_bundle;
        one.request.method = "POST";
        one.request.body = form.text();
        one.request.target = Secret(target.url.target);
        one.request.headers.emplace_back("content-type", form_type);
        if (signer == nullptr) {
            return one;
        }
        aws::RequestToSign to_sign;
        to_sign.method = "POST";
        to_sign.host = net::host_header(target.url.endpoint);
        to_sign.path = target.url.target;
        to_sign.region = target.region;
        to_sign.service = "sts";
        to_sign.headers.emplace_back("content-type", form_type);
        to_sign.body = form.text();
        aws::SignedRequest with_signature = aws::sign_request(to_sign, *signer, means.clock.wall());
        one.request.target = Secret(with_signature.target);
        one.request.headers = std::move(with_signature.headers);
        if (!accepted.empty()) {
            one.request.headers.emplace_back("accept", accepted);
        }
        return one;
    };
    auto answer = call(means, make, attempts);
    if (!answer) {
        return failed(
            fmt::format("{} got no answer: {}", action, answer.error().what),
            "see whether the network, the proxy and the endpoint of STS are right"
        );
    }
    return *std::move(answer);
}

/// A refusal. Where the clocks are apart, that is why.
std::unexpected<Failure> refused(const Means& means, net::HttpResponse& answer, std::string what) {
    const auto error = aws::parse_query_error(answer.body);
    wipe(answer.body);
    const auto theirs = aws::parse_http_date(answer.date);
    const std::string skew = theirs ? aws::describe_skew(means.clock.wall(), *theirs) : std::string();
    if (skew.empty()) {
        return failed(std::move(what), error ? advice(error->code) : std::string());
    }
    what += fmt::format("; the clock of this machine is {} of the clock of STS", skew);
    return failed(std::move(what), "set it right (`timedatectl`, chrony), as signatures hold for minutes only");
}

std::expected<aws::Credentials, Failure> exchange(
    Means& means, const Target& target, std::string_view action, const Form& form, const aws::Credentials* signer
) {
    auto answer = ask(means, target, action, form, signer);
    if (!answer) {
        return std::unexpected(std::move(answer.error()));
    }
    auto credentials = sts::parse_assume_role(answer->status, answer->body, action);
    if (!credentials) {
        return refused(means, *answer, std::move(credentials.error().detail));
    }
    wipe(answer->body);
    means.trace.add(source, Step::Outcome::noted, fmt::format("{} gave credentials", action));
    return *std::move(credentials);
}

}  // namespace

std::expected<aws::Credentials, Failure> assume_role(
    Means& means, const RoleToAssume& role, const aws::Credentials& base
) {
    const auto target = find_target(means);
    if (!target) {
        return std::unexpected(target.error());
    }
    Form form;
    add_role(form, "AssumeRole", role, means.clock.wall());
    if (!role.external_id.empty()) {
        form.add("ExternalId", role.external_id);
    }
    if (!role.mfa_serial.empty()) {
        if (!means.mfa_prompt) {
            return failed(
                "the role wants the code of an MFA device (mfa_serial), and there is nobody to ask for it",
                "use a profile whose credentials are kept (`aws sso login`, `aws configure export-credentials`)"
            );
        }
        const auto code = means.mfa_prompt(role.mfa_serial);
        if (!code) {
            return failed("no code of the MFA device: " + code.error());
        }
        form.add("SerialNumber", role.mfa_serial);
        form.add("TokenCode", code->expose());
    }
    return exchange(means, *target, "AssumeRole", form, &base);
}

std::expected<aws::Credentials, Failure> assume_role_with_web_identity(
    Means& means, const RoleToAssume& role, const std::string& token_file
) {
    const auto target = find_target(means);
    if (!target) {
        return std::unexpected(target.error());
    }
    const auto token = read_secret_file(expand_home(means.environment, token_file), max_token_bytes);
    if (!token) {
        return failed("the web identity token file cannot be read: " + token.error(), "see whether it is mounted");
    }
    if (token->empty()) {
        return failed("the web identity token file is empty");
    }
    Form form;
    constexpr std::size_t longest_escape = 3;
    form.reserve((longest_escape * (token->size() + role.role_arn.size() + role.session_name.size())) + 256);
    add_role(form, "AssumeRoleWithWebIdentity", role, means.clock.wall());
    form.add("WebIdentityToken", token->expose());
    return exchange(means, *target, "AssumeRoleWithWebIdentity", form, nullptr);
}

std::expected<std::string, Failure> session_name_of(Means& means, const aws::Credentials& credentials) {
    const auto target = find_target(means);
    if (!target) {
        return std::unexpected(target.error());
    }
    Form form;
    form.add("Action", "GetCallerIdentity");
    form.add("Version", "2011-06-15");
    auto answer = ask(means, *target, "GetCallerIdentity", form, &credentials, json_type);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    auto identity =
        sts::parse_response(answer->status, answer->body, {.require_partition = false, .require_account = true});
    if (!identity) {
        return refused(means, *answer, std::move(identity.error().detail));
    }
    return std::move(identity->session_name);
}

}  // namespace arngate::credentials
