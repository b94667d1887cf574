#include "core/credentials/sso_source.hpp"

#include "core/aws/keys.hpp"
#include "core/base/text.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/sso_token.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::size_t max_body_bytes = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds limit{5'000};
constexpr unsigned attempts = 2;
/// In the year 2255, which is about as far as the clock goes.
constexpr std::int64_t max_milliseconds = 9'000'000'000'000;

struct SsoProfile {
    SsoLogin login;
    std::string account_id;
    std::string role_name;
};

/// The value, which profile and session may both have, but not two different ones.
std::expected<std::string, Failure> value_of(
    const Means& means, const std::string& profile, const Profile* session, std::string_view name
) {
    const auto of_profile = means.shared.find(profile, name);
    const Property* const of_session = session == nullptr ? nullptr : session->find(name);
    if (of_profile && of_session != nullptr && of_profile->text != of_session->text) {
        return failed(fmt::format("{}: {} differs from that of the sso-session", of_profile->place, name));
    }
    if (of_profile) {
        return of_profile->text;
    }
    if (of_session != nullptr) {
        return of_session->text;
    }
    return failed(
        fmt::format("the profile \"{}\" has SSO settings but no {}", profile, name), "run `aws configure sso`"
    );
}

std::expected<std::optional<SsoProfile>, Failure> find_profile(const Means& means, const std::string& profile) {
    if (!means.shared.find(profile, "sso_role_name") && !means.shared.find(profile, "sso_account_id")) {
        return std::nullopt;
    }
    SsoProfile result;
    result.login.profile = profile;
    const Profile* session = nullptr;
    if (auto name = means.shared.find(profile, "sso_session")) {
        session = means.shared.config_file().find_sso_session(name->text);
        if (session == nullptr) {
            return failed(fmt::format(
                "{}: there is no [sso-session {}] in {}", name->place, name->text, means.shared.config_file().name()
            ));
        }
        result.login.session = std::move(name->text);
    }
    struct Member {
        std::string_view name;
        std::string* value;
    };
    for (const auto& [name, value] : std::array{
             Member{"sso_start_url", &result.login.start_url},
             Member{"sso_region", &result.login.region},
             Member{"sso_role_name", &result.role_name},
             Member{"sso_account_id", &result.account_id}
         }) {
        auto found = value_of(means, profile, session, name);
        if (!found) {
            return std::unexpected(std::move(found.error()));
        }
        *value = *std::move(found);
    }
    return result;
}

std::expected<net::HttpResponse, Failure> ask(Means& means, const SsoProfile& profile, const Secret& token) {
    const auto settings = ClientSettings::load(means.environment, means.shared);
    if (!settings) {
        return failed(settings.error());
    }
    const auto endpoint = service_endpoint(means.environment, means.shared, Service::sso, profile.login.region);
    if (!endpoint) {
        return failed("SSO: " + endpoint.error());
    }
    std::string target = endpoint->target;
    target += target.ends_with('/') ? "" : "/";
    target += "federation/credentials?role_name=";
    text::append_percent_encoded(target, profile.role_name);
    target += "&account_id=";
    text::append_percent_encoded(target, profile.account_id);
    const auto make = [&] {
        HttpCall one;
        one.tls = endpoint->tls;
        one.endpoint = endpoint->endpoint;
        one.request.target = Secret(target);
        one.request.headers.emplace_back("x-amz-sso_bearer_token", token.expose());
        one.max_body_bytes = max_body_bytes;
        one.limit = limit;
        one.ca_bundle = settings->ca_bundle;
        return one;
    };
    auto answer = call(means, make, attempts);
    if (!answer) {
        return failed(
            "the SSO portal gave no answer: " + answer.error().what, "see whether the network and the proxy are right"
        );
    }
    return *std::move(answer);
}

}  // namespace

std::expected<aws::Credentials, std::string> parse_role_credentials(std::string& body) {
    constexpr std::string_view parent = "roleCredentials";
    Secret bytes(body);
    wipe(body);
    const auto document = JsonDocument::parse(std::move(bytes), max_body_bytes);
    if (!document) {
        return std::unexpected(document.error());
    }
    const auto end = document->integer(parent, "expiration");
    if (!end || *end < 0 || *end > max_milliseconds) {
        return std::unexpected("an expiration that is not a time");
    }
    auto credentials = aws::check_keys(
        {.access_key_id = document->text(parent, "accessKeyId"),
         .secret_access_key = document->text(parent, "secretAccessKey"),
         .session_token = document->text(parent, "sessionToken"),
         .expiration = std::nullopt},
        aws::Completeness::keys_only
    );
    if (credentials && credentials->session_token.empty()) {
        return std::unexpected("no session token");
    }
    if (credentials) {
        credentials->expires_at = WallTime(std::chrono::milliseconds(*end));
    }
    return credentials;
}

Found from_sso(Means& means, const std::string& profile) {
    auto found = find_profile(means, profile);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found) {
        return std::nullopt;
    }
    const SsoProfile& sso = **found;
    const auto token = sso_token(means, sso.login);
    if (!token) {
        return std::unexpected(token.error());
    }
    auto answer = ask(means, sso, *token);
    if (!answer) {
        return std::unexpected(std::move(answer.error()));
    }
    if (constexpr int ok = 200; answer->status != ok) {
        wipe(answer->body);
        constexpr int unauthorized = 401;
        constexpr int forbidden = 403;
        return failed(
            fmt::format("the SSO portal answered with status {}", answer->status),
            answer->status == unauthorized ? sso_advice(sso.login)
            : answer->status == forbidden  ? "see whether you are assigned the role sso_role_name in sso_account_id"
                                           : ""
        );
    }
    auto credentials = parse_role_credentials(answer->body);
    if (!credentials) {
        return failed("the SSO portal answered with " + credentials.error());
    }
    credentials->source = fmt::format("profile {} (SSO)", profile);
    return *std::move(credentials);
}

}  // namespace arngate::credentials
