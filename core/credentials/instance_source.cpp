#include "core/credentials/instance_source.hpp"

#include "core/aws/keys.hpp"
#include "core/base/text.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/metadata_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view source = "instance metadata";
constexpr std::string_view roles_path = "iam/security-credentials/";
constexpr std::size_t max_roles_bytes = 1024;
/// The session token, and as much again for all else.
constexpr std::size_t max_document_bytes = 2 * aws::max_session_token_bytes;
/// Of the IAM API reference.
constexpr std::size_t max_role_name_bytes = 64;
constexpr std::string_view role_name_signs = "+=,.@_-";

/// Such a name needs no escapes in a path.
bool is_role_name(std::string_view text) {
    // "." and ".." are names of the alphabet that would lead elsewhere.
    return !text.empty() && text.size() <= max_role_name_bytes && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char c) { return text::is_alnum(c) || role_name_signs.contains(c); });
}

std::expected<aws::Credentials, std::string> ask(Means& means, const MetadataSettings& settings) {
    const auto attempt = [&](const std::function<HttpCall()>& make) { return call(means, make, settings.attempts); };
    const auto session = MetadataSession::open(
        attempt, settings.endpoint, settings.timeout, settings.v1_disabled ? MetadataV1::forbidden : MetadataV1::allowed
    );
    if (!session) {
        return std::unexpected(session.error());
    }
    if (const auto& why = session->without_session()) {
        means.trace.add(
            source, Step::Outcome::noted, fmt::format("no session ({}): asking without one (IMDSv1)", *why)
        );
    }
    const auto roles = session->get(roles_path, max_roles_bytes);
    if (!roles) {
        return std::unexpected("no role: " + roles.error());
    }
    const std::string_view role = std::string_view(*roles).substr(0, roles->find('\n'));
    if (!is_role_name(role)) {
        return std::unexpected("a role that is no name of one");
    }
    auto body = session->get(std::string(roles_path).append(role), max_document_bytes);
    if (!body) {
        return std::unexpected("no credentials of the role: " + body.error());
    }
    return parse_instance_credentials(*body);
}

}  // namespace

std::expected<aws::Credentials, std::string> parse_instance_credentials(std::string& body) {
    Secret bytes(body);
    wipe(body);
    const auto document = JsonDocument::parse(std::move(bytes), max_document_bytes);
    if (!document) {
        return std::unexpected("credentials that are " + document.error());
    }
    if (document->text("Code") != "Success") {
        return std::unexpected("credentials that are not to be used, as their Code says");
    }
    auto credentials = aws::check_keys(
        {.access_key_id = document->text("AccessKeyId"),
         .secret_access_key = document->text("SecretAccessKey"),
         .session_token = document->text("Token"),
         .expiration = document->text("Expiration")},
        aws::Completeness::temporary
    );
    if (credentials) {
        credentials->source = source;
    }
    return credentials;
}

Found from_instance(Means& means) {
    const auto settings = MetadataSettings::load(means.environment, means.shared);
    if (!settings) {
        return failed(settings.error());
    }
    if (settings->disabled) {
        means.trace.add(source, Step::Outcome::passed, "not asked, as AWS_EC2_METADATA_DISABLED is true");
        return std::nullopt;
    }
    auto credentials = ask(means, *settings);
    if (!credentials) {
        means.trace.add(source, Step::Outcome::passed, std::move(credentials.error()));
        return std::nullopt;
    }
    return *std::move(credentials);
}

}  // namespace arngate::credentials
