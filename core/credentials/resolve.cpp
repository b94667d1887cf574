#include "core/credentials/resolve.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view what_works =
    "arngate takes keys from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from "
    "aws_access_key_id, aws_secret_access_key and aws_session_token of a profile; `eval \"$(aws configure "
    "export-credentials --format env)\"` turns every other kind into the former";

/// The first variable of the two that is set, with its name.
std::optional<Setting> first_variable(const Environment& environment, const char* name, const char* old_name) {
    for (const char* candidate : {name, old_name}) {
        std::string value = variable(environment, candidate);
        if (!value.empty()) {
            return Setting{std::move(value), candidate};
        }
    }
    return std::nullopt;
}

aws::Credentials make(Setting& id, Setting& secret, std::string token, std::string source) {
    aws::Credentials result;
    result.access_key_id = std::move(id.text);
    result.secret_access_key = Secret(secret.text);
    result.session_token = Secret(token);
    result.source = std::move(source);
    wipe(secret.text);
    wipe(token);
    return result;
}

/// Kinds of credentials that have to be fetched, in the order the AWS SDKs ask for them.
struct Fetched {
    std::string_view property;
    std::string_view what;
};
constexpr std::array fetched_before_keys{
    Fetched{"role_arn", "a role to assume"},
};
constexpr std::array fetched_after_keys{
    Fetched{"web_identity_token_file", "a web identity"},
    Fetched{"sso_session", "an SSO session"},
    Fetched{"sso_start_url", "an SSO sign-in"},
    Fetched{"sso_account_id", "an SSO sign-in"},
    Fetched{"login_session", "a console sign-in"},
    Fetched{"credential_process", "a credential process"},
    Fetched{"credential_source", "a credential source"},
    Fetched{"source_profile", "a source profile"},
};

std::optional<std::string> fetched_kind(const SharedConfig& shared, std::span<const Fetched> kinds) {
    for (const Fetched& kind : kinds) {
        if (const auto found = shared.find(kind.property)) {
            return fmt::format(
                "{}: {} ({}) would have to be fetched, which this version does not do; {}",
                found->place,
                kind.what,
                kind.property,
                what_works
            );
        }
    }
    return std::nullopt;
}

std::string state_of(const ProfileFile& file, const std::string& profile) {
    if (!file.exists()) {
        return fmt::format("{} (not there)", file.name());
    }
    if (file.find(profile) == nullptr) {
        return fmt::format("{} (no profile \"{}\")", file.name(), profile);
    }
    return fmt::format("{} (profile \"{}\" has no keys)", file.name(), profile);
}

}  // namespace

std::expected<std::optional<aws::Credentials>, std::string> find_credentials(
    const Environment& environment, const SharedConfig& shared
) {
    auto id = first_variable(environment, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
    auto secret = first_variable(environment, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY");
    if (id && secret) {
        return make(*id, *secret, variable(environment, "AWS_SESSION_TOKEN"), "environment");
    }
    if (id || secret) {
        return std::unexpected(
            id ? fmt::format("{} is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither", id->place)
               : fmt::format("{} is set, but AWS_ACCESS_KEY_ID is not: set both or neither", secret->place)
        );
    }
    if (!variable(environment, "AWS_WEB_IDENTITY_TOKEN_FILE").empty()) {
        return std::unexpected(fmt::format(
            "AWS_WEB_IDENTITY_TOKEN_FILE is set: a web identity would have to be exchanged, which this version "
            "does not do; {}",
            what_works
        ));
    }

    if (auto kind = fetched_kind(shared, fetched_before_keys)) {
        return std::unexpected(std::move(*kind));
    }
    for (const ProfileFile* file : {&shared.credentials_file(), &shared.config_file()}) {
        id = shared.find_in(*file, shared.profile(), "aws_access_key_id");
        secret = shared.find_in(*file, shared.profile(), "aws_secret_access_key");
        if (id && secret) {
            const auto token = shared.find_in(*file, shared.profile(), "aws_session_token");
            return make(*id, *secret, token ? token->text : std::string(), fmt::format("profile {}", shared.profile()));
        }
        if (id || secret) {
            return std::unexpected(fmt::format(
                "{}: the profile has {} but not {}: write both or neither",
                id ? id->place : secret->place,
                id ? "aws_access_key_id" : "aws_secret_access_key",
                id ? "aws_secret_access_key" : "aws_access_key_id"
            ));
        }
    }
    if (auto kind = fetched_kind(shared, fetched_after_keys)) {
        return std::unexpected(std::move(*kind));
    }
    for (const char* name : {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
        if (!variable(environment, name).empty()) {
            return std::unexpected(fmt::format(
                "{} is set: credentials would have to be fetched from the container service, which this version "
                "does not do; {}",
                name,
                what_works
            ));
        }
    }
    return std::nullopt;
}

std::string places_looked_at(const SharedConfig& shared) {
    return fmt::format(
        "AWS_ACCESS_KEY_ID (not set), {}, {}",
        state_of(shared.credentials_file(), shared.profile()),
        state_of(shared.config_file(), shared.profile())
    );
}

std::expected<aws::Credentials, std::string> resolve_credentials(
    const Environment& environment, const SharedConfig& shared
) {
    auto found = find_credentials(environment, shared);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found) {
        return std::unexpected(fmt::format(
            "no AWS credentials found. Looked at: {}. Metadata services are not asked; {}",
            places_looked_at(shared),
            what_works
        ));
    }
    return *std::move(*found);
}

}  // namespace arngate::credentials
