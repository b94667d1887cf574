#include "core/credentials/environment_source.hpp"

#include "core/aws/timestamp.hpp"
#include "core/credentials/static_keys.hpp"

#include <fmt/format.h>

#include <utility>

namespace arngate::credentials {

namespace {

/// The first variable of the two that is set, with its name.
std::optional<Setting> first_variable(const Environment& environment, const char* name, const char* old_name) {
    for (const char* candidate : {name, old_name}) {
        std::string value = variable(environment, candidate);
        if (!value.empty()) {
            return Setting{.text = std::move(value), .place = candidate};
        }
    }
    return std::nullopt;
}

}  // namespace

Found from_environment(Means& means) {
    constexpr const char* expiration_variable = "AWS_CREDENTIAL_EXPIRATION";
    const auto id = first_variable(means.environment, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
    auto secret = first_variable(means.environment, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY");
    if (!id && !secret) {
        means.trace.add("AWS_ACCESS_KEY_ID", Step::Outcome::passed, "not set");
        return std::nullopt;
    }
    if (!id || !secret) {
        const std::string set = id ? id->place : secret->place;
        if (secret) {
            wipe(secret->text);
        }
        return failed(
            fmt::format("{} is set, but {} is not", set, id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"),
            "set both or neither"
        );
    }
    auto token = first_variable(means.environment, "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN");
    auto credentials = take_keys(*id, *secret, token);
    if (!credentials) {
        return failed("the environment has " + credentials.error(), "see whether it was copied whole, without blanks");
    }
    credentials->source = "environment";
    if (const std::string end = variable(means.environment, expiration_variable); !end.empty()) {
        credentials->expires_at = aws::parse_timestamp(end);
        if (!credentials->expires_at) {
            return failed(fmt::format("{} is not a time of the form 2026-01-02T03:04:05Z", expiration_variable));
        }
    }
    return *std::move(credentials);
}

}  // namespace arngate::credentials
