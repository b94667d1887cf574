#pragma once

#include "config/document.hpp"
#include "core/mapping/rule.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

/// Editing the ConfigMap kube-system/aws-auth, whose data keys mapRoles, mapUsers and mapAccounts hold YAML.
namespace arngate::config {

struct AwsAuthEntry {
    enum class Kind : std::uint8_t { role, user };

    Kind kind = Kind::role;
    std::string arn;  ///< or, of a role, `sso`
    std::optional<mapping::SsoRole> sso;
    std::string username;
    std::vector<std::string> groups;
};

struct AwsAuthRefusal {
    enum class Why : std::uint8_t { not_understood, invalid_entry, duplicate };
    Why why = Why::not_understood;
    std::string text;  ///< in the words of aws-iam-authenticator where it has some
};

/// What is wrong with a permission set and its account, in the words of aws-iam-authenticator; empty: nothing.
[[nodiscard]] std::string sso_fault(const mapping::SsoRole& sso);

/// Adds an entry to the object. Nothing else changes: other members and data keys, other entries and what they hold,
/// order and comments stay. Only a list that is not written as a block ("- ") is written anew, and so loses its
/// comments. Refused, with the object as it was: a part that does not parse, an invalid entry, and an ARN or permission
/// set that stands there already (roles: ignoring letter case).
[[nodiscard]] std::expected<void, AwsAuthRefusal> add_entry(Node& config_map, const AwsAuthEntry& entry);

}  // namespace arngate::config
