#include "core/credentials/login_source.hpp"

#include "core/aws/sigv4.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/dpop.hpp"
#include "core/credentials/keys.hpp"
#include "core/credentials/secret_file.hpp"
#include "core/credentials/timestamp.hpp"
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
constexpr std::chrono::milliseconds limit{5'000};
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

/// What CreateOAuth2Token is asked.
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
    const auto endpoint = service_endpoint(means.environment, means.shared, Service::signin, region);
    if (!endpoint) {
        return std::unexpected(endpoint.error());
    }
    std::string target = endpoint->target;
    target += target.ends_with('/') ? "v1/token" : "/v1/token";
    const std::string url =
        fmt::format("{}://{}{}", endpoint->tls ? "https" : "http", net::host_header(endpoint->endpoint), target);
    const auto proof = dpop_proof(cache.text("dpopKey").value_or(""), url, means.clock.wall());
    if (!proof) {
        return std::unexpected(proof.error());
    }
    JsonDocument question;
    question.set_text("clientId", cache.text("clientId").value_or(""));
    question.set_text("refreshToken", cache.text("refreshToken").value_or(""));
    question.set_text("grantType", "refresh_token");
    const Secret body = question.to_json();
    const auto make = [&] {
        HttpCall one;
        one.tls = endpoint->tls;
        one.endpoint = endpoint->endpoint;
        one.request.method = "POST";
        one.request.target = Secret(target);
        one.request.headers.emplace_back("Content-Type", "application/json");
        one.request.headers.emplace_back("DPoP", *proof);
        one.request.body = std::string(body.expose());
        one.max_body_bytes = max_login_cache_bytes;
        one.limit = limit;
        one.ca_bundle = settings->ca_bundle;
        return one;
    };
    // Not repeated: the refresh token is good for one exchange.
    auto answer = call(means, make, 1);
    if (!answer) {
        return std::unexpected("the sign-in service gave no answer: " + answer.error().what);
    }
    if (constexpr int ok = 200; answer->status != ok) {
        wipe(answer->body);
        return std::unexpected(fmt::format("the sign-in service answered with status {}", answer->status));
    }
    return std::move(answer->body);
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
    return check_keys(
        {.access_key_id = cache.text(parent, "accessKeyId"),
         .secret_access_key = cache.text(parent, "secretAccessKey"),
         .session_token = cache.text(parent, "sessionToken"),
         .expiration = cache.text(parent, "expiresAt")},
        Completeness::temporary
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
    const std::string end = format_timestamp(now + std::chrono::seconds(*lifetime));
    const KeyTexts texts{
        .access_key_id = answer->text(parent, "accessKeyId"),
        .secret_access_key = answer->text(parent, "secretAccessKey"),
        .session_token = answer->text(parent, "sessionToken"),
        .expiration = end
    };
    if (const auto checked = check_keys(texts, Completeness::temporary); !checked) {
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
    auto bytes = read_secret_file(file, max_login_cache_bytes);
    if (!bytes) {
        return failed(fmt::format("there is no console sign-in: {}: {}", file, bytes.error()), advice(profile));
    }
    auto cache = parse_login_cache(*std::move(bytes));
    if (!cache) {
        return failed(
            fmt::format("the cached console sign-in cannot be used: {}: {}", file, cache.error()), advice(profile)
        );
    }
    auto credentials = login_credentials(*cache);
    const WallTime now = means.clock.wall();
    if (credentials && *credentials->expires_at - now <= refresh_before) {
        auto body = ask_for_fresh(means, *cache);
        if (!body) {
            return failed("the console sign-in could not be refreshed: " + body.error(), advice(profile));
        }
        if (auto applied = apply_login_answer(*body, *cache, now); !applied) {
            return failed("the sign-in service answered with " + applied.error(), advice(profile));
        }
        const auto written = replace_secret_file(file, cache->to_json());
        means.trace.add(
            source,
            Step::Outcome::noted,
            written ? std::string("refreshed") : "refreshed, but the cache cannot be written: " + written.error()
        );
        credentials = login_credentials(*cache);
    }
    if (!credentials) {
        return failed("the console sign-in has " + credentials.error(), advice(profile));
    }
    credentials->source = fmt::format("profile {} (console sign-in)", profile);
    return *std::move(credentials);
}

}  // namespace arngate::credentials
