#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What an operator wrote, as plain values. Checked by whoever read it; compiled by mapping::Table.
namespace arngate::mapping {

/// Where an entry stands, for messages.
struct Origin {
    std::string file;
    int line = 0;
    int column = 0;
};

struct SsoRole {
    std::string permission_set_name;
    std::string account_id;
    std::string partition = "aws";
};

/// A role or user entry: `arn`, or (roles only) `arn_like` or `sso`.
struct Rule {
    std::string arn;
    std::vector<SsoRole> sso;  ///< none or one
    std::string username;      ///< template
    std::vector<std::string> groups;
    std::string user_id;
    Origin origin;
    std::string arn_like;  ///< see RolePattern
};

/// What the entries of a source are found by.
enum class MatchBy : std::uint8_t {
    canonical_arn,  ///< their canonical ARN: an assumed role's ARN counts as its role
    written_arn,    ///< their ARN as it stands there: an assumed role's ARN matches nobody
    user_id,        ///< `user_id`, letter by letter; an entry with an ARN wants the caller to have that ARN, too
};

/// All entries of one source, in the order written.
struct SourceRules {
    std::string source;  ///< "MountedFile", …
    std::vector<Rule> roles;
    std::vector<Rule> users;
    std::vector<std::string> accounts;
    std::vector<std::string> reserved_prefixes;  ///< usernames this source may not give
    MatchBy match = MatchBy::canonical_arn;
    bool break_glass = false;  ///< for emergencies: KubernetesUser::break_glass tells who came in by it
};

}  // namespace arngate::mapping
