#include "core/credentials/container_source.hpp"

#include "core/aws/keys.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/secret_file.hpp"

#include <boost/asio/ip/address.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr const char* relative_variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* full_variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* token_variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr const char* token_file_variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

constexpr std::string_view ecs_address = "169.254.170.2";
constexpr std::array<std::string_view, 3> eks_addresses{"169.254.170.23", "fd00:ec2::23", "localhost"};

constexpr std::size_t max_body_bytes = std::size_t{64} * 1024;
constexpr std::size_t max_token_bytes = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds limit{2'000};
constexpr unsigned attempts = 3;

/// An answer without TLS is believed only where nobody else can be in between.
bool is_trusted_without_tls(const std::string& host) {
    if (host == ecs_address || std::ranges::find(eks_addresses, host) != eks_addresses.end()) {
        return true;
    }
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    if (no_address) {
        return false;
    }
    return address.is_loopback() || address == boost::asio::ip::make_address(eks_addresses[1]);
}

std::expected<Url, Failure> service_url(const Environment& environment) {
    std::string relative = variable(environment, relative_variable);
    const bool is_relative = !relative.empty();
    if (is_relative && !relative.starts_with('/')) {
        return failed(fmt::format("{}: it does not begin with a slash", relative_variable));
    }
    auto url = Url::parse(
        is_relative ? fmt::format("http://{}{}", ecs_address, relative) : variable(environment, full_variable)
    );
    if (!url) {
        return failed(fmt::format("{}: {}", is_relative ? relative_variable : full_variable, url.error()));
    }
    if (!url->tls && !is_trusted_without_tls(url->endpoint.host)) {
        return failed(
            fmt::format("{}: without TLS only this machine and the container services are asked", full_variable),
            "give an https:// URI, or one of 127.0.0.0/8, [::1], localhost, 169.254.170.2, 169.254.170.23 and "
            "[fd00:ec2::23]"
        );
    }
    return *std::move(url);
}

/// Empty: none is configured.
std::expected<Secret, Failure> authorization(const Environment& environment) {
    Secret token;
    const char* place = token_file_variable;
    if (std::string file = variable(environment, token_file_variable); !file.empty()) {
        auto content = read_secret_file(expand_home(environment, file), max_token_bytes);
        if (!content) {
            return failed(fmt::format("{}: the file cannot be read: {}", token_file_variable, content.error()));
        }
        token = *std::move(content);
    } else {
        place = token_variable;
        std::string value = variable(environment, token_variable);
        token = Secret(value);
        wipe(value);
    }
    if (token.expose().find_first_of("\r\n") != std::string_view::npos) {
        return failed(fmt::format("{}: the token has an end of line in it", place), "remove it");
    }
    return token;
}

}  // namespace

std::expected<aws::Credentials, std::string> parse_container_credentials(std::string& body) {
    Secret bytes(body);
    wipe(body);
    const auto document = JsonDocument::parse(std::move(bytes), max_body_bytes);
    if (!document) {
        return std::unexpected(document.error());
    }
    return aws::check_keys(
        {.access_key_id = document->text("AccessKeyId"),
         .secret_access_key = document->text("SecretAccessKey"),
         .session_token = document->text("Token"),
         .expiration = document->text("Expiration")},
        aws::Completeness::temporary
    );
}

Found from_container(Means& means) {
    constexpr std::string_view source = "container service";
    if (variable(means.environment, relative_variable).empty() && variable(means.environment, full_variable).empty()) {
        means.trace.add(
            source, Step::Outcome::passed, fmt::format("{} and {} are not set", relative_variable, full_variable)
        );
        return std::nullopt;
    }
    const auto url = service_url(means.environment);
    if (!url) {
        return std::unexpected(url.error());
    }
    const auto settings = ClientSettings::load(means.environment, means.shared);
    if (!settings) {
        return failed(settings.error());
    }
    const auto token = authorization(means.environment);
    if (!token) {
        return std::unexpected(token.error());
    }
    const auto make = [&] {
        HttpCall request;
        request.tls = url->tls;
        request.endpoint = url->endpoint;
        request.request.target = Secret(url->target);
        request.request.headers.emplace_back("Accept", "application/json");
        request.request.authorization = Secret(token->expose());
        request.max_body_bytes = max_body_bytes;
        request.limit = limit;
        request.ca_bundle = settings->ca_bundle;
        return request;
    };
    auto answer = call(means, make, attempts);
    if (!answer) {
        return failed(
            fmt::format("the container service gave no credentials: {}", answer.error().what),
            "see whether the task has a role, or the pod an identity, and its agent runs"
        );
    }
    if (constexpr int ok = 200; answer->status != ok) {
        wipe(answer->body);
        return failed(
            fmt::format("the container service answered with status {}", answer->status),
            "see whether the task has a role, or the pod an identity"
        );
    }
    auto credentials = parse_container_credentials(answer->body);
    if (!credentials) {
        return failed(fmt::format("the container service answered with {}", credentials.error()));
    }
    credentials->source = source;
    return *std::move(credentials);
}

}  // namespace arngate::credentials
