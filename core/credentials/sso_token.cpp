#include "core/credentials/sso_token.hpp"

#include "core/aws/timestamp.hpp"
#include "core/base/text.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/digest.hpp"
#include "core/credentials/secret_file.hpp"
#include "core/credentials/token_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view source = "SSO token";
constexpr std::chrono::minutes refresh_before{15};
constexpr std::int64_t max_lifetime_seconds = std::int64_t{366} * 24 * 3600;
constexpr std::array<std::string_view, 3> needed_to_refresh{"refreshToken", "clientId", "clientSecret"};

/// Goes into a header as it stands.
bool is_visible_ascii(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::expected<void, std::string> apply_answer(std::string& body, SsoCache& cache, const SsoLogin& login, WallTime now) {
    Secret bytes(body);
    wipe(body);
    const auto answer = JsonDocument::parse(std::move(bytes), max_sso_cache_bytes);
    if (!answer) {
        return std::unexpected("the OIDC service gave an answer that is " + answer.error());
    }
    const auto token = answer->text("accessToken");
    const auto lifetime = answer->integer("expiresIn");
    if (!token || !is_visible_ascii(*token) || !lifetime || *lifetime <= 0 || *lifetime > max_lifetime_seconds) {
        return std::unexpected("the OIDC service gave an answer that is not of the documented form");
    }
    cache.expires_at = now + std::chrono::seconds(*lifetime);
    cache.document.set_text("accessToken", *token);
    cache.document.set_text("expiresAt", aws::format_timestamp(cache.expires_at));
    cache.document.set_text("startUrl", login.start_url);
    cache.document.set_text("region", login.region);
    if (const auto next = answer->text("refreshToken")) {
        cache.document.set_text("refreshToken", *next);
    }
    return {};
}

/// CreateToken of the OIDC service; what it gives is in the cache afterwards.
std::expected<void, std::string> refresh(Means& means, const SsoLogin& login, SsoCache& cache) {
    const auto settings = ClientSettings::load(means.environment, means.shared);
    if (!settings) {
        return std::unexpected(settings.error());
    }
    const auto url = operation_url(means, Service::sso_oidc, login.region, "token");
    if (!url) {
        return std::unexpected(url.error());
    }
    JsonDocument question;
    for (const std::string_view name : needed_to_refresh) {
        question.set_text(name, cache.document.text(name).value_or(""));
    }
    question.set_text("grantType", "refresh_token");
    auto body = exchange_token(
        means,
        {.url = *url, .question = question, .ca_bundle = settings->ca_bundle, .max_answer_bytes = max_sso_cache_bytes}
    );
    if (!body) {
        return std::unexpected("the OIDC service " + body.error());
    }
    return apply_answer(*body, cache, login, means.clock.wall());
}

std::expected<SsoCache, std::string> read_cache(const std::string& file) {
    auto bytes = read_secret_file(file, max_sso_cache_bytes);
    return bytes ? SsoCache::parse(*std::move(bytes)) : std::unexpected(std::move(bytes.error()));
}

}  // namespace

std::expected<SsoCache, std::string> SsoCache::parse(Secret bytes) {
    auto document = JsonDocument::parse(std::move(bytes), max_sso_cache_bytes);
    if (!document) {
        return std::unexpected(std::move(document.error()));
    }
    const auto token = document->text("accessToken");
    const auto end = aws::parse_timestamp(document->text("expiresAt").value_or(""));
    if (!token || !is_visible_ascii(*token) || !end) {
        return std::unexpected("without accessToken and expiresAt of the documented form");
    }
    return SsoCache{.document = *std::move(document), .expires_at = *end};
}

bool SsoCache::may_refresh(WallTime now) const {
    const auto registered_until = aws::parse_timestamp(document.text("registrationExpiresAt").value_or(""));
    return registered_until && now < *registered_until &&
           std::ranges::all_of(
               needed_to_refresh, [this](std::string_view name) { return !document.text(name).value_or("").empty(); }
           );
}

std::string sso_cache_file(const Environment& environment, const SsoLogin& login) {
    return fmt::format(
        "{}/.aws/sso/cache/{}.json",
        variable(environment, "HOME"),
        sha1_hex(login.session.empty() ? login.start_url : login.session)
    );
}

std::string sso_advice(const SsoLogin& login) {
    return fmt::format("run `aws sso login --profile {}`", login.profile);
}

std::expected<Secret, Failure> sso_token(Means& means, const SsoLogin& login) {
    const std::string file = sso_cache_file(means.environment, login);
    auto cache = read_cache(file);
    if (!cache) {
        return failed(
            fmt::format("the cached SSO token cannot be used: {}: {}", file, cache.error()), sso_advice(login)
        );
    }
    const WallTime now = means.clock.wall();
    std::string why = "it cannot be refreshed";
    if (!login.session.empty() && cache->expires_at - now < refresh_before && cache->may_refresh(now)) {
        const auto refreshed = refresh(means, login, *cache);
        if (refreshed) {
            const auto written = replace_secret_file(file, cache->document.to_json());
            means.trace.add(
                source,
                Step::Outcome::noted,
                written ? std::string("refreshed") : "refreshed, but the cache cannot be written: " + written.error()
            );
        } else {
            why = "refreshing it failed: " + refreshed.error();
            means.trace.add(source, Step::Outcome::noted, why);
            // Another process may have been faster.
            if (auto kept = read_cache(file); kept && kept->expires_at > cache->expires_at) {
                cache = std::move(kept);
            }
        }
    }
    if (cache->expires_at <= now) {
        return failed(fmt::format("the SSO token has expired, and {}", why), sso_advice(login));
    }
    return Secret(cache->access_token());
}

}  // namespace arngate::credentials
