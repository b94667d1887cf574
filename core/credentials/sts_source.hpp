#pragma once

#include "core/credentials/source.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>

/// Credentials that STS gives in exchange for others. Each call goes to the configured endpoint, else to that of the
/// region, and is tried twice while nobody answers.
namespace arngate::credentials {

struct RoleToAssume {
    std::string role_arn;
    std::string session_name;                        ///< empty: one is made up
    std::string external_id;                         ///< empty: none
    std::string mfa_serial;                          ///< empty: none; else the user is asked for its code
    std::optional<std::chrono::seconds> duration{};  ///< nothing: the role's default
};

/// AssumeRole, signed with `base`.
[[nodiscard]] std::expected<aws::Credentials, Failure> assume_role(
    Means& means, const RoleToAssume& role, const aws::Credentials& base
);

/// AssumeRoleWithWebIdentity, with the token that the file holds; not signed, as the token is the proof.
[[nodiscard]] std::expected<aws::Credentials, Failure> assume_role_with_web_identity(
    Means& means, const RoleToAssume& role, const std::string& token_file
);

/// The session name of who has these credentials: what stands behind the colon of the user id that GetCallerIdentity
/// gives. Empty where the id has none, as that of a user, or more than one.
[[nodiscard]] std::expected<std::string, Failure> session_name_of(Means& means, const aws::Credentials& credentials);

}  // namespace arngate::credentials
