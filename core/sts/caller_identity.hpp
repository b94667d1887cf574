#pragma once

#include "core/aws/arn.hpp"

#include <string>

namespace arngate::sts {

/// Who called: the checked answer of GetCallerIdentity, with what the token adds. Plain value.
struct CallerIdentity {
    std::string arn;            ///< as STS gave it
    std::string canonical_arn;  ///< see aws::canonicalize; letter case kept
    std::string mapping_key;    ///< canonical ARN in lower case: what mappings are looked up by
    aws::PrincipalKind kind = aws::PrincipalKind::user;
    std::string account_id;
    std::string user_id;        ///< for roles the AROA… id, else the whole UserId
    std::string session_name;   ///< empty for users
    std::string access_key_id;  ///< from the token
    std::string sts_host;       ///< which endpoint answered

    bool operator==(const CallerIdentity&) const = default;
};

}  // namespace arngate::sts
