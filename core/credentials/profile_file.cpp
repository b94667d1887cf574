#include "core/credentials/profile_file.hpp"

#include "core/base/secret.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <cerrno>
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

struct Header {
    std::string profile;        ///< empty: a section that holds no profile
    bool with_keyword = false;  ///< written "[profile NAME]"
};

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
        return Header{std::string(inner), false};
    }
    constexpr std::string_view keyword = "profile";
    if (inner.size() > keyword.size() && inner.starts_with(keyword) && is_blank(inner[keyword.size()])) {
        return Header{std::string(without_quotes(text::trim(inner.substr(keyword.size())))), true};
    }
    return Header{inner == "default" ? "default" : "", false};
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

const Profile* ProfileFile::find(std::string_view name) const {
    const auto found = profiles_.find(name);
    return found == profiles_.end() ? nullptr : &found->second;
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
            if (header->profile.empty()) {
                continue;
            }
            if (header->profile == "default") {
                if (!header->with_keyword && default_with_keyword) {
                    continue;
                }
                if (header->with_keyword && !default_with_keyword) {
                    result.profiles_.erase("default");
                    default_with_keyword = true;
                }
            }
            profile = &result.profiles_[header->profile];
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
            // A nested property or a continued value: part of the property above, whose value no key of ours reads.
            property->text.append("\n").append(trimmed);
            continue;
        }
        const std::size_t equals = trimmed.find('=');
        const std::string_view name = text::trim(trimmed.substr(0, equals));
        if (equals == std::string_view::npos || name.empty()) {
            return std::unexpected(fmt::format("{}:{}: neither a [section] nor NAME = VALUE", file, number));
        }
        const std::string_view value = without_quotes(text::trim(without_comment(trimmed.substr(equals + 1))));
        property = &(profile->properties[text::to_lower(name)] = Property(std::string(value), number));
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
