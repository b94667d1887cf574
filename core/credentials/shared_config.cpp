#include "core/credentials/shared_config.hpp"

#include <fmt/format.h>

#include <utility>

namespace arngate::credentials {

namespace {

std::expected<ProfileFile, std::string> load_file(
    const Environment& environment, const char* name, std::string_view usual, FileKind kind
) {
    std::string file = variable(environment, name);
    if (file.empty()) {
        const std::string home = variable(environment, "HOME");
        if (home.empty()) {
            return ProfileFile::parse("", fmt::format("~/.aws/{} (HOME is not set)", usual), kind);
        }
        file = fmt::format("{}/.aws/{}", home, usual);
    }
    return ProfileFile::load(expand_home(environment, file), kind);
}

}  // namespace

std::expected<SharedConfig, std::string> SharedConfig::load(const Environment& environment, std::string_view profile) {
    SharedConfig result;
    std::string asked_by = profile.empty() ? "AWS_PROFILE" : "the caller";
    result.profile_ = profile.empty() ? variable(environment, "AWS_PROFILE") : std::string(profile);
    if (result.profile_.empty()) {
        asked_by = "AWS_DEFAULT_PROFILE";
        result.profile_ = variable(environment, "AWS_DEFAULT_PROFILE");
    }
    const bool asked = !result.profile_.empty();
    if (!asked) {
        result.profile_ = "default";
    }

    auto credentials = load_file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials", FileKind::credentials);
    if (!credentials) {
        return std::unexpected(std::move(credentials).error());
    }
    auto config = load_file(environment, "AWS_CONFIG_FILE", "config", FileKind::config);
    if (!config) {
        return std::unexpected(std::move(config).error());
    }
    result.credentials_ = std::move(*credentials);
    result.config_ = std::move(*config);

    if (asked && !result.has_profile(result.profile_)) {
        return std::unexpected(fmt::format(
            "the profile \"{}\" that {} names is neither in {} nor in {}",
            result.profile_,
            asked_by,
            result.credentials_.name(),
            result.config_.name()
        ));
    }
    return result;
}

std::optional<Setting> SharedConfig::find(std::string_view profile, std::string_view property) const {
    auto found = find_in(credentials_, profile, property);
    return found ? std::move(found) : find_in(config_, profile, property);
}

std::optional<Setting> SharedConfig::find_in(
    const ProfileFile& file, std::string_view profile, std::string_view property
) const {
    const Profile* section = file.find(profile);
    const Property* found = section == nullptr ? nullptr : section->find(property);
    if (found == nullptr) {
        return std::nullopt;
    }
    return Setting{found->text, fmt::format("{}:{} (profile {})", file.name(), found->line, profile)};
}

bool SharedConfig::has_profile(std::string_view profile) const {
    return credentials_.find(profile) != nullptr || config_.find(profile) != nullptr;
}

}  // namespace arngate::credentials
