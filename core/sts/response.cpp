#include "core/sts/response.hpp"

#include "core/aws/identifiers.hpp"
#include "core/aws/query_error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace arngate::sts {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t max_body_bytes = 64UL * 1024;

std::unexpected<Error> bad_answer(std::string_view why) {
    return fail(Reason::sts_bad_answer, fmt::format("STS answered 200 with {}", why));
}

// One parser a thread: its buffers are kept, bounded by the largest body it takes.
std::optional<dom::element> parse_json(std::string_view body) {
    thread_local dom::parser parser(max_body_bytes + simdjson::SIMDJSON_PADDING);
    dom::element root;
    if (parser.parse(body.data(), body.size(), true).get(root) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    return root;
}

enum class Found : std::uint8_t { once, never, twice };

struct Member {
    Found found = Found::never;
    dom::element value;
};

// Names match as Go's encoding/json matches them, without regard to letter case; a name that occurs twice, in whatever
// spelling, is no answer, as readers differ in which one they take.
Member find_member(const dom::object& object, std::string_view name) {
    Member member;
    for (const auto& field : object) {
        if (text::iequals(field.key, name)) {
            if (member.found != Found::never) {
                member.found = Found::twice;
                return member;
            }
            member.found = Found::once;
            member.value = field.value;
        }
    }
    return member;
}

bool has_control_bytes(std::string_view text) {
    return std::ranges::any_of(text, text::is_control);
}

struct Fields {
    std::string_view account;
    std::string_view arn;
    std::string_view user_id;
};

Result<dom::object> object_in(const dom::object& outer, std::string_view name) {
    const Member member = find_member(outer, name);
    dom::object inner;
    if (member.found != Found::once || member.value.get_object().get(inner) != simdjson::SUCCESS) {
        return bad_answer(fmt::format("no {}", name));
    }
    return inner;
}

Result<std::string_view> text_in(const dom::object& object, std::string_view name) {
    const Member member = find_member(object, name);
    if (member.found == Found::never) {
        return std::string_view();
    }
    std::string_view value;
    if (member.found == Found::twice || member.value.get_string().get(value) != simdjson::SUCCESS) {
        return bad_answer(fmt::format("a malformed {}", name));
    }
    if (has_control_bytes(value)) {
        return bad_answer(fmt::format("control characters in {}", name));
    }
    return value;
}

Result<Fields> read_fields(const dom::element& root) {
    dom::object object;
    if (root.get_object().get(object) != simdjson::SUCCESS) {
        return bad_answer("something that is not a JSON object");
    }
    auto response = object_in(object, "GetCallerIdentityResponse");
    if (!response) {
        return std::unexpected(std::move(response.error()));
    }
    auto result = object_in(*response, "GetCallerIdentityResult");
    if (!result) {
        return std::unexpected(std::move(result.error()));
    }
    Fields fields;
    const std::array<std::pair<std::string_view, std::string_view*>, 3> wanted{
        {{"Account", &fields.account}, {"Arn", &fields.arn}, {"UserId", &fields.user_id}}
    };
    for (const auto& [name, out] : wanted) {
        auto value = text_in(*result, name);
        if (!value) {
            return std::unexpected(std::move(value.error()));
        }
        *out = *value;
    }
    return fields;
}

bool has_session(aws::PrincipalKind kind) {
    return kind == aws::PrincipalKind::role || kind == aws::PrincipalKind::assumed_role;
}

Result<CallerIdentity> identity_of(const Fields& fields, const ResponseRules& rules) {
    auto canonical = aws::canonicalize(fields.arn);
    if (!canonical) {
        return bad_answer(fmt::format("an ARN that cannot be used: {}", aws::describe(canonical.error())));
    }
    if (rules.require_partition && canonical->partition != rules.partition) {
        return bad_answer("an ARN of another partition than " + rules.partition);
    }
    if (rules.require_account && (!aws::is_account_id(fields.account) || fields.account != canonical->account)) {
        return bad_answer("an Account that is not the ARN's");
    }

    CallerIdentity identity;
    identity.kind = canonical->kind;
    identity.user_id = fields.user_id;
    if (has_session(canonical->kind)) {
        const auto colon = fields.user_id.find(':');
        if (colon == std::string_view::npos || fields.user_id.find(':', colon + 1) != std::string_view::npos) {
            return bad_answer("a role's UserId that is not of the form ID:session");
        }
        identity.user_id = fields.user_id.substr(0, colon);
        identity.session_name = fields.user_id.substr(colon + 1);
    }
    identity.arn = fields.arn;
    identity.account_id = fields.account;
    identity.mapping_key = text::to_lower(canonical->text);
    identity.canonical_arn = std::move(canonical->text);
    return identity;
}

/// The error code of an answer in a form that STS gives, empty if there is none to be shown; nothing for other bodies.
std::optional<std::string> error_code_of(std::string_view body) {
    std::string_view code;
    if (const auto root = parse_json(body)) {
        if ((*root)["Error"]["Code"].get_string().get(code) != simdjson::SUCCESS) {
            return std::nullopt;
        }
        return aws::looks_like_error_code(code) ? std::string(code) : std::string();
    }
    if (auto error = aws::parse_query_error(body)) {
        return std::move(error->code);
    }
    return std::nullopt;
}

/// `code` as of error_code_of.
Reason reason_of_refusal(int status, std::string_view body, const std::optional<std::string>& code) {
    // Where STS names a code, its message tells nothing: it may repeat what is in the token. In a body that is not of
    // STS's forms the word counts wherever it stands, as it does for the Go server.
    const std::string_view said = code ? std::string_view(*code) : body;
    if (said.contains("Throttling")) {
        return Reason::sts_throttled;
    }
    // 408 and 429 say "later", which a refusal that may be remembered must not be made of.
    if (status >= 500 || status == 408 || status == 429) {
        return Reason::sts_unavailable;
    }
    // Nothing below 400 is said by STS; a redirect comes from something in between.
    return status >= 400 ? Reason::sts_denied : Reason::sts_bad_answer;
}

}  // namespace

Result<CallerIdentity> parse_response(int status, std::string_view body, const ResponseRules& rules) {
    if (body.size() > max_body_bytes) {
        return fail(Reason::sts_bad_answer, fmt::format("STS answered {} with too large a body", status));
    }
    if (status != 200) {
        const auto code = error_code_of(body);
        return fail(
            reason_of_refusal(status, body, code),
            code.value_or("").empty() ? fmt::format("STS answered {}", status)
                                      : fmt::format("STS answered {} ({})", status, *code)
        );
    }
    const auto root = parse_json(body);
    if (!root) {
        return bad_answer("a body that is not JSON");
    }
    auto fields = read_fields(*root);
    if (!fields) {
        return std::unexpected(std::move(fields.error()));
    }
    return identity_of(*fields, rules);
}

}  // namespace arngate::sts
