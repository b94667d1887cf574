#include "core/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace arngate {
namespace {

std::error_code last_error() {
    return {errno, std::generic_category()};
}

std::unexpected<FileReadError> failure(FileReadError::Kind otherwise, std::error_code code) {
    using enum FileReadError::Kind;
    const bool is_missing = code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory;
    const bool is_directory = code == std::errc::is_a_directory;
    return std::unexpected(FileReadError{is_missing ? missing : is_directory ? directory : otherwise, code});
}

/// What stat(2) gives; 0 of a pipe and the like.
std::size_t size_of(const Descriptor& file) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    return static_cast<std::size_t>(status.st_size);
}

}  // namespace

std::expected<std::string, std::error_code> read_to_end(
    const Descriptor& file, std::size_t expected_bytes, std::size_t max_bytes
) {
    constexpr std::size_t first_piece = 4096;
    // One byte more than expected, so that the end is seen without growing.
    std::string text(std::min(expected_bytes == 0 ? first_piece : expected_bytes, max_bytes) + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        if (filled == text.size()) {
            text.resize(std::min(2 * filled, max_bytes + 1));
        }
        const ssize_t got = ::read(file.number(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return std::unexpected(last_error());
        }
        filled += static_cast<std::size_t>(got);
        if (got == 0 || filled > max_bytes) {
            text.resize(filled);
            return text;
        }
    }
}

std::error_code write_all(const Descriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            return last_error();
        }
    }
    return {};
}

std::expected<std::string, FileReadError> read_whole_file(const std::string& path, std::size_t max_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) {
        return failure(FileReadError::Kind::cannot_open, last_error());
    }
    auto text = read_to_end(file, size_of(file), max_bytes);
    if (!text) {
        return failure(FileReadError::Kind::cannot_read, text.error());
    }
    if (text->size() > max_bytes) {
        return std::unexpected(FileReadError{FileReadError::Kind::too_large, {}});
    }
    return *std::move(text);
}

}  // namespace arngate
