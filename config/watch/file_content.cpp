#include "config/watch/file_content.hpp"

#include "core/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace arngate::watch {
namespace {

constexpr int max_attempts = 3;

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_from(const struct stat& status) {
    return {
        status.st_dev,
        status.st_ino,
        static_cast<std::uint64_t>(status.st_size),
        nanoseconds(status.st_mtim),
        nanoseconds(status.st_ctim),
    };
}

FileError error_of(int number) {
    const bool missing = number == ENOENT || number == ENOTDIR;
    return {
        missing ? FileError::Kind::missing : FileError::Kind::unreadable,
        missing ? std::string("no such file") : std::error_code(number, std::generic_category()).message(),
    };
}

std::expected<FileContent, FileError> read_once(const std::string& path, std::size_t max_bytes) {
    // A pipe without a writer would block without O_NONBLOCK; to regular files it means nothing.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open())
        return std::unexpected(error_of(errno));
    struct stat before{};
    if (::fstat(file.number(), &before) != 0)
        return std::unexpected(error_of(errno));
    if (!S_ISREG(before.st_mode))
        return std::unexpected(
            FileError{FileError::Kind::unreadable, S_ISDIR(before.st_mode) ? "a directory" : "no regular file"}
        );
    FileContent content;
    content.stamp = stamp_from(before);
    auto text = read_to_end(file, content.stamp.size, max_bytes);
    if (!text)
        return std::unexpected(error_of(text.error().value()));
    if (text->size() > max_bytes)
        return std::unexpected(
            FileError{FileError::Kind::too_large, "more than " + std::to_string(max_bytes) + " bytes"}
        );
    struct stat after{};
    if (::fstat(file.number(), &after) != 0)
        return std::unexpected(error_of(errno));
    // Some file systems that make content as it is read tell no size.
    const bool whole = content.stamp.size == 0 || text->size() == content.stamp.size;
    if (stamp_from(after) != content.stamp || !whole)
        return std::unexpected(FileError{FileError::Kind::unsteady, "a file that changes while it is read"});
    content.text = *std::move(text);
    return content;
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return stamp_from(status);
}

std::expected<FileContent, FileError> read_whole(const std::string& path, std::size_t max_bytes) {
    auto content = read_once(path, max_bytes);
    for (int attempt = 1; attempt < max_attempts; ++attempt) {
        if (content || content.error().kind != FileError::Kind::unsteady)
            break;
        content = read_once(path, max_bytes);
    }
    return content;
}

}  // namespace arngate::watch
