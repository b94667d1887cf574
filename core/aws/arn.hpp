#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::aws {

enum class PrincipalKind : std::uint8_t { user, role, root, federated_user, assumed_role };

enum class ArnError : std::uint8_t {
    invalid_prefix,
    not_enough_sections,
    unknown_partition,
    bad_service,
    bad_resource,
    no_role,
};

/// What is wrong with the ARN, for people: what was found missing and what an ARN looks like.
[[nodiscard]] std::string_view describe(ArnError error) noexcept;

/// The ARN of an IAM principal in the form that mappings are written in: an assumed role becomes its role, everything
/// else stays as it is. Letter case is kept.
struct CanonicalArn {
    std::string text;
    PrincipalKind kind = PrincipalKind::user;
    std::string partition;
    std::string account;  ///< the account section, as written

    bool operator==(const CanonicalArn&) const = default;
};

/// Strict: no trimming, no case folding (an upper-case "ARN:" or "AWS" is an error). Rules: docs/mapping.md.
[[nodiscard]] std::expected<CanonicalArn, ArnError> canonicalize(std::string_view arn);

/// For a role ARN with a path, the ARN without it; every other ARN of a known partition unchanged. STS never reports a
/// role's path, and role names are unique in an account whatever their path (IAM and AWS STS quotas).
[[nodiscard]] std::expected<std::string, ArnError> strip_role_path(std::string_view arn);
/// Whether strip_role_path makes another ARN of it.
[[nodiscard]] bool has_role_path(std::string_view arn) noexcept;

}  // namespace arngate::aws
