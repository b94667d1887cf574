#include "core/credentials/chain.hpp"

#include "core/aws/timestamp.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/container_source.hpp"
#include "core/credentials/environment_source.hpp"
#include "core/credentials/instance_source.hpp"
#include "core/credentials/profile_source.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view next_step =
    "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile in AWS_PROFILE, or sign in (`aws sso login`, "
    "`aws configure`)";

Failure ran_dry(const Trace& trace) {
    std::string looked_at;
    for (const Step& step : trace.steps) {
        if (step.outcome == Step::Outcome::passed) {
            looked_at += fmt::format("{}{} ({})", looked_at.empty() ? "" : ", ", step.source, step.said);
        }
    }
    return {.what = "no AWS credentials found. Looked at: " + looked_at, .next_step = std::string(next_step)};
}

std::expected<aws::Credentials, Failure> first_found(Means& means) {
    const auto of_profile = [](Means& all) { return from_profile(all, all.shared.profile()); };
    using Source = Found (*)(Means&);
    for (const Source source : std::array<Source, 4>{from_environment, of_profile, from_container, from_instance}) {
        auto found = source(means);
        if (!found) {
            return std::unexpected(std::move(found.error()));
        }
        if (*found) {
            return **std::move(found);
        }
    }
    return std::unexpected(ran_dry(means.trace));
}

}  // namespace

Chain::Chain(ChainContext context) : context_(std::move(context)) {}

Resolution Chain::with_means(const std::function<std::expected<aws::Credentials, Failure>(Means& means)>& resolve_with
) {
    Resolution result{.credentials = std::unexpected(Failure{}), .region = {}, .trace = {}};
    const auto shared = SharedConfig::load(context_.environment, context_.profile);
    if (!shared) {
        result.credentials = failed(shared.error());
        result.trace.add("shared files", Step::Outcome::failed, shared.error());
        return result;
    }
    result.region = resolve_region(context_.environment, *shared);
    Means means{
        .environment = context_.environment,
        .shared = *shared,
        .clock = context_.clock,
        .transport = context_.transport,
        .mfa_prompt = context_.mfa_prompt,
        .child = context_.child,
        .region = context_.region,
        .deadline = Deadline::after(context_.network_budget),
        .trace = result.trace
    };
    result.credentials = resolve_with(means);
    if (result.credentials && result.credentials->expires_at &&
        *result.credentials->expires_at <= context_.clock.wall()) {
        result.credentials = failed(
            fmt::format(
                "the credentials of {} ended at {}",
                result.credentials->source,
                aws::format_timestamp(*result.credentials->expires_at)
            ),
            "get fresh ones, and see whether the clock of this machine is right"
        );
    }
    if (result.credentials) {
        const auto& end = result.credentials->expires_at;
        result.trace.add(
            result.credentials->source,
            Step::Outcome::found,
            end ? "credentials until " + aws::format_timestamp(*end) : std::string("credentials")
        );
    } else {
        result.trace.add("credentials", Step::Outcome::failed, result.credentials.error().what);
    }
    return result;
}

Resolution Chain::resolve() {
    return with_means(first_found);
}

Resolution Chain::assume(const RoleToAssume& role, const aws::Credentials& base) {
    return with_means([&](Means& means) {
        auto assumed = assume_role(means, role, base);
        if (assumed) {
            assumed->source = "assumed role";
        }
        return assumed;
    });
}

std::expected<std::string, Failure> Chain::session_name(const aws::Credentials& credentials) {
    std::expected<std::string, Failure> name;
    auto asked = with_means([&](Means& means) -> std::expected<aws::Credentials, Failure> {
        name = session_name_of(means, credentials);
        return aws::Credentials{};
    });
    if (!asked.credentials) {
        return std::unexpected(std::move(asked.credentials.error()));
    }
    return name;
}

}  // namespace arngate::credentials
