#include "core/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

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

// A text and a secret as buffers: `filled` bytes of them hold something.

char* bytes_of(std::string& text) {
    return text.data();
}
char* bytes_of(Secret& secret) {
    return secret.mutable_data();
}

void grow(std::string& text, std::size_t /*filled*/, std::size_t size) {
    text.resize(size);
}
void grow(Secret& secret, std::size_t filled, std::size_t size) {
    Secret larger = Secret::of_size(size);
    std::copy_n(secret.mutable_data(), filled, larger.mutable_data());
    secret = std::move(larger);
}

void cut(std::string& text, std::size_t size) {
    text.resize(size);
}
void cut(Secret& secret, std::size_t size) {
    secret.truncate(size);
}

template <class Buffer>
std::expected<Buffer, std::error_code> read_all(
    const Descriptor& file, std::size_t expected_bytes, std::size_t max_bytes
) {
    constexpr std::size_t first_piece = 4096;
    Buffer buffer;
    // One byte more than expected, so that the end is seen without growing.
    grow(buffer, 0, std::min(expected_bytes == 0 ? first_piece : expected_bytes, max_bytes) + 1);
    std::size_t filled = 0;
    for (;;) {
        if (filled == buffer.size()) {
            grow(buffer, filled, std::min(2 * filled, max_bytes + 1));
        }
        const ssize_t got = ::read(file.number(), bytes_of(buffer) + filled, buffer.size() - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return std::unexpected(last_error());
        }
        filled += static_cast<std::size_t>(got);
        if (got == 0 || filled > max_bytes) {
            cut(buffer, filled);
            return buffer;
        }
    }
}

template <class Buffer>
std::expected<Buffer, FileReadError> read_whole(const std::string& path, std::size_t max_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) {
        return failure(FileReadError::Kind::cannot_open, last_error());
    }
    auto content = read_all<Buffer>(file, size_of(file), max_bytes);
    if (!content) {
        return failure(FileReadError::Kind::cannot_read, content.error());
    }
    if (content->size() > max_bytes) {
        return std::unexpected(FileReadError{FileReadError::Kind::too_large, {}});
    }
    return *std::move(content);
}

}  // namespace

std::expected<std::string, std::error_code> read_to_end(
    const Descriptor& file, std::size_t expected_bytes, std::size_t max_bytes
) {
    return read_all<std::string>(file, expected_bytes, max_bytes);
}

std::expected<Secret, std::error_code> read_secret_to_end(
    const Descriptor& file, std::size_t expected_bytes, std::size_t max_bytes
) {
    return read_all<Secret>(file, expected_bytes, max_bytes);
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
    return read_whole<std::string>(path, max_bytes);
}

std::expected<Secret, FileReadError> read_whole_secret_file(const std::string& path, std::size_t max_bytes) {
    return read_whole<Secret>(path, max_bytes);
}

}  // namespace arngate
