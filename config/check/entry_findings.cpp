#include "config/check/entry_findings.hpp"

#include "config/check/problem_finding.hpp"
#include "config/problem.hpp"
#include "core/aws/arn.hpp"
#include "core/aws/identifiers.hpp"
#include "core/base/text.hpp"
#include "core/mapping/reserved_prefix.hpp"
#include "core/mapping/role_pattern.hpp"
#include "core/mapping/username_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

namespace arngate::config::check {
namespace {

using mapping::UsernameTemplate;
using Piece = UsernameTemplate::Piece;
using Mark = UsernameTemplate::Mark;

constexpr std::string_view system_prefix = "system:";
constexpr std::string_view node_prefix = "system:node:";

constexpr auto marks = std::to_array<std::string_view>(
    {"{{AccountID}}", "{{SessionName}}", "{{SessionNameRaw}}", "{{AccessKeyID}}", "{{EC2PrivateDNSName}}"}
);

/// Whoever assumes the role names the session. Account, key id and the name that EC2 gave are not the caller's choice.
bool is_callers(const Piece& piece) {
    return piece.mark == Mark::session_name || piece.mark == Mark::session_name_raw;
}

bool may_hold(Mark mark, char c) {
    switch (mark) {
        case Mark::account_id:
            return text::is_digit(c);
        case Mark::access_key_id:
            return text::is_digit(c) || (c >= 'A' && c <= 'Z');
        case Mark::ec2_private_dns_name:
            return text::is_alnum(c) || c == '-' || c == '.';
        case Mark::session_name:
            return text::is_alnum(c) || std::string_view("_+=,.-").contains(c);
        case Mark::session_name_raw:
            return text::is_alnum(c) || std::string_view("_+=,.@-").contains(c);
    }
    return true;
}

/// Whether some values of the marks make a text that begins with `system_prefix`.
bool may_begin_with_system(std::span<const Piece> pieces) {
    // reached[n]: the pieces so far may come out as exactly the first n characters of the prefix.
    std::array<bool, system_prefix.size() + 1> reached{true};
    for (const Piece& piece : pieces) {
        std::array<bool, system_prefix.size() + 1> next{};
        for (std::size_t n = 0; n < system_prefix.size(); ++n) {
            if (!reached[n])
                continue;
            const std::string_view rest = system_prefix.substr(n);
            if (!piece.mark) {
                const std::size_t common = std::min(piece.literal.size(), rest.size());
                if (piece.literal.substr(0, common) == rest.substr(0, common))
                    next[n + common] = true;
                continue;
            }
            for (std::size_t taken = 0; taken <= rest.size(); ++taken) {
                next[n + taken] = true;
                if (taken < rest.size() && !may_hold(*piece.mark, rest[taken]))
                    break;
            }
        }
        if (next.back())
            return true;
        reached = next;
    }
    return false;
}

bool has_caller_mark(std::span<const Piece> pieces) {
    return std::ranges::any_of(pieces, is_callers);
}

bool may_be_system_name(std::span<const Piece> pieces) {
    return has_caller_mark(pieces) && may_begin_with_system(pieces);
}

/// "system:" with other letter case, or with blanks in it.
bool has_odd_system_prefix(std::string_view name) {
    std::string squeezed;
    for (const char c : name) {
        if (c != ' ' && c != '\t')
            squeezed += text::ascii_lower(c);
        if (squeezed.size() == system_prefix.size())
            break;
    }
    return squeezed == system_prefix && !name.starts_with(system_prefix);
}

bool has_blank_or_control(std::string_view name) {
    return std::ranges::any_of(name, [](char c) { return c == ' ' || text::is_control(c); });
}

/// Looks at one entry after the other.
class Finder {
public:
    Finder(const mapping::SourceRules& source, const EntryContext& context, std::vector<Finding>& findings)
        : source_(source), context_(context), findings_(findings) {}

    void look_at(const mapping::Rule& rule) {
        rule_ = &rule;
        look_at_arn();
        look_at_pattern();
        look_at_username();
        for (const std::string& group : rule.groups)
            look_at_group(group);
        look_at_node();
    }

private:
    void add(std::string_view id, std::string message) {
        const mapping::Origin& origin = rule_->origin;
        findings_.push_back(make_finding(id, origin.file, {origin.line, origin.column}, std::move(message)));
    }

    [[nodiscard]] bool gives(std::string_view group) const {
        return std::ranges::find(rule_->groups, group) != rule_->groups.end();
    }

    void look_at_arn() {
        if (rule_->arn.empty())
            return;
        const auto arn = aws::canonicalize(text::to_lower(rule_->arn));
        if (!arn)
            return;  // a reader or the table has named it
        if (arn->kind == aws::PrincipalKind::assumed_role && source_.match == mapping::MatchBy::canonical_arn)
            add("assumed-role-arn", "the ARN of a session counts as its role, whatever the session");
        look_at_partition(arn->partition);
        if (!aws::is_account_id(arn->account)) {
            add("account-id",
                fmt::format("the account of the ARN is {}, not 12 digits: it matches nobody", quote(arn->account)));
        }
        if (!context_.strip_role_paths && source_.match != mapping::MatchBy::user_id) {
            const auto stripped = aws::strip_role_path(arn->text);
            if (stripped && *stripped != arn->text)
                add("role-path", "the ARN names the role's path, which STS never reports: it matches nobody");
        }
    }

    void look_at_partition(std::string_view partition) {
        if (!context_.partition.empty() && partition != context_.partition) {
            add("other-partition",
                fmt::format(
                    "the entry is for partition {}, the server's is {}", quote(partition), quote(context_.partition)
                ));
        }
    }

