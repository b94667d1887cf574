#include "daemon/cli/add_flags.hpp"

#include "config/schema.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace arngate::cli {

namespace {

using Kind = config::AwsAuthEntry::Kind;

/// A flag as it was written.
struct Given {
    std::string_view name;                  ///< with its dashes
    std::optional<std::string_view> value;  ///< behind an equals sign
};

Given split_flag(std::string_view argument) {
    const auto equals = argument.find('=');
    if (equals == argument.npos) {
        return {argument, std::nullopt};
    }
    return {argument.substr(0, equals), argument.substr(equals + 1)};
}

/// The flags that every command has: whether each takes a value.
std::optional<bool> global_takes_value(std::string_view name) {
    if (name == "--config" || name == "-c") {
        return true;
    }
    for (const config::Key& key : config::schema()) {
        const bool is_short = key.short_flag != 0 && name == fmt::format("-{}", key.short_flag);
        if (key.flag_commands == "*" && !key.flag.empty() && (name == key.flag || is_short)) {
            return key.type != config::ValueType::boolean;
        }
    }
    return std::nullopt;
}

std::optional<bool> boolean_of(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes{"1", "t", "T", "TRUE", "true", "True"};
    constexpr std::array<std::string_view, 6> no{"0", "f", "F", "FALSE", "false", "False"};
    if (std::ranges::find(yes, text) != yes.end()) {
        return true;
    }
    return std::ranges::find(no, text) != no.end() ? std::optional(false) : std::nullopt;
}

config::Profile profile_of(std::string_view word, config::Profile otherwise) {
    if (word == "reference") {
        return config::Profile::reference;
    }
    return word == "arngate" ? config::Profile::arngate : otherwise;
}

class Parser {
public:
    explicit Parser(std::span<const std::string> arguments) : arguments_(arguments) {}

    std::expected<AddFlags, std::string> parse(AddFlags flags) {
        result_ = std::move(flags);
        std::vector<std::string_view> words;
        while (at_ < arguments_.size()) {
            const std::string& argument = arguments_[at_++];
            if (argument == "--") {
                break;
            }
            if (argument.size() < 2 || argument.front() != '-') {
                words.emplace_back(argument);
                continue;
            }
            if (auto wrong = take(split_flag(argument)); !wrong.empty()) {
                return std::unexpected(std::move(wrong));
            }
        }
        if (result_.help) {
            return std::move(result_);
        }
        if (words.size() < 2 || (words[1] != "user" && words[1] != "role")) {
            return std::unexpected("add what? Say \"add user\" or \"add role\"");
        }
        if (words.size() > 2) {
            return std::unexpected("a word that belongs to no flag");
        }
        result_.kind = words[1] == "user" ? Kind::user : Kind::role;
        const std::string_view wrong = result_.kind == Kind::user ? "--rolearn" : "--userarn";
        if (arn_flag_ == wrong) {
            return std::unexpected(fmt::format("unknown flag: {}", wrong));
        }
        if (result_.kind == Kind::user && result_.has_sso) {
            return std::unexpected("unknown flag: --sso");
        }
        return std::move(result_);
    }

private:
    /// What is wrong with the flag; empty: nothing.
    std::string take(const Given& given) {
        if (given.name == "--help" || given.name == "-h") {
            result_.help = true;
            return {};
        }
        if (given.name == "--prompt") {
            const auto value = boolean_of(given.value.value_or("true"));
            result_.prompt = value.value_or(true);
            return value ? std::string() : "--prompt takes true or false";
        }
        const auto global = global_takes_value(given.name);
        if (global && !*global) {
            return {};
        }
        if (!global && !is_known(given.name)) {
            return fmt::format("unknown flag: {}", given.name);
        }
        if (!given.value && at_ == arguments_.size()) {
            return fmt::format("flag needs an argument: {}", given.name);
        }
        const std::string value(given.value ? *given.value : std::string_view(arguments_[at_++]));
        if (given.name == "--compat") {
            result_.profile = profile_of(value, result_.profile);
        }
        return global ? std::string() : set(given.name, value);
    }

