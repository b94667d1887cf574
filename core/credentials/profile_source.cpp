#include "core/credentials/profile_source.hpp"

#include "core/credentials/container_source.hpp"
#include "core/credentials/environment_source.hpp"
#include "core/credentials/instance_source.hpp"
#include "core/credentials/login_source.hpp"
#include "core/credentials/process_source.hpp"
#include "core/credentials/sso_source.hpp"
#include "core/credentials/static_keys.hpp"
#include "core/credentials/sts_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

namespace arngate::credentials {

namespace {

/// Longer chains of source profiles are refused.
constexpr std::size_t max_chained_profiles = 16;

/// Whether variables may stand in for properties; they do not speak for a source profile.
enum class Variables : std::uint8_t { read, ignored };

std::string text_or_empty(const std::optional<Setting>& setting) {
    return setting ? setting->text : std::string();
}

std::string state_of(const ProfileFile& file, const std::string& profile) {
    if (!file.exists()) {
        return "not there";
    }
    return file.find(profile) == nullptr ? fmt::format("no profile \"{}\"", profile)
                                         : fmt::format("profile \"{}\" has no keys", profile);
}

Found static_keys(Means& means, const ProfileFile& file, const std::string& profile) {
    auto id = means.shared.find_in(file, profile, "aws_access_key_id");
    auto secret = means.shared.find_in(file, profile, "aws_secret_access_key");
    if (!id && !secret) {
        return std::nullopt;
    }
    if (!id || !secret) {
        return failed(
            fmt::format(
                "{}: the profile has {} but not {}",
                id ? id->place : secret->place,
                id ? "aws_access_key_id" : "aws_secret_access_key",
                id ? "aws_secret_access_key" : "aws_access_key_id"
            ),
            "write both or neither"
        );
    }
    auto token = means.shared.find_in(file, profile, "aws_session_token");
    if (!token) {
        token = means.shared.find_in(file, profile, "aws_security_token");
    }
    auto credentials = take_keys(*id, *secret, token);
    if (!credentials) {
        return failed(
            fmt::format("{}: the profile has {}", id->place, credentials.error()),
            "see whether it was copied whole, without blanks"
        );
    }
    credentials->source = fmt::format("profile {}", profile);
    return *std::move(credentials);
}

bool has_static_keys(const Means& means, const std::string& profile) {
    return means.shared.find(profile, "aws_access_key_id") || means.shared.find(profile, "aws_secret_access_key");
}

bool has_role(const Means& means, const std::string& profile) {
    return means.shared.find(profile, "role_arn") && !means.shared.find(profile, "web_identity_token_file");
}

Found web_identity(Means& means, const std::string& profile, Variables variables) {
    const auto value = [&](const char* name, std::string_view property) {
        std::string found = variables == Variables::read ? variable(means.environment, name) : std::string();
        return found.empty() ? text_or_empty(means.shared.find(profile, property)) : found;
    };
    const std::string file = value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (file.empty()) {
        return std::nullopt;
    }
    RoleToAssume role;
    role.role_arn = value("AWS_ROLE_ARN", "role_arn");
    role.session_name = value("AWS_ROLE_SESSION_NAME", "role_session_name");
    if (role.role_arn.empty()) {
        return failed(
            "a web identity token file is configured, but no role", "set AWS_ROLE_ARN or role_arn in the profile"
        );
    }
    auto credentials = assume_role_with_web_identity(means, role, file);
    if (!credentials) {
        return std::unexpected(std::move(credentials.error()));
    }
    credentials->source = "web identity";
    return *std::move(credentials);
}

/// All that a profile may name but a role.
Found without_role(Means& means, const std::string& profile, Variables variables) {
    if (auto found = web_identity(means, profile, variables); !found || *found) {
        return found;
    }
    if (auto found = from_sso(means, profile); !found || *found) {
        return found;
    }
    if (auto found = static_keys(means, means.shared.credentials_file(), profile); !found || *found) {
        return found;
    }
    if (auto found = from_login(means, profile); !found || *found) {
        return found;
    }
    if (auto found = from_process(means, profile); !found || *found) {
        return found;
    }
    return static_keys(means, means.shared.config_file(), profile);
}

Found from_named_source(Means& means, const Setting& name) {
    Found found;
    if (name.text == "Environment") {
        found = from_environment(means);
    } else if (name.text == "EcsContainer") {
        found = from_container(means);
    } else if (name.text == "Ec2InstanceMetadata") {
        found = from_instance(means);
    } else {
        return failed(
            fmt::format("{}: credential_source is not known", name.place),
            "write Environment, EcsContainer or Ec2InstanceMetadata"
        );
    }
    if (found && !*found) {
        return failed(fmt::format("{}: credential_source {} has no credentials", name.place, name.text));
    }
    return found;
}

std::expected<RoleToAssume, Failure> role_of(const Means& means, const std::string& profile) {
    RoleToAssume role;
    role.role_arn = text_or_empty(means.shared.find(profile, "role_arn"));
    role.session_name = text_or_empty(means.shared.find(profile, "role_session_name"));
    role.external_id = text_or_empty(means.shared.find(profile, "external_id"));
    role.mfa_serial = text_or_empty(means.shared.find(profile, "mfa_serial"));
    if (const auto duration = means.shared.find(profile, "duration_seconds")) {
        constexpr unsigned max_duration = 12U * 3600;
        unsigned seconds = 0;
        const char* const end = duration->text.data() + duration->text.size();
        const auto [stop, error] = std::from_chars(duration->text.data(), end, seconds);
        if (error != std::errc{} || stop != end || seconds == 0 || seconds > max_duration) {
            return failed(fmt::format("{}: duration_seconds must be a number up to {}", duration->place, max_duration));
        }
        role.duration = std::chrono::seconds(seconds);
    }
    return role;
}

/// Follows role_arn and source_profile.
class RoleChain {
public:
    explicit RoleChain(Means& means) : means_(means) {}

