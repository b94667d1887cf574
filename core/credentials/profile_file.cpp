#include "core/credentials/profile_file.hpp"

#include "core/base/secret.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace arngate::credentials {

namespace {

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

/// Cuts a comment that stands behind a blank.
std::string_view without_comment(std::string_view line) noexcept {
    for (std::size_t i = 1; i < line.size(); ++i) {
        if ((line[i] == '#' || line[i] == ';') && is_blank(line[i - 1])) {
            return line.substr(0, i);
        }
    }
    return line;
}

std::string_view without_quotes(std::string_view value) noexcept {
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
        return value.substr(1, value.size() - 2);
    }
    return value;
}

enum class Section : std::uint8_t { other, profile, sso_session, services };

struct Header {
    Section section = Section::other;
    std::string name;
    bool with_keyword = false;  ///< written "[profile NAME]"
};

struct Keyword {
    std::string_view word;
    Section section;
};
constexpr std::array keywords{
    Keyword{"profile", Section::profile},
    Keyword{"sso-session", Section::sso_session},
    Keyword{"services", Section::services},
};

/// Its own syntax has quotes and may have number signs.
constexpr std::string_view verbatim_property = "credential_process";

/// The name between the brackets, or nothing if the header is broken.
std::optional<Header> parse_header(std::string_view line, FileKind kind) {
    const std::size_t close = line.find(']');
    if (close == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = text::trim(line.substr(close + 1));
    if (!rest.empty() && rest.front() != '#' && rest.front() != ';') {
        return std::nullopt;
    }
    const std::string_view inner = text::trim(line.substr(1, close - 1));
    if (inner.empty()) {
        return std::nullopt;
    }
    if (kind == FileKind::credentials) {
        return Header{Section::profile, std::string(inner), false};
    }
    for (const auto& [word, section] : keywords) {
        if (inner.size() > word.size() && inner.starts_with(word) && is_blank(inner[word.size()])) {
            return Header{section, std::string(without_quotes(text::trim(inner.substr(word.size())))), true};
        }
    }
    if (inner == "default") {
        return Header{Section::profile, "default", false};
    }
    return Header{};
}

}  // namespace

Property::Property(std::string value, int where) : text(std::move(value)), line(where) {}

Property::~Property() {
    wipe(text);
}

const Property* Profile::find(std::string_view name) const {
    const auto found = properties.find(name);
    return found == properties.end() || found->second.text.empty() ? nullptr : &found->second;
}

std::string nested_value(const Property& property, std::string_view name) {
    for (const std::string_view line : text::split(property.text, '\n')) {
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos && text::iequals(text::trim(line.substr(0, equals)), name)) {
            return std::string(without_quotes(text::trim(without_comment(line.substr(equals + 1)))));
        }
    }
    return {};
}

namespace {

const Profile* find_section(const std::map<std::string, Profile, std::less<>>& sections, std::string_view name) {
    const auto found = sections.find(name);
    return found == sections.end() ? nullptr : &found->second;
}

}  // namespace

const Profile* ProfileFile::find(std::string_view name) const {
    return find_section(profiles_, name);
}

const Profile* ProfileFile::find_sso_session(std::string_view name) const {
    return find_section(sso_sessions_, name);
}

const Profile* ProfileFile::find_services(std::string_view name) const {
    return find_section(services_, name);
}

std::expected<ProfileFile, std::string> ProfileFile::parse(
    std::string_view content, std::string_view file, FileKind kind
) {
    ProfileFile result;
    result.name_ = std::string(file);
    if (content.starts_with("\xEF\xBB\xBF")) {
        content.remove_prefix(3);
    }

    Profile* profile = nullptr;
    Property* property = nullptr;
    bool in_section = false;
    bool default_with_keyword = false;
    int number = 0;
    for (std::string_view line : text::split(content, '\n')) {
        ++number;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const std::string_view trimmed = text::trim(line);
        if (trimmed.empty() || trimmed.front() == '#' || trimmed.front() == ';') {
            continue;
        }
        if (line.front() == '[') {
            const auto header = parse_header(line, kind);
            if (!header) {
                return std::unexpected(
                    fmt::format("{}:{}: a section header must look like [NAME] or [profile NAME]", file, number)
                );
            }
            in_section = true;
            property = nullptr;
            profile = nullptr;
            if (header->section == Section::other || header->name.empty()) {
                continue;
            }
            if (header->section == Section::profile && header->name == "default") {
                if (!header->with_keyword && default_with_keyword) {
                    continue;
                }
                if (header->with_keyword && !default_with_keyword) {
                    result.profiles_.erase("default");
                    default_with_keyword = true;
                }
            }
            auto& sections = header->section == Section::profile       ? result.profiles_
                             : header->section == Section::sso_session ? result.sso_sessions_
                                                                       : result.services_;
            profile = &sections[header->name];
            if (profile->line == 0) {
                profile->line = number;
            }
            continue;
        }
        if (!in_section) {
            return std::unexpected(fmt::format("{}:{}: a line before the first [section]", file, number));
        }
        if (profile == nullptr) {
            continue;
        }
        if (is_blank(line.front()) && property != nullptr) {
            // A nested property or a continued value: part of the property above.
            property->text.append("\n").append(trimmed);
            continue;
        }
        const std::size_t equals = trimmed.find('=');
        const std::string_view name = text::trim(trimmed.substr(0, equals));
        if (equals == std::string_view::npos || name.empty()) {
            return std::unexpected(fmt::format("{}:{}: neither a [section] nor NAME = VALUE", file, number));
        }
        std::string lower = text::to_lower(name);
        const std::string_view written = trimmed.substr(equals + 1);
        const std::string_view value =
            lower == verbatim_property ? text::trim(written) : without_quotes(text::trim(without_comment(written)));
        property = &(profile->properties[std::move(lower)] = Property(std::string(value), number));
    }
    return result;
}

std::expected<ProfileFile, std::string> ProfileFile::load(const std::string& file, FileKind kind) {
    std::error_code ec;
    const auto status = std::filesystem::status(file, ec);
    if (status.type() == std::filesystem::file_type::not_found) {
        ProfileFile missing;
        missing.name_ = file;
        missing.exists_ = false;
        return missing;
    }
    if (ec) {
        return std::unexpected(fmt::format("{}: {}", file, ec.message()));
    }
    if (status.type() == std::filesystem::file_type::directory) {
        return std::unexpected(fmt::format("{}: is a directory, not a file", file));
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return std::unexpected(fmt::format("{}: cannot be opened: {}", file, std::system_category().message(errno)));
    }
    Secret buffer = Secret::of_size(max_profile_file_bytes + 1);
    stream.read(buffer.mutable_data(), static_cast<std::streamsize>(buffer.size()));
    if (stream.bad()) {
        return std::unexpected(fmt::format("{}: cannot be read", file));
    }
    const auto size = static_cast<std::size_t>(stream.gcount());
    if (size > max_profile_file_bytes) {
        return std::unexpected(fmt::format("{}: larger than {} bytes", file, max_profile_file_bytes));
    }
    return parse(buffer.expose().substr(0, size), file, kind);
}

}  // namespace arngate::credentials
