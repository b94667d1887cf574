#include "daemon/pki/atomic_file.hpp"

#include "core/base/file.hpp"
#include "core/base/random.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

namespace arngate::pki {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{1024} * 1024;

std::string message_of(int code) {
    return std::system_category().message(code);
}

/// An error of a file operation, with what an operator can do about the usual ones.
std::unexpected<std::string> failure(std::string_view what, const std::string& path, int code) {
    std::string text = fmt::format("{} {}: {}", what, path, message_of(code));
    if (code == ENOENT) {
        text += fmt::format("; create the directory {} first", directory_of(path));
    } else if (code == EACCES || code == EPERM || code == EROFS) {
        text += fmt::format("; uid {} needs write access to the directory {}", ::geteuid(), directory_of(path));
    }
    return std::unexpected(std::move(text));
}

/// Removes the temporary file unless it became the real one.
class Temporary {
public:
    explicit Temporary(std::string path) : path_(std::move(path)) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() { ::unlink(path_.c_str()); }
    [[nodiscard]] const char* c_str() const noexcept { return path_.c_str(); }

private:
    std::string path_;
};

}  // namespace

std::string directory_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
}

std::optional<Owner> owner_of(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return Owner{status.st_uid, status.st_gid};
}

std::expected<void, std::string> give_to(const std::string& path, const Owner& owner) {
    if (::chown(path.c_str(), owner.user, owner.group) != 0) {
        return std::unexpected(
            fmt::format("cannot give {} to {}:{}: {}", path, owner.user, owner.group, message_of(errno))
        );
    }
    return {};
}

std::expected<void, std::string> write_file(
    const std::string& path, std::string_view content, mode_t mode, Existing existing, std::optional<Owner> owner
) {
    const std::string directory = directory_of(path);
    const std::string name = std::filesystem::path(path).filename().string();
    const std::uint64_t number = random_below(std::numeric_limits<std::uint64_t>::max());
    const Temporary temporary(fmt::format("{}/.{}.{:016x}", directory, name, number));

    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.is_open()) {
        return failure("cannot write", path, errno);
    }
    if (const std::error_code error = write_all(file, content)) {
        return failure("cannot write", path, error.value());
    }
    if (owner && *owner != Owner{::geteuid(), ::getegid()} && ::fchown(file.number(), owner->user, owner->group) != 0) {
        return failure("cannot give away", path, errno);
    }
    if (::fsync(file.number()) != 0 || file.close() != 0) {
        return failure("cannot write", path, errno);
    }
    if (existing == Existing::replace) {
        if (::rename(temporary.c_str(), path.c_str()) != 0) {
            return failure("cannot replace", path, errno);
        }
    } else if (::link(temporary.c_str(), path.c_str()) != 0) {
        return failure("cannot create", path, errno);
    }

    const Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some file systems cannot sync a directory; the rename itself was done.
    if (!parent.is_open() || (::fsync(parent.number()) != 0 && errno != EINVAL && errno != EROFS)) {
        return failure("cannot sync the directory of", path, errno);
    }
    return {};
}

std::expected<std::string, std::string> read_file(const std::string& path) {
    auto content = read_whole_file(path, max_file_bytes);
    if (content) {
        return *std::move(content);
    }
    const FileReadError& error = content.error();
    return std::unexpected(
        error.kind == FileReadError::Kind::too_large
            ? fmt::format("cannot read {}: larger than {} bytes", path, max_file_bytes)
            : fmt::format("cannot read {}: {}", path, error.code.message())
    );
}

std::expected<Secret, std::string> read_secret_file(const std::string& path) {
    auto content = read_file(path);
    if (!content) {
        return std::unexpected(std::move(content).error());
    }
    Secret secret(*content);
    wipe(*content);
    return secret;
}

std::expected<DirectoryLock, std::string> DirectoryLock::acquire(const std::string& directory) {
    Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) {
        const int code = errno;
        std::string text = fmt::format("cannot use the directory {}: {}", directory, message_of(code));
        if (code == ENOENT) {
            text += "; create it, writable for the user that runs arngate";
        } else if (code == EACCES) {
            text += fmt::format("; uid {} needs read and write access to it", ::geteuid());
        }
        return std::unexpected(std::move(text));
    }
    while (::flock(opened.number(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            return std::unexpected(fmt::format("cannot lock the directory {}: {}", directory, message_of(errno)));
        }
    }
    return DirectoryLock(std::move(opened));
}

}  // namespace arngate::pki
