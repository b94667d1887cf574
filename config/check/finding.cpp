#include "config/check/finding.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

namespace arngate::config::check {
namespace {

using enum Severity;

constexpr auto table = std::to_array<RuleInfo>({
    {"account-id",
     error,
     "An account id that is not 12 digits, or lost a leading zero to YAML",
     "Write all 12 digits, in quotes: YAML reads 012345678901 as a number."},
    {"assumed-role-arn",
     warning,
     "The ARN of an assumed role's session",
     "Name the role itself: arn:aws:iam::<account>:role/<name>. A mapping cannot ask for one session."},
    {"broad-pattern",
     warning,
     "A pattern that matches more roles than it seems to",
     "Spell out more of the name, or list the roles; for permission sets use sso."},
    {"caller-chosen-group",
     warning,
     "A group that the caller has a say in",
     "Write the group out: whoever may assume the role chooses the session name."},
    {"caller-chosen-name",
     warning,
     "A username that the caller chooses as a whole",
     "Put a beginning before it that no other user has, such as dev:{{SessionName}}."},
    {"caller-chosen-system-name",
     error,
     "A system: name that the caller has a say in",
     "Kubernetes gives rights to names that begin with system:. Let no part of one come from the session name."},
    {"config-map-value",
     error,
     "A value of a ConfigMap that is not text",
     "Write mapRoles: | and the list below it, indented."},
    {"doubtful-value", warning, "A value that may not mean what it looks like", "See the message."},
    {"duplicate",
     error,
     "Two entries for the same identity",
     "Delete one of the two; only the later one is used, or neither."},
    {"duplicate-key", error, "A key twice in one map", "Delete one of the two; letter case does not matter."},
    {"invalid-arn",
     error,
     "An ARN or pattern that is none",
     "Write it as IAM prints it: arn:aws:iam::123456789012:role/Name."},
    {"invalid-value", error, "A value that a key does not take", "See the message and docs/configuration.md."},
    {"no-entries",
     warning,
     "A mapping without any entry",
     "If it is meant so, ignore this rule; else the document lost its content."},
    {"no-username",
     error,
     "An entry without a username",
     "Give it one: identities that match an entry without username are refused."},
    {"node-groups",
     warning,
     "A node's entry without what a node needs",
     "Nodes need the username system:node:{{EC2PrivateDNSName}} and the groups system:bootstrappers and system:nodes."},
    {"obsolete-key", warning, "A key that has no effect any more", "Delete it."},
    {"odd-name",
     warning,
     "A username or group with blanks, control characters or an odd system: prefix",
     "Names are compared byte for byte in Kubernetes: write exactly the one that role bindings have."},
    {"other-partition",
     warning,
     "An ARN of another partition than the server's",
     "Correct the ARN, or server.partition: callers of other partitions are refused."},
    {"rejected-entry",
     error,
     "An entry that the server leaves out, or for which it refuses the file",
     "See the message."},
    {"reserved-prefix",
     error,
     "A username with a prefix that is reserved for this source",
     "Change the username, or server.reservedPrefixConfig: the identity is refused."},
    {"role-path",
     warning,
     "A role's ARN with its path, while paths are not removed",
     "Write role/<name>: STS never reports a role's path, so the entry matches nobody."},
    {"shadowed",
     warning,
     "An entry that is never used, because another one comes first",
     "Delete it, or change the order of sources."},
    {"syntax", error, "A document that does not follow its format", "Correct it at the place that is named."},
    {"system-masters",
     note,
     "An identity that may do everything",
     "Make sure that it is meant: system:masters passes every authorisation check and cannot be restricted."},
    {"unknown-key", warning, "A key that is not known and therefore ignored", "Correct its spelling, or delete it."},
    {"unknown-kind", error, "A file that is none of those that can be checked", "Name its kind with --kind."},
    {"unknown-template",
     warning,
     "Braces that are no template, which stay as they are",
     "Write one of {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}} and {{EC2PrivateDNSName}}."},
    {"unquoted-template",
     error,
     "A template without quotes, which YAML reads as a map",
     "Put the value in quotes: username: \"{{SessionName}}\"."},
    {"unused-mapping",
     warning,
     "Entries in the configuration file while server.backendMode lacks MountedFile",
     "Add MountedFile to server.backendMode, or delete the entries."},
});

constexpr bool is_sorted_by_id() {
    return std::ranges::is_sorted(table, {}, &RuleInfo::id);
}
static_assert(is_sorted_by_id());

/// The bytes of the UTF-8 character at the beginning, or 0 if there is none. RFC 3629, section 4.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool is_overlong = first == 0xe0 && tail(1) && byte(1) < 0xa0;
        const bool is_surrogate = first == 0xed && tail(1) && byte(1) >= 0xa0;
        return tail(1) && tail(2) && !is_overlong && !is_surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool is_overlong = first == 0xf0 && tail(1) && byte(1) < 0x90;
        const bool is_beyond = first == 0xf4 && tail(1) && byte(1) >= 0x90;
        return tail(1) && tail(2) && tail(3) && !is_overlong && !is_beyond ? 4 : 0;
    }
    return 0;
}

/// C0, DEL and C1 controls, line and paragraph separators, marks and overrides of direction, byte order marks.
bool is_hidden(std::string_view character) {
    constexpr std::string_view line_separator = "\u2028";
    constexpr auto others =
        std::to_array<std::string_view>({"\u061c", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\ufeff"});
    const auto within = [&](std::string_view first, std::string_view last) {
        return character >= first && character <= last;
    };
    if (character.size() == 1)
        return text::is_control(character.front());
    if (character.size() == 2 && within("\u0080", "\u009f"))
        return true;
    return (character.size() == 3 && (within(line_separator, "\u202e") || within("\u2060", "\u206f"))) ||
           std::ranges::find(others, character) != others.end();
}

}  // namespace

std::string_view severity_name(Severity severity) noexcept {
    switch (severity) {
        case note:
            return "note";
        case warning:
            return "warning";
        case error:
            break;
    }
    return "error";
}

std::span<const RuleInfo> rules() noexcept {
    return table;
}

const RuleInfo* find_rule(std::string_view id) noexcept {
    const auto found = std::ranges::find(table, id, &RuleInfo::id);
    return found == table.end() ? nullptr : &*found;
}

void sort(std::vector<Finding>& findings, std::span<const std::string> files) {
    std::map<std::string_view, std::size_t> order;
    for (const std::string& file : files)
        order.try_emplace(file, order.size());
    const auto place = [&](const Finding& finding) {
        const auto file = order.find(finding.file);
        return std::tuple(
            file == order.end() ? order.size() : file->second,
            std::string_view(finding.file),
            finding.at.line,
            finding.at.column,
            finding.rule,
            std::string_view(finding.message)
        );
    };
    std::ranges::sort(findings, {}, place);
    const auto repeated =
        std::ranges::unique(findings, [&](const Finding& a, const Finding& b) { return place(a) == place(b); });
    findings.erase(repeated.begin(), repeated.end());
}

std::string visible(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0 || is_hidden(character)) {
            for (const char c : character)
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            out += character;
        }
        text.remove_prefix(character.size());
    }
    return out;
}

}  // namespace arngate::config::check
