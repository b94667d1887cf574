#include "core/credentials/login_source.hpp"

#include "core/aws/keys.hpp"
#include "core/aws/sigv4.hpp"
#include "core/aws/timestamp.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/dpop.hpp"
#include "core/credentials/secret_file.hpp"
#include "core/credentials/token_exchange.hpp"
#include "core/net/endpoint.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view source = "console sign-in";
constexpr std::string_view parent = "accessToken";
constexpr std::chrono::minutes refresh_before{5};
/// The service says 15 minutes at most.
constexpr std::int64_t max_lifetime_seconds = 24 * 3600;
constexpr std::array<std::string_view, 3> needed_to_refresh{"refreshToken", "dpopKey", "clientId"};

std::string cache_file(const Environment& environment, std::string_view session) {
    std::string folder = expand_home(environment, variable(environment, "AWS_LOGIN_CACHE_DIRECTORY"));
    if (folder.empty()) {
        folder = variable(environment, "HOME") + "/.aws/login/cache";
    }
    return fmt::format("{}/{}.json", folder, aws::sha256_hex(session));
}

std::string advice(const std::string& profile) {
    return fmt::format("run `aws login --profile {}`", profile);
}

std::expected<JsonDocument, std::string> read_cache(const std::string& file) {
    auto bytes = read_secret_file(file, max_login_cache_bytes);
    return bytes ? parse_login_cache(*std::move(bytes)) : std::unexpected(std::move(bytes.error()));
}

/// CreateOAuth2Token of the sign-in service; gives the body of its answer.
std::expected<std::string, std::string> ask_for_fresh(Means& means, const JsonDocument& cache) {
    const auto settings = ClientSettings::load(means.environment, means.shared);
    if (!settings) {
        return std::unexpected(settings.error());
    }
    const std::string_view signed_in_at = cache.text("signInRegion").value_or("");
    const std::string region = signed_in_at.empty() ? settings->region : std::string(signed_in_at);
    if (region.empty()) {
        return std::unexpected("the region is not known: set AWS_REGION or `region` in the profile");
    }
    const auto url = operation_url(means, Service::signin, region, "v1/token");
    if (!url) {
        return std::unexpected(url.error());
    }
    const std::string written =
        fmt::format("{}://{}{}", url->tls ? "https" : "http", net::host_header(url->endpoint), url->target);
    const auto proof = dpop_proof(cache.text("dpopKey").value_or(""), written, means.clock.wall());
    if (!proof) {
        return std::unexpected(proof.error());
    }
    JsonDocument question;
    question.set_text("clientId", cache.text("clientId").value_or(""));
    question.set_text("refreshToken", cache.text("refreshToken").value_or(""));
    question.set_text("grantType", "refresh_token");
    auto answer = exchange_token(
        means,
        {.url = *url,
         .question = question,
         .proof = *proof,
         .ca_bundle = settings->ca_bundle,
         .max_answer_bytes = max_login_cache_bytes}
    );
    if (!answer) {
        return std::unexpected("the sign-in service " + answer.error());
    }
    return answer;
}

/// Fresh credentials, which are in the file then, too.
std::expected<aws::Credentials, std::string> refresh(Means& means, JsonDocument cache, const std::string& file) {
    auto body = ask_for_fresh(means, cache);
    if (!body) {
        return std::unexpected(std::move(body.error()));
    }
    if (auto applied = apply_login_answer(*body, cache, means.clock.wall()); !applied) {
        return std::unexpected("the sign-in service answered with " + applied.error());
    }
    const auto written = replace_secret_file(file, cache.to_json());
    means.trace.add(
        source,
        Step::Outcome::noted,
        written ? std::string("refreshed") : "refreshed, but the cache cannot be written: " + written.error()
    );
    return login_credentials(cache);
}