    void look_at_pattern() {
        constexpr std::string_view role = ":role/";
        constexpr std::string_view sso_prefix = "awsreservedsso_";
        if (!rule_->sso.empty()) {
            look_at_partition(rule_->sso.front().partition);
            return;
        }
        const std::string pattern = text::to_lower(rule_->arn_like);
        const std::size_t at = pattern.find(role);
        if (at == std::string::npos)
            return;
        look_at_partition(text::split(pattern, ':').at(1));
        const std::string_view name = std::string_view(pattern).substr(at + role.size());
        const std::string_view literal = name.substr(0, name.find_first_of("*?"));
        if (literal == sso_prefix) {
            add("broad-pattern", "the pattern matches every permission set of the account");
        } else if (literal.starts_with(sso_prefix) && !literal.ends_with('_')) {
            add("broad-pattern", "the pattern also matches permission sets whose names are longer");
        } else if (literal.size() == mapping::RolePattern::min_literal) {
            add("broad-pattern",
                fmt::format("only {} characters stand before the first wildcard", mapping::RolePattern::min_literal));
        }
        if (gives("system:masters"))
            add("broad-pattern", "every role that is ever named so gets system:masters");
    }

    void look_at_username() {
        const std::string& username = rule_->username;
        if (username.empty()) {
            if (source_.source != "MountedFile")  // whose reader says it
                add("no-username", "the entry has no username: identities that it matches are refused");
            return;
        }
        const UsernameTemplate parsed(username);
        const auto pieces = parsed.pieces();
        look_at_name("username", username, pieces);
        if (may_be_system_name(pieces)) {
            add("caller-chosen-system-name",
                fmt::format("the caller has a say in the username {}, which may begin with system:", quote(username)));
            // Fargate itself gives its sessions the names of their nodes.
            if (username == "system:node:{{SessionName}}" && gives("system:node-proxier"))
                findings_.back().severity = Severity::warning;
        } else if (pieces.size() == 1 && is_callers(pieces.front())) {
            add("caller-chosen-name", "the username is the session name: the caller may take another user's");
        }
        if (!pieces.empty() && !pieces.front().mark &&
            mapping::has_reserved_prefix(pieces.front().literal, source_.reserved_prefixes)) {
            add("reserved-prefix",
                fmt::format("the username {} has a prefix that is reserved in {}", quote(username), source_.source));
        }
    }

    void look_at_group(const std::string& group) {
        const UsernameTemplate parsed(group);
        const auto pieces = parsed.pieces();
        look_at_name("group", group, pieces);
        if (may_be_system_name(pieces)) {
            add("caller-chosen-system-name",
                fmt::format("the caller has a say in the group {}, which may begin with system:", quote(group)));
        } else if (has_caller_mark(pieces)) {
            add("caller-chosen-group", fmt::format("the caller has a say in the group {}", quote(group)));
        } else if (group == "system:masters") {
            add("system-masters", "the entry gives system:masters");
        }
    }

    void look_at_name(std::string_view what, const std::string& name, std::span<const Piece> pieces) {
        if (has_odd_system_prefix(name)) {
            add("odd-name", fmt::format("the {} {} is not one of system:", what, quote(name)));
        } else if (name.empty()) {
            add("odd-name", fmt::format("a {} is empty", what));
        } else if (has_blank_or_control(name)) {
            add("odd-name", fmt::format("the {} {} holds a blank or a control character", what, quote(name)));
        }
        const bool has_braces =
            std::ranges::any_of(pieces, [](const Piece& piece) { return piece.literal.contains("{{"); });
        if (!has_braces)
            return;
        std::string squeezed;
        std::ranges::remove_copy_if(name, std::back_inserter(squeezed), [](char c) { return c == ' ' || c == '.'; });
        squeezed = text::to_lower(squeezed);
        const auto* near = std::ranges::find_if(marks, [&](std::string_view mark) {
            return squeezed.contains(text::to_lower(mark)) && !name.contains(mark);
        });
        add("unknown-template",
            fmt::format(
                "the {} {} has braces that are no template{}",
                what,
                quote(name),
                near == marks.end() ? std::string() : fmt::format("; did you mean {}?", *near)
            ));
    }

    /// The node authorizer and the bootstrap rules of Kubernetes go by these names.
    void look_at_node() {
        constexpr auto wanted = std::to_array<std::string_view>({"system:bootstrappers", "system:nodes"});
        const bool is_node = rule_->username.starts_with(node_prefix);
        if (is_node) {
            for (const std::string_view group : wanted) {
                if (!gives(group))
                    add("node-groups", fmt::format("the entry has a node's username, and not the group {}", group));
            }
        } else if (gives("system:nodes")) {
            add("node-groups", "the entry gives system:nodes, and its username is not a node's");
        }
    }

    const mapping::SourceRules& source_;
    const EntryContext& context_;
    std::vector<Finding>& findings_;
    const mapping::Rule* rule_ = nullptr;
};

}  // namespace

bool lets_caller_choose_system_name(std::string_view text) {
    const UsernameTemplate parsed(text);
    return may_be_system_name(parsed.pieces());
}

void find_in_entries(const mapping::SourceRules& source, const EntryContext& context, std::vector<Finding>& findings) {
    Finder finder(source, context, findings);
    for (const auto* list : {&source.roles, &source.users}) {
        for (const mapping::Rule& rule : *list)
            finder.look_at(rule);
    }
}

}  // namespace arngate::config::check
