#pragma once

#include "core/aws/arn_pattern.hpp"
#include "core/mapping/rule.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::mapping {

enum class RolePatternError : std::uint8_t {
    no_arn,  ///< not the six sections of an ARN
    too_long,
    bad_partition,  ///< not exactly a known partition
    bad_service,    ///< another service than iam, or a region
    bad_account,    ///< not exactly 12 digits
    no_role,        ///< another resource than role/<name>
    has_path,
    bad_characters,  ///< what the name of a role or permission set cannot hold, and no wildcard
    no_wildcard,
    too_broad,  ///< fewer than RolePattern::min_literal characters before the first wildcard
};

/// What is wrong with the pattern and what one looks like, for people.
[[nodiscard]] std::string_view describe(RolePatternError error) noexcept;

/// Whether IAM Identity Center takes it as the name of a permission set (PermissionSet in its API reference).
[[nodiscard]] bool is_permission_set_name(std::string_view name) noexcept;

/// One entry for many roles of one account: a pattern that an operator wrote, or a permission set of IAM Identity
/// Center. Letter case is ignored. Immutable.
class RolePattern {
public:
    /// Literal characters of the role's name that a pattern begins with, at least.
    static constexpr std::size_t min_literal = 3;

    /// "arn:aws:iam::123456789012:role/dev-*": partition and account literal, a role without path, whose name begins
    /// with `min_literal` literal characters; then '*' (any characters, also none) and '?' (exactly one) may stand
    /// anywhere. Matches a role of IAM Identity Center (AWSReservedSSO_…) only if it spells that beginning out.
    [[nodiscard]] static std::expected<RolePattern, RolePatternError> parse(std::string_view text);
    /// AWSReservedSSO_<name>_ and the generated end of the name: not empty and without '_', so that no permission set
    /// is taken for one whose name begins with its name. Errors: bad_partition, bad_account, bad_characters.
    [[nodiscard]] static std::expected<RolePattern, RolePatternError> of(const SsoRole& sso);

    /// `mapping_key`: a canonical ARN in lower case.
    [[nodiscard]] bool matches(std::string_view mapping_key) const noexcept;
    /// What every matching key begins with.
    [[nodiscard]] std::string_view literal_prefix() const noexcept { return pattern_.literal_prefix(); }
    /// The same for two patterns that match the same, spelt the same.
    [[nodiscard]] const std::string& text() const noexcept { return pattern_.text(); }

private:
    enum class Kind : std::uint8_t { written, permission_set };
    RolePattern(aws::ArnPattern pattern, Kind kind, bool asks_sso)
        : pattern_(std::move(pattern)), kind_(kind), asks_sso_(asks_sso) {}

    aws::ArnPattern pattern_;  ///< of a permission set: a literal beginning, which ends in '_'
    Kind kind_;
    bool asks_sso_;
};

}  // namespace arngate::mapping