/// Those of the file where another process has exchanged the refresh token in the meantime, else these.
aws::Credentials newer_of(aws::Credentials credentials, const std::string& file) {
    const auto cache = read_cache(file);
    auto kept = cache ? login_credentials(*cache) : std::unexpected(cache.error());
    return kept && kept->expires_at > credentials.expires_at ? *std::move(kept) : std::move(credentials);
}

}  // namespace

std::expected<JsonDocument, std::string> parse_login_cache(Secret bytes) {
    auto document = JsonDocument::parse(std::move(bytes), max_login_cache_bytes);
    if (!document) {
        return std::unexpected(std::move(document.error()));
    }
    for (const std::string_view name : needed_to_refresh) {
        if (document->text(name).value_or("").empty()) {
            return std::unexpected(fmt::format("without {}", name));
        }
    }
    if (const auto credentials = login_credentials(*document); !credentials) {
        return std::unexpected("with " + credentials.error());
    }
    return document;
}

std::expected<aws::Credentials, std::string> login_credentials(const JsonDocument& cache) {
    return aws::check_keys(
        {.access_key_id = cache.text(parent, "accessKeyId"),
         .secret_access_key = cache.text(parent, "secretAccessKey"),
         .session_token = cache.text(parent, "sessionToken"),
         .expiration = cache.text(parent, "expiresAt")},
        aws::Completeness::temporary
    );
}

std::expected<void, std::string> apply_login_answer(std::string& body, JsonDocument& cache, WallTime now) {
    Secret bytes(body);
    wipe(body);
    const auto answer = JsonDocument::parse(std::move(bytes), max_login_cache_bytes);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    const auto lifetime = answer->integer("expiresIn");
    const auto next = answer->text("refreshToken");
    if (!lifetime || *lifetime <= 0 || *lifetime > max_lifetime_seconds || next.value_or("").empty()) {
        return std::unexpected("an answer that is not of the documented form");
    }
    const std::string end = aws::format_timestamp(now + std::chrono::seconds(*lifetime));
    const aws::KeyTexts texts{
        .access_key_id = answer->text(parent, "accessKeyId"),
        .secret_access_key = answer->text(parent, "secretAccessKey"),
        .session_token = answer->text(parent, "sessionToken"),
        .expiration = end
    };
    if (const auto checked = aws::check_keys(texts, aws::Completeness::temporary); !checked) {
        return std::unexpected(checked.error());
    }
    cache.set_text(parent, "accessKeyId", *texts.access_key_id);
    cache.set_text(parent, "secretAccessKey", *texts.secret_access_key);
    cache.set_text(parent, "sessionToken", *texts.session_token);
    cache.set_text(parent, "expiresAt", end);
    cache.set_text("refreshToken", *next);
    return {};
}

Found from_login(Means& means, const std::string& profile) {
    const auto session = means.shared.find(profile, "login_session");
    if (!session) {
        return std::nullopt;
    }
    const std::string file = cache_file(means.environment, session->text);
    auto cache = read_cache(file);
    if (!cache) {
        return failed(
            fmt::format("the cached console sign-in cannot be used: {}: {}", file, cache.error()), advice(profile)
        );
    }
    auto credentials = login_credentials(*cache);
    if (credentials && *credentials->expires_at - means.clock.wall() <= refresh_before) {
        if (auto fresh = refresh(means, *std::move(cache), file)) {
            credentials = std::move(fresh);
        } else {
            const std::string why = "the console sign-in could not be refreshed: " + fresh.error();
            credentials = newer_of(*std::move(credentials), file);
            if (*credentials->expires_at <= means.clock.wall()) {
                return failed(why, advice(profile));
            }
            means.trace.add(source, Step::Outcome::noted, why);
        }
    }
    if (!credentials) {
        return failed("the console sign-in has " + credentials.error(), advice(profile));
    }
    credentials->source = fmt::format("profile {} (console sign-in)", profile);
    return *std::move(credentials);
}

}  // namespace arngate::credentials
