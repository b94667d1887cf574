#include "core/review/encode.hpp"

#include "core/base/json_text.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace arngate::review {
namespace {

constexpr std::string_view uid_prefix = "aws-iam-authenticator:";
constexpr std::string_view scrubbed_uid_part = "administrative:";
constexpr std::string_view malformed_text = "expected a request body to be a TokenReview\n";
constexpr unsigned retry_after_seconds = 1;
constexpr std::size_t usual_answer_bytes = 768;  // of a grant; growing piece by piece would cost as much as writing it

/// Everything before the value of "status". Key order is that of the Kubernetes types.
void open_review(std::string& out, const AnswerStyle& style, ApiVersion version) {
    out += '{';
    if (style.echo_version && version != ApiVersion::none) {
        out += R"("kind":"TokenReview","apiVersion":")";
        out += to_string(version);
        out += R"(",)";
    }
    out += R"("metadata":{},"spec":{},"status":)";
}

void append_uid(std::string& out, const sts::CallerIdentity& identity, std::string_view username, bool scrubbed) {
    out += '"';
    out += uid_prefix;
    if (scrubbed) {
        out += scrubbed_uid_part;
        append_json_text(out, username);
    } else {
        append_json_text(out, identity.account_id);
        out += ':';
        append_json_text(out, identity.user_id);
    }
    out += '"';
}

void append_groups(std::string& out, const std::vector<std::string>& groups) {
    if (groups.empty()) {
        return;
    }
    out += R"(,"groups":)";
    char before = '[';
    for (const std::string& group : groups) {
        out += std::exchange(before, ',');
        append_json_string(out, group);
    }
    out += ']';
}

void append_extra(std::string& out, const sts::CallerIdentity& identity) {
    out += R"(,"extra":{"accessKeyId":[)";
    append_json_string(out, identity.access_key_id);
    out += R"(],"arn":[)";
    append_json_string(out, identity.arn);
    out += R"(],"canonicalArn":[)";
    append_json_string(out, identity.canonical_arn);
    out += R"(],"principalId":[)";
    append_json_string(out, identity.user_id);
    out += R"(],"sessionName":[)";
    append_json_string(out, identity.session_name);
    out += R"(],"sigs.k8s.io/aws-iam-authenticator/principalId":[)";
    append_json_string(out, identity.user_id);
    out += "]}";
}

/// The head of a refusal as the Go server gives it, which knows no more than these.
AnswerHead forbidden_head(AnswerKind kind) {
    AnswerHead head;
    head.status = kind == AnswerKind::throttled ? 429 : 403;
    return head;
}

AnswerHead plain_head(AnswerKind kind) {
    AnswerHead head;
    switch (kind) {
        case AnswerKind::granted:  // a review without a verdict is not one that was granted
        case AnswerKind::failed:
            head.status = 500;
            break;
        case AnswerKind::malformed:
            head.status = 400;
            break;
        case AnswerKind::denied:
        case AnswerKind::denied_fixable:
            head.status = 200;
            break;
        case AnswerKind::throttled:
            head.status = 429;
            head.retry_after_seconds = retry_after_seconds;
            break;
        case AnswerKind::unavailable:
            head.status = 503;
            head.retry_after_seconds = retry_after_seconds;
            break;
    }
    return head;
}

}  // namespace

std::string user_uid(const sts::CallerIdentity& identity, std::string_view username, bool scrubbed) {
    std::string uid(uid_prefix);
    if (scrubbed) {
        uid += scrubbed_uid_part;
        uid += username;
    } else {
        uid += identity.account_id;
        uid += ':';
        uid += identity.user_id;
    }
    return uid;
}

AnswerHead encode_granted(
    std::string& out,
    const AnswerStyle& style,
    ApiVersion version,
    const mapping::KubernetesUser& user,
    const sts::CallerIdentity& identity,
    bool scrubbed
) {
    out.reserve(out.size() + usual_answer_bytes);
    open_review(out, style, version);
    out += R"({"authenticated":true,"user":{"username":)";
    append_json_string(out, user.username);
    out += R"(,"uid":)";
    append_uid(out, identity, user.username, scrubbed);
    append_groups(out, user.groups);
    if (!scrubbed) {
        append_extra(out, identity);
    }
    out += "}}}\n";
    return {};
}

AnswerHead encode_refused(std::string& out, const AnswerStyle& style, ApiVersion version, Reason reason) {
    const ReasonInfo& row = info(reason);
    if (style.refusal == RefusalStatus::forbidden) {
        if (row.answer == AnswerKind::malformed) {
            out += malformed_text;
            return {.status = 400, .content_type = "text/plain; charset=utf-8"};
        }
        open_review(out, style, version);
        out += R"({"user":{}}})";
        return forbidden_head(row.answer);
    }
    open_review(out, style, version);
    out += R"({"authenticated":false,"user":{})";
    // kube-apiserver caches a refusal unless it carries an error; only what is final for the token may be cached.
    if (row.answer != AnswerKind::denied) {
        out += R"(,"error":")";
        append_json_text(out, row.label);
        out += ": ";
        append_json_text(out, row.summary);
        out += '"';
    }
    out += "}}\n";
    return plain_head(row.answer);
}

}  // namespace arngate::review