    static bool is_known(std::string_view name) {
        constexpr std::array<std::string_view, 8> known{
            "--kubeconfig",
            "--kubeconfig-context",
            "--master-url",
            "--userarn",
            "--rolearn",
            "--username",
            "--groups",
            "--sso"
        };
        return std::ranges::find(known, name) != known.end();
    }

    std::string set(std::string_view name, const std::string& value) {
        if (name == "--groups") {
            return add_groups(value);
        }
        if (name == "--sso") {
            return add_sso(value);
        }
        if (name == "--userarn" || name == "--rolearn") {
            arn_flag_ = name;
            result_.arn = value;
        } else if (name == "--username") {
            result_.username = value;
        } else if (name == "--kubeconfig") {
            result_.kubeconfig = value;
        } else if (name == "--kubeconfig-context") {
            result_.context = value;
        } else {
            result_.master_url = value;
        }
        return {};
    }

    std::string add_groups(std::string_view value) {
        if (value.contains('"')) {
            return "--groups takes names between commas, without quotes";
        }
        if (!value.empty()) {
            for (const std::string_view group : text::split(value, ',')) {
                result_.groups.emplace_back(group);
            }
        }
        return {};
    }

    std::string add_sso(std::string_view value) {
        result_.has_sso = true;
        for (const std::string_view item : text::split(value, ',')) {
            const auto equals = item.find('=');
            if (equals == item.npos) {
                return "--sso takes key=value pairs between commas";
            }
            result_.sso.insert_or_assign(std::string(item.substr(0, equals)), std::string(item.substr(equals + 1)));
        }
        return {};
    }

    std::span<const std::string> arguments_;
    std::size_t at_ = 1;
    AddFlags result_;
    std::string_view arn_flag_;
};

}  // namespace

bool is_add(std::span<const std::string> arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument == "--") {
            return false;
        }
        if (argument.size() < 2 || argument.front() != '-') {
            return argument == "add";
        }
        const Given given = split_flag(argument);
        i += !given.value && global_takes_value(given.name).value_or(false) ? 1U : 0U;
    }
    return false;
}

std::expected<AddFlags, std::string> parse_add_flags(
    std::span<const std::string> arguments, const std::function<const char*(const char* name)>& environment
) {
    AddFlags flags;
    const bool is_peer_name =
        !arguments.empty() && std::filesystem::path(arguments.front()).filename() == "aws-iam-authenticator";
    flags.profile = is_peer_name ? config::Profile::reference : config::Profile::arngate;
    if (const char* compat = environment("ARNGATE_COMPAT"); compat != nullptr) {
        flags.profile = profile_of(compat, flags.profile);
    }
    return Parser(arguments).parse(std::move(flags));
}

std::string add_usage(const std::string& program) {
    return fmt::format(
        R"(Add one mapping to the ConfigMap kube-system/aws-auth, which must exist. Everything else in it stays as it is.

Usage:
  {0} add user --userarn ARN --username NAME --groups LIST [flags]
  {0} add role --rolearn ARN --username NAME --groups LIST [flags]
  {0} add role --sso permissionSetName=NAME,accountID=ID[,partition=PARTITION] --username NAME --groups LIST [flags]

Flags:
  --userarn ARN               the IAM user
  --rolearn ARN               the IAM role
  --sso LIST                  the permission set of IAM Identity Center, instead of a role
  --username NAME             the Kubernetes user name; may hold templates as {{{{SessionName}}}}
  --groups LIST               the Kubernetes groups, between commas; may be repeated
  --kubeconfig FILE           how to reach the API server [$KUBECONFIG, ~/.kube/config, or the pod's service account;
                              under --compat reference it must be given]
  --kubeconfig-context NAME   the context to use [current-context]
  --master-url URL            the URL of the API server [that of the context's cluster]
  --prompt                    ask before anything is written; --prompt=false does not [true]
  -h, --help                  print this help

The credentials need the verbs get and update on configmap aws-auth in namespace kube-system.
)",
        program
    );
}

}  // namespace arngate::cli
