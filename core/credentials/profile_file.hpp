#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

/// The files ~/.aws/config and ~/.aws/credentials (docs.aws.amazon.com, "Shared config and credentials files").
namespace arngate::credentials {

enum class FileKind : std::uint8_t {
    config,      ///< sections "[default]" and "[profile NAME]"
    credentials  ///< sections "[NAME]"
};

/// One property with the line it stands in. The text may be a key: it is wiped when the object ends.
struct Property {
    std::string text;
    int line = 0;

    Property() = default;
    Property(std::string value, int where);
    Property(const Property&) = default;
    Property(Property&&) noexcept = default;
    Property& operator=(const Property&) = default;
    Property& operator=(Property&&) noexcept = default;
    ~Property();
};

/// The properties of one profile, names in lower case.
struct Profile {
    std::map<std::string, Property, std::less<>> properties;
    int line = 0;  ///< of the section's first header

    /// Null when the profile has no such property or it is empty.
    [[nodiscard]] const Property* find(std::string_view name) const;
};

/// The value of `name` among the indented lines below a property; empty if there is none.
[[nodiscard]] std::string nested_value(const Property& property, std::string_view name);

/// Files larger than this are refused.
inline constexpr std::size_t max_profile_file_bytes = std::size_t{1024} * 1024;

/// The dialect of the AWS SDKs: whole-line comments start with '#' or ';', a comment in a line needs a blank before its
/// sign, names of properties ignore letter case, a repeated section continues the first, a repeated property replaces
/// the earlier one, indented lines belong to the property above them, and "[profile default]" beats "[default]".
/// "[sso-session NAME]" and "[services NAME]" of the config file are kept apart; other kinds are passed over. The value
/// of credential_process is kept as it stands, as it has quotes of its own.
class ProfileFile {
public:
    /// Fails with "FILE:LINE: what is wrong", never with the line's own text.
    [[nodiscard]] static std::expected<ProfileFile, std::string> parse(
        std::string_view text, std::string_view file, FileKind kind
    );
    /// As `parse`, with the file's content. A file that is not there is an empty one.
    [[nodiscard]] static std::expected<ProfileFile, std::string> load(const std::string& file, FileKind kind);

    /// Null when there is no such profile.
    [[nodiscard]] const Profile* find(std::string_view name) const;
    /// Null when there is no such section; always in a credentials file.
    [[nodiscard]] const Profile* find_sso_session(std::string_view name) const;
    [[nodiscard]] const Profile* find_services(std::string_view name) const;
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] bool exists() const noexcept { return exists_; }

private:
    std::string name_;
    bool exists_ = true;
    std::map<std::string, Profile, std::less<>> profiles_;
    std::map<std::string, Profile, std::less<>> sso_sessions_;
    std::map<std::string, Profile, std::less<>> services_;
};

}  // namespace arngate::credentials
