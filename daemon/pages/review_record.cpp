#include "daemon/pages/review_record.hpp"

#include "core/base/log.hpp"
#include "core/review/encode.hpp"

#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <span>

namespace arngate::pages {
namespace {

/// The most fields that a line of a review has, so that a line allocates none.
constexpr std::size_t most_fields = 12;
using Fields = boost::container::static_vector<log::Field, most_fields>;

Fields request_fields(const ReviewRecord& record) {
    Fields fields;
    fields.emplace_back("client", record.client);
    fields.emplace_back("method", record.method);
    fields.emplace_back("path", record.path);
    return fields;
}

// A line's fields are sorted by their keys. Those of the two frequent lines are given so, which spares the sorting.

/// "label: what happened". What mappings and STS have to say may name an ARN, so of a scrubbed account it is left out.
std::string describe_error(const ReviewRecord& record) {
    const ReasonInfo& row = info(record.reason);
    const bool tell_detail = !record.detail.empty() && !record.scrubbed;
    std::string text(row.label);
    text += ": ";
    text += tell_detail ? std::string_view(record.detail) : row.summary;
    return text;
}

void log_sts_response(const ReviewRecord& record) {
    const auto& identity = *record.identity;
    Fields fields;
    fields.emplace_back("accesskeyid", identity.access_key_id);
    fields.emplace_back("accountid", identity.account_id);
    fields.emplace_back("arn", identity.arn);
    fields.emplace_back("client", record.client);
    fields.emplace_back("method", record.method);
    fields.emplace_back("path", record.path);
    fields.emplace_back("session", identity.session_name);
    fields.emplace_back("stsendpoint", identity.sts_host);
    fields.emplace_back("userid", identity.user_id);
    log::write(log::Level::info, "STS response", std::span<const log::Field>(fields));
}

void log_granted(const ReviewRecord& record, double seconds) {
    const auto& identity = *record.identity;
    const std::string uid = review::user_uid(identity, record.user.username, record.scrubbed);
    const bool is_stale = record.proven_by == auth::ProvenBy::stale;
    Fields fields;
    if (!record.scrubbed) {
        fields.emplace_back("arn", identity.canonical_arn);
    }
    fields.emplace_back("cache", is_stale || record.proven_by == auth::ProvenBy::cache);
    fields.emplace_back("client", record.client);
    fields.emplace_back("duration", seconds);
    fields.emplace_back("groups", std::span<const std::string>(record.user.groups));
    fields.emplace_back("method", record.method);
    fields.emplace_back("path", record.path);
    if (is_stale) {
        fields.emplace_back("stale", true);
    }
    fields.emplace_back("stsendpoint", identity.sts_host);
    fields.emplace_back("uid", uid);
    fields.emplace_back("username", record.user.username);
    log::write(log::Level::info, "access granted", std::span<const log::Field>(fields));
}

void log_break_glass(const ReviewRecord& record) {
    Fields fields = request_fields(record);
    fields.emplace_back("username", record.user.username);
    if (!record.scrubbed) {
        fields.emplace_back("arn", record.identity->canonical_arn);
    }
    log::write(log::Level::warning, "access granted by the break-glass file", std::span<const log::Field>(fields));
}

void log_refused(const ReviewRecord& record, double seconds) {
    if (record.wrong_method) {
        log::write(log::Level::error, "unexpected request method", request_fields(record));
        return;
    }
    const bool malformed = info(record.reason).answer == AnswerKind::malformed;
    // Tokens of another kind come here on every cluster that knows more than one: nothing is wrong with that.
    const log::Level denied = record.reason == Reason::bad_prefix ? log::Level::debug : log::Level::warning;
    const log::Level level = malformed ? log::Level::error : denied;
    if (!log::enabled(level)) {
        return;
    }
    const std::string error = describe_error(record);
    Fields fields = request_fields(record);
    fields.emplace_back("error", error);
    fields.emplace_back("reason", label(record.reason));
    if (record.identity != nullptr && !record.scrubbed) {
        fields.emplace_back("arn", record.identity->canonical_arn);
    }
    fields.emplace_back("duration", seconds);
    log::write(level, malformed ? "could not parse request body" : "access denied", fields);
}

}  // namespace

void log_review(const ReviewRecord& record, double seconds) {
    const bool tell_identity = log::enabled(log::Level::info) && record.identity != nullptr;
    if (tell_identity && record.proven_by == auth::ProvenBy::sts && !record.scrubbed) {
        log_sts_response(record);
    }
    if (record.reason != Reason::none) {
        log_refused(record, seconds);
        return;
    }
    if (tell_identity) {
        log_granted(record, seconds);
    }
    if (record.user.break_glass && record.identity != nullptr) {
        log_break_glass(record);
    }
}

}  // namespace arngate::pages
