#include "daemon/client/token_source.hpp"

#include "core/base/log.hpp"
#include "core/credentials/chain.hpp"
#include "core/credentials/client_settings.hpp"
#include "daemon/client/credential_cache.hpp"
#include "daemon/client/token_cache.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace arngate::client {

namespace {

using credentials::Resolution;
using credentials::Step;

constexpr std::string_view fallback_region = "us-east-1";
/// Kept credentials that end so soon are replaced first.
constexpr std::chrono::minutes refresh_before{2};
/// Of a role that is assumed for one token: the shortest that STS gives, and as long as a token lives.
constexpr std::chrono::minutes role_duration{15};
/// How long to wait for another process that makes the same token.
constexpr std::chrono::milliseconds wait_for_others{5'000};

std::string_view word_of(Step::Outcome outcome) {
    switch (outcome) {
        case Step::Outcome::passed:
            return "passed";
        case Step::Outcome::noted:
            return "noted";
        case Step::Outcome::found:
            return "found";
        case Step::Outcome::failed:
            break;
    }
    return "failed";
}

void log_steps(std::string_view what, const credentials::Trace& trace) {
    for (const Step& step : trace.steps) {
        log::debug(what, {{"source", step.source}, {"outcome", word_of(step.outcome)}, {"said", step.said}});
    }
}

/// The failure, and which sources were passed over on the way to the one that failed.
std::string explain(const Resolution& resolution) {
    std::string text = resolution.credentials.error().text();
    if (text.contains("Looked at: ")) {
        return text;
    }
    std::string before;
    for (const Step& step : resolution.trace.steps) {
        if (step.outcome == Step::Outcome::passed || step.outcome == Step::Outcome::noted) {
            before += fmt::format("{}{} ({})", before.empty() ? "" : ", ", step.source, step.said);
        }
    }
    return before.empty() ? text : fmt::format("{}\nBefore that: {}", text, before);
}

class Maker {
public:
    Maker(const std::string& cluster_id, const config::ClientSettings& settings, const TokenMeans& means)
        : cluster_id_(cluster_id), settings_(settings), means_(means) {}

    std::expected<token::MintedToken, std::string> make() {
        auto shared = credentials::SharedConfig::load(means_.environment);
        if (!shared) {
            return std::unexpected(std::move(shared.error()));
        }
        shared_ = *std::move(shared);
        const auto variant = credentials::resolve_endpoint_variant(means_.environment, *shared_);
        if (!variant) {
            return std::unexpected(variant.error());
        }
        auto keys = signer();
        if (!keys) {
            return std::unexpected(std::move(keys.error()));
        }
        token::MintRequest request;
        request.cluster_id = cluster_id_;
        request.variant = *variant;
        request.region = region();
        request.expiry_margin = settings_.expiry_margin;
        log::debug("token signed", {{"region", request.region}, {"credentials", keys->source}});
        return token::mint(request, *keys, means_.clock.wall());
    }

private:
    std::string region() const {
        std::string region =
            settings_.region.empty() ? credentials::resolve_region(means_.environment, *shared_) : settings_.region;
        if (region.empty()) {
            region = fallback_region;
            log::info("no region is set, us-east-1 is used; --region or AWS_REGION sets it");
        }
        return region;
    }

    credentials::Chain chain() const {
        credentials::ChainContext context{
            .environment = means_.environment, .clock = means_.clock, .transport = means_.transport
        };
        context.region = settings_.region;
        context.mfa_prompt = means_.mfa_prompt;
        // The program may ask its user for something.
        context.child.input = ChildStream::shared;
        context.child.errors = ChildStream::shared;
        return credentials::Chain(std::move(context));
    }

    /// Whose signature the token bears.
    std::expected<aws::Credentials, std::string> signer() {
        auto base = settings_.cache ? base_through_cache() : base_of_chain();
        if (!base || settings_.role.empty()) {
            return base;
        }
        credentials::RoleToAssume role{
            .role_arn = settings_.role,
            .session_name = settings_.session_name,
            .external_id = settings_.external_id,
            .mfa_serial = {},
            .duration = role_duration
        };
        if (settings_.forward_session_name) {
            auto name = chain().session_name(*base);
            if (!name) {
                return std::unexpected(
                    "the session name of the current credentials cannot be forwarded: " + name.error().text()
                );
            }
            role.session_name = *std::move(name);
        }
        Resolution assumed = chain().assume(role, *base);
        log_steps("role", assumed.trace);
        if (!assumed.credentials) {
            return std::unexpected(fmt::format(
                "the role of --role (or DEFAULT_ROLE) was not assumed with the credentials of {}: {}",
                base->source,
                assumed.credentials.error().text()
            ));
        }
        return *std::move(assumed.credentials);
    }

    std::expected<aws::Credentials, std::string> base_of_chain() const {
        Resolution found = chain().resolve();
        log_steps("credentials", found.trace);
        if (!found.credentials) {
            return std::unexpected(explain(found));
        }
        return *std::move(found.credentials);
    }

    void warn(std::string_view what) const {
        if (means_.warn) {
            means_.warn(what);
        }
    }

    /// Keys of the environment are there anyway, and are what is meant: neither kept nor passed over for kept ones.
    bool has_own_keys() const {
        return !credentials::variable(means_.environment, "AWS_ACCESS_KEY_ID").empty() ||
               !credentials::variable(means_.environment, "AWS_ACCESS_KEY").empty();
    }

    std::expected<aws::Credentials, std::string> base_through_cache() const {
        const auto file = CredentialCache::file_of(means_.environment);
        if (!file || has_own_keys()) {
            warn(
                file ? "--cache has no effect on keys of the environment"
                     : "--cache has no effect, as neither HOME nor AWS_IAM_AUTHENTICATOR_CACHE_FILE is set"
            );
            return base_of_chain();
        }
        const CredentialCache cache(*file);
        const CredentialCacheKey key{
            .cluster_id = cluster_id_, .profile = shared_->profile(), .role_arn = settings_.role
        };
        auto kept = cache.find(key);
        if (!kept) {
            warn(kept.error());
            return base_of_chain();
        }
        if (*kept && *(*kept)->expires_at > means_.clock.wall() + refresh_before) {
            log::debug("credentials", {{"source", "credential cache"}, {"outcome", "found"}});
            return **std::move(kept);
        }
        auto fresh = base_of_chain();
        if (!fresh) {
            return fresh;
        }
        if (!fresh->expires_at) {
            warn(fmt::format("--cache has no effect on keys that do not expire ({})", fresh->source));
        } else if (const auto written = cache.put(key, *fresh, means_.clock.wall()); !written) {
            warn(written.error());
        }
        return fresh;
    }

    const std::string& cluster_id_;
    const config::ClientSettings& settings_;
    const TokenMeans& means_;
    std::optional<credentials::SharedConfig> shared_;
};

}  // namespace

std::expected<token::MintedToken, std::string> make_token(
    const std::string& cluster_id, const config::ClientSettings& settings, const TokenMeans& means
) {
    const auto folder = settings.cache_token ? TokenCache::folder_of(means.environment) : std::nullopt;
    if (!folder) {
        if (settings.cache_token && means.warn) {
            means.warn("--cache-token has no effect, as neither HOME nor ARNGATE_TOKEN_CACHE_DIR is set");
        }
        return Maker(cluster_id, settings, means).make();
    }
    const TokenCache cache(*folder);
    const std::string name = token_name(cluster_id, settings, means.environment);
    if (auto kept = cache.find(name, means.clock.wall(), settings.expiry_margin)) {
        return *std::move(kept);
    }
    const auto turn = cache.lock(wait_for_others);
    if (auto kept = cache.find(name, means.clock.wall(), settings.expiry_margin)) {
        return *std::move(kept);
    }
    auto made = Maker(cluster_id, settings, means).make();
    if (!made) {
        return made;
    }
    const auto written = cache.put(name, *made, means.clock.wall());
    if (!written && means.warn) {
        means.warn(written.error());
    }
    return made;
}

}  // namespace arngate::client
