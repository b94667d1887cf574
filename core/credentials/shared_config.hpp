#pragma once

#include "core/credentials/environment.hpp"
#include "core/credentials/profile_file.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::credentials {

/// A property with the place it was found, for messages.
struct Setting {
    std::string text;
    std::string place;  ///< "FILE:LINE (profile NAME)" or the name of a variable
};

/// The profile in use, as both shared files give it.
class SharedConfig {
public:
    /// Reads AWS_PROFILE (or AWS_DEFAULT_PROFILE), AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else the files in
    /// $HOME/.aws. Files that do not exist are empty; a profile that was asked for by name must exist in one of them.
    /// `profile`, unless empty, is asked for instead of the one that the environment names.
    [[nodiscard]] static std::expected<SharedConfig, std::string> load(
        const Environment& environment, std::string_view profile = {}
    );

    /// The property of a profile, of the one in use without a name; the credentials file comes before the config file.
    [[nodiscard]] std::optional<Setting> find(std::string_view property) const { return find(profile_, property); }
    [[nodiscard]] std::optional<Setting> find(std::string_view profile, std::string_view property) const;

    /// The same from one of the two files. Keys that belong together are taken from one file.
    [[nodiscard]] std::optional<Setting> find_in(
        const ProfileFile& file, std::string_view profile, std::string_view property
    ) const;

    /// Whether one of the files has that profile.
    [[nodiscard]] bool has_profile(std::string_view profile) const;

    [[nodiscard]] const std::string& profile() const noexcept { return profile_; }
    [[nodiscard]] const ProfileFile& credentials_file() const noexcept { return credentials_; }
    [[nodiscard]] const ProfileFile& config_file() const noexcept { return config_; }

private:
    std::string profile_;
    ProfileFile credentials_;
    ProfileFile config_;
};

}  // namespace arngate::credentials
