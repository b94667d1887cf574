#include "core/mapping/role_pattern.hpp"

#include "core/aws/identifiers.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace arngate::mapping {
namespace {

constexpr std::string_view role_prefix = "role/";
constexpr std::string_view sso_role_prefix = "awsreservedsso_";
/// IAM's role names have at most 64 characters; wildcards may stand between them.
constexpr std::size_t max_name_bytes = 128;
constexpr std::size_t max_permission_set_bytes = 32;

bool is_name_character(char c) noexcept {
    constexpr std::string_view others = "_+=,.@-";
    return text::is_alnum(c) || others.contains(c);
}

bool is_wildcard(char c) noexcept {
    return c == '*' || c == '?';
}

/// Whether the key is one of a role whose name IAM Identity Center made.
bool is_sso_role(std::string_view mapping_key) noexcept {
    const std::size_t slash = mapping_key.find('/');
    return slash != std::string_view::npos && mapping_key.substr(slash + 1).starts_with(sso_role_prefix);
}

}  // namespace

std::string_view describe(RolePatternError error) noexcept {
    switch (error) {
        case RolePatternError::no_arn:
            return "a pattern has the six sections of an ARN, as in arn:aws:iam::123456789012:role/dev-*";
        case RolePatternError::too_long:
            return "the pattern is longer than any role's name";
        case RolePatternError::bad_partition:
            return "the second section of the pattern is a known partition such as aws, without wildcards";
        case RolePatternError::bad_service:
            return "a pattern begins with arn:<partition>:iam:: and has no region";
        case RolePatternError::bad_account:
            return "the pattern's account is 12 digits, without wildcards";
        case RolePatternError::no_role:
            return "a pattern is one of roles, as in arn:aws:iam::123456789012:role/dev-*";
        case RolePatternError::has_path:
            return "STS reports no path of a role: the pattern is role/ and the role's name";
        case RolePatternError::bad_characters:
            return "the name holds a character that no such name has";
        case RolePatternError::no_wildcard:
            return "the pattern has no wildcard: an ARN without one stands in rolearn";
        case RolePatternError::too_broad:
            return "the pattern is too broad: at least three characters of the name stand before its first wildcard";
    }
    return "the pattern is not valid";
}

bool is_permission_set_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= max_permission_set_bytes && std::ranges::all_of(name, is_name_character);
}

std::expected<RolePattern, RolePatternError> RolePattern::parse(std::string_view text) {
    const auto refuse = [](RolePatternError error) { return std::unexpected(error); };
    auto pattern = aws::ArnPattern::compile(text::to_lower(text), aws::QuestionMark::exactly_one);
    if (!pattern) {
        return refuse(
            pattern.error() == aws::ArnPatternError::too_long ? RolePatternError::too_long : RolePatternError::no_arn
        );
    }
    const auto [partition, service, region, account, resource] = pattern->sections();
    if (aws::find_partition(partition) == nullptr) {
        return refuse(RolePatternError::bad_partition);
    }
    if (service != "iam" || !region.empty()) {
        return refuse(RolePatternError::bad_service);
    }
    if (!aws::is_account_id(account)) {
        return refuse(RolePatternError::bad_account);
    }
    if (!resource.starts_with(role_prefix)) {
        return refuse(RolePatternError::no_role);
    }
    const std::string_view name = resource.substr(role_prefix.size());
    if (name.find('/') != std::string_view::npos) {
        return refuse(RolePatternError::has_path);
    }
    if (!std::ranges::all_of(name, [](char c) { return is_name_character(c) || is_wildcard(c); })) {
        return refuse(RolePatternError::bad_characters);
    }
    const auto wildcard = std::ranges::find_if(name, is_wildcard);
    if (wildcard == name.end()) {
        return refuse(RolePatternError::no_wildcard);
    }
    const std::string_view literal(name.begin(), wildcard);
    if (literal.size() < min_literal) {
        return refuse(RolePatternError::too_broad);
    }
    if (name.size() > max_name_bytes) {
        return refuse(RolePatternError::too_long);
    }
    const bool asks_sso = literal.starts_with(sso_role_prefix);
    return RolePattern(*std::move(pattern), Kind::written, asks_sso);
}

std::expected<RolePattern, RolePatternError> RolePattern::of(const SsoRole& sso) {
    if (aws::find_partition(sso.partition) == nullptr) {
        return std::unexpected(RolePatternError::bad_partition);
    }
    if (!aws::is_account_id(sso.account_id)) {
        return std::unexpected(RolePatternError::bad_account);
    }
    if (!is_permission_set_name(sso.permission_set_name)) {
        return std::unexpected(RolePatternError::bad_characters);
    }
    auto beginning = aws::ArnPattern::compile(
        text::to_lower(fmt::format(
            "arn:{}:iam::{}:role/AWSReservedSSO_{}_", sso.partition, sso.account_id, sso.permission_set_name
        )),
        aws::QuestionMark::exactly_one
    );
    return RolePattern(*std::move(beginning), Kind::permission_set, true);
}

bool RolePattern::matches(std::string_view mapping_key) const noexcept {
    if (kind_ == Kind::written) {
        return (asks_sso_ || !is_sso_role(mapping_key)) && pattern_.matches(mapping_key).value_or(false);
    }
    if (!mapping_key.starts_with(pattern_.text())) {
        return false;
    }
    const std::string_view generated = mapping_key.substr(pattern_.text().size());
    return !generated.empty() && generated.find_first_of("_/") == std::string_view::npos;
}

}  // namespace arngate::mapping
