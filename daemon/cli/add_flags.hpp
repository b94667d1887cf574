#pragma once

#include "config/aws_auth.hpp"
#include "daemon/cli/command_line.hpp"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace arngate::cli {

/// The flags of `add user` and `add role`.
struct AddFlags {
    config::AwsAuthEntry::Kind kind = config::AwsAuthEntry::Kind::user;
    bool prompt = true;
    std::string kubeconfig;
    std::string context;
    std::string master_url;
    std::string arn;
    std::string username;
    std::vector<std::string> groups;
    /// As given: permissionSetName, accountID, partition.
    std::optional<std::map<std::string, std::string>> sso;
};

/// The flags of one of the two commands. The error says what is wrong and names no value.
[[nodiscard]] std::expected<AddFlags, std::string> read_add_flags(const CommandLine& line);

/// The fields of one line of comma-separated values as Go's encoding/csv reads them, which is how pflag reads lists:
/// a field in double quotes may hold commas, and a doubled quote for one. Nothing if quotes stand elsewhere.
[[nodiscard]] std::optional<std::vector<std::string>> csv_fields(std::string_view line);

}  // namespace arngate::cli