    Found resolve(const std::string& profile) {
        visited_.push_back(profile);
        const auto role = role_of(means_, profile);
        if (!role) {
            return std::unexpected(role.error());
        }
        const auto source_profile = means_.shared.find(profile, "source_profile");
        const auto credential_source = means_.shared.find(profile, "credential_source");
        if (source_profile && credential_source) {
            return failed(
                fmt::format("the profile \"{}\" has both source_profile and credential_source", profile),
                "write one of them"
            );
        }
        if (!source_profile && !credential_source) {
            return failed(
                fmt::format("the profile \"{}\" has role_arn, but nothing to assume it with", profile),
                "write source_profile or credential_source"
            );
        }
        Found base = credential_source ? from_named_source(means_, *credential_source)
                                       : from_source_profile(profile, *source_profile);
        if (!base) {
            return base;
        }
        means_.trace.add(
            fmt::format("profile {}", profile),
            Step::Outcome::noted,
            fmt::format("assuming its role with credentials of {}", (*base)->source)
        );
        auto assumed = assume_role(means_, *role, **base);
        if (!assumed) {
            assumed.error().what = fmt::format("profile \"{}\": {}", profile, assumed.error().what);
            return std::unexpected(std::move(assumed.error()));
        }
        assumed->source = fmt::format("profile {} (assumed role)", profile);
        return *std::move(assumed);
    }

private:
    Found from_source_profile(const std::string& profile, const Setting& source) {
        if (!means_.shared.has_profile(source.text)) {
            return failed(fmt::format("{}: there is no source_profile \"{}\"", source.place, source.text));
        }
        const bool is_visited = std::ranges::find(visited_, source.text) != visited_.end();
        // A profile may take its own keys to assume its own role.
        const bool has_own_keys = source.text == profile && has_static_keys(means_, profile);
        if ((is_visited && !has_own_keys) || visited_.size() >= max_chained_profiles) {
            return failed(
                fmt::format("{}: the chain of source profiles leads back to itself or is too long", source.place)
            );
        }
        if (has_role(means_, source.text) && !has_static_keys(means_, source.text)) {
            return resolve(source.text);
        }
        Found found = without_role(means_, source.text, Variables::ignored);
        if (found && !*found) {
            return failed(fmt::format("{}: the source_profile \"{}\" has no credentials", source.place, source.text));
        }
        return found;
    }

    Means& means_;
    std::vector<std::string> visited_;
};

}  // namespace

Found from_profile(Means& means, const std::string& profile) {
    if (has_role(means, profile)) {
        return RoleChain(means).resolve(profile);
    }
    Found found = without_role(means, profile, Variables::read);
    if (found && !*found) {
        for (const ProfileFile* file : {&means.shared.credentials_file(), &means.shared.config_file()}) {
            means.trace.add(file->name(), Step::Outcome::passed, state_of(*file, profile));
        }
    }
    return found;
}

}  // namespace arngate::credentials
