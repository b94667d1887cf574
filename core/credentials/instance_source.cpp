#include "core/credentials/instance_source.hpp"

#include "core/base/text.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/keys.hpp"
#include "core/sts/temporary_credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr std::string_view source = "instance metadata";
constexpr std::string_view session_path = "/latest/api/token";
constexpr std::string_view roles_path = "/latest/meta-data/iam/security-credentials/";
constexpr std::size_t max_session_bytes = 1024;
constexpr std::size_t max_roles_bytes = 1024;
/// The session token, and as much again for all else.
constexpr std::size_t max_document_bytes = 2 * sts::max_session_token_bytes;
/// Of the IAM API reference.
constexpr std::size_t max_role_name_bytes = 64;
constexpr std::string_view role_name_signs = "+=,.@_-";

constexpr int ok = 200;
constexpr int bad_request = 400;

/// Such a name needs no escapes in a path.
bool is_role_name(std::string_view text) {
    // "." and ".." are names of the alphabet that would lead elsewhere.
    return !text.empty() && text.size() <= max_role_name_bytes && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char c) { return text::is_alnum(c) || role_name_signs.contains(c); });
}

/// What may stand in a header as it is.
bool is_session(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

class Questions {
public:
    Questions(Means& means, const MetadataSettings& settings) : means_(means), settings_(settings) {}

    /// Opens a session; the error says why nothing can be asked. After success there is one, or there need be none.
    [[nodiscard]] std::expected<void, std::string> open() {
        auto answer = ask("PUT", session_path, max_session_bytes);
        if (answer && answer->status == ok) {
            const bool good = is_session(answer->body);
            session_ = Secret(answer->body);
            wipe(answer->body);
            return good ? std::expected<void, std::string>()
                        : std::unexpected(std::string("a session that cannot be sent back"));
        }
        const std::string why = answer ? fmt::format("status {}", answer->status) : answer.error().what;
        // Where nobody is, or the request is wrong, asking in the old way is in vain. Silence may mean that the answer
        // to PUT died on its way into a container, as its hop limit is 1.
        const bool in_vain =
            answer ? answer->status == bad_request : answer.error().kind != CallFailure::Kind::no_answer;
        if (in_vain) {
            return std::unexpected("no session: " + why);
        }
        if (settings_.v1_disabled) {
            return std::unexpected(fmt::format("no session: {}, and IMDSv1 is disabled", why));
        }
        means_.trace.add(
            source, Step::Outcome::noted, fmt::format("no session ({}): asking without one (IMDSv1)", why)
        );
        return {};
    }

    /// The body of a 200 at this path.
    [[nodiscard]] std::expected<std::string, std::string> get(std::string_view path, std::size_t max_bytes) {
        auto answer = ask("GET", path, max_bytes);
        if (!answer) {
            return std::unexpected(std::move(answer.error().what));
        }
        if (answer->status != ok) {
            wipe(answer->body);
            return std::unexpected(fmt::format("status {}", answer->status));
        }
        return std::move(answer->body);
    }

private:
    std::expected<net::HttpResponse, CallFailure> ask(
        std::string_view method, std::string_view path, std::size_t max_bytes
    ) {
        const auto make = [&] {
            HttpCall request;
            request.tls = false;
            request.endpoint = settings_.endpoint;
            request.request.method = method;
            request.request.target = Secret(path);
            if (method == "PUT") {
                request.request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "60");
                request.request.body = "";
            } else if (!session_.empty()) {
                request.request.headers.emplace_back("X-aws-ec2-metadata-token", session_.expose());
            }
            request.max_body_bytes = max_bytes;
            request.limit = settings_.timeout;
            return request;
        };
        return call(means_, make, settings_.attempts);
    }

    Means& means_;
    const MetadataSettings& settings_;
    Secret session_;  ///< empty: IMDSv1
};

std::expected<aws::Credentials, std::string> ask(Means& means, const MetadataSettings& settings) {
    Questions questions(means, settings);
    if (auto opened = questions.open(); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    const auto roles = questions.get(roles_path, max_roles_bytes);
    if (!roles) {
        return std::unexpected("no role: " + roles.error());
    }
    const std::string_view role = std::string_view(*roles).substr(0, roles->find('\n'));
    if (!is_role_name(role)) {
        return std::unexpected("a role that is no name of one");
    }
    auto body = questions.get(std::string(roles_path).append(role), max_document_bytes);
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
    auto credentials = check_keys(
        {.access_key_id = document->text("AccessKeyId"),
         .secret_access_key = document->text("SecretAccessKey"),
         .session_token = document->text("Token"),
         .expiration = document->text("Expiration")},
        Completeness::temporary
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
