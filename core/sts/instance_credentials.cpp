#include "core/sts/instance_credentials.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/net/instance_metadata.hpp"
#include "core/sts/temporary_credentials.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

namespace arngate::sts {

namespace dom = simdjson::dom;

namespace {

constexpr std::string_view roles_path = "iam/security-credentials/";
constexpr std::size_t max_roles_bytes = 1024;
/// The session token, and as much again for all else.
constexpr std::size_t max_document_bytes = 2 * max_session_token_bytes;
/// Of the IAM API reference.
constexpr std::size_t max_role_name_bytes = 64;
constexpr std::string_view role_name_signs = "+=,.@_-";

enum Field : std::size_t { code, access_key_id, secret_access_key, token, expiration, field_count };
constexpr std::array<std::string_view, field_count> names{
    "Code", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"
};

/// Views into the parser's own strings, which are wiped.
struct Fields {
    Fields() = default;
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;
    ~Fields() {
        for (const std::string_view value : values) {
            // The parser's buffer is writable; it only hands out views.
            wipe(const_cast<char*>(value.data()), value.size());
        }
    }
    std::array<std::string_view, field_count> values;
};

/// False: one of the fields is missing, no text or there twice.
bool read_fields(const dom::object& object, Fields& fields) {
    std::array<bool, field_count> given{};
    for (const auto& [key, value] : object) {
        const auto found = std::ranges::find(names, key);
        if (found == names.end()) {
            continue;
        }
        const auto index = static_cast<std::size_t>(found - names.begin());
        if (std::exchange(given[index], true) || value.get_string().get(fields.values[index]) != simdjson::SUCCESS) {
            return false;
        }
    }
    return std::ranges::all_of(given, std::identity{});
}

/// Such a name needs no escapes in a path.
bool is_role_name(std::string_view text) {
    // "." and ".." are names of the alphabet that would lead elsewhere.
    return !text.empty() && text.size() <= max_role_name_bytes && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char c) { return text::is_alnum(c) || role_name_signs.contains(c); });
}

}  // namespace

std::expected<aws::Credentials, std::string> parse_instance_credentials(std::string& body) {
    const std::size_t size = body.size();
    // The parser reads past the end, and makes a copy that nobody wipes when there is no room.
    std::string padded;
    padded.reserve(size + simdjson::SIMDJSON_PADDING);
    padded.append(body);
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    wipe(body);
    dom::parser parser(max_document_bytes + simdjson::SIMDJSON_PADDING);
    dom::object object;
    const auto parsed = parser.parse(padded.data(), size, false).get_object().get(object);
    wipe(padded);
    if (parsed != simdjson::SUCCESS) {
        return std::unexpected("credentials that are no JSON object");
    }
    Fields fields;
    if (!read_fields(object, fields)) {
        return std::unexpected("credentials that are not of the documented form");
    }
    if (fields.values[code] != "Success") {
        return std::unexpected("credentials that are not to be used, as their Code says");
    }
    auto credentials = check_temporary_credentials(
        {.access_key_id = fields.values[access_key_id],
         .secret_access_key = fields.values[secret_access_key],
         .session_token = fields.values[token],
         .expiration = fields.values[expiration]}
    );
    if (credentials) {
        credentials->source = "instance metadata";
    }
    return credentials;
}

std::expected<aws::Credentials, std::string> ask_instance_credentials(
    const boost::asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit
) {
    const auto session = net::MetadataSession::open(service, limit);
    if (!session) {
        return std::unexpected(session.error());
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

bool InstanceCredentials::is_good_for(std::chrono::seconds span) const {
    return current_ != nullptr && current_->expires_at && clock_.wall() + span < *current_->expires_at;
}

void InstanceCredentials::ask() {
    asked_at_ = clock_.steady();
    auto asked = ask_();
    if (asked) {
        current_ = std::make_shared<const aws::Credentials>(std::move(*asked));
        failure_.clear();
        refused_ = false;
        return;
    }
    failure_ = std::move(asked.error());
    if (is_good_for(options_.never_given_after)) {
        log::warning("the instance metadata gave no fresh credentials yet", {{"error", failure_}});
    }
}

std::expected<std::shared_ptr<const aws::Credentials>, std::string> InstanceCredentials::get() {
    const bool may_ask = !asked_at_ || clock_.steady() >= *asked_at_ + options_.ask_again;
    if (may_ask && (refused_ || !is_good_for(options_.refresh_before))) {
        ask();
    }
    if (is_good_for(options_.never_given_after)) {
        return current_;
    }
    return std::unexpected(failure_.empty() ? std::string("credentials that end too soon") : failure_);
}

}  // namespace arngate::sts
