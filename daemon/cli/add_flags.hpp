#pragma once

#include "config/aws_auth.hpp"
#include "config/settings.hpp"

#include <expected>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace arngate::cli {

/// The command line of `add user` and `add role`.
struct AddFlags {
    config::Profile profile = config::Profile::arngate;
    config::AwsAuthEntry::Kind kind = config::AwsAuthEntry::Kind::user;
    bool prompt = true;
    bool help = false;
    std::string kubeconfig;
    std::string context;
    std::string master_url;
    std::string arn;
    std::string username;
    std::vector<std::string> groups;
    std::map<std::string, std::string> sso;  ///< as given: permissionSetName, accountID, partition
    bool has_sso = false;
};

/// Whether the first word that is no flag is "add".
[[nodiscard]] bool is_add(std::span<const std::string> arguments);

/// Flags in any order, "--name value" or "--name=value"; what every command takes is taken too. The error says what is
/// wrong and names no value.
[[nodiscard]] std::expected<AddFlags, std::string> parse_add_flags(
    std::span<const std::string> arguments, const std::function<const char*(const char* name)>& environment
);

/// The help of `add` and its two commands.
[[nodiscard]] std::string add_usage(const std::string& program);

}  // namespace arngate::cli
