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
#include <functional>
#include <limits>
#include <system_error>
#include <utility>

namespace arngate::pki {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{1024} * 1024;

std::string message_of(int code) {
    return std::system_category().message(code);
}

std::unexpected<std::string> failure(std::string_view what, const std::string& path, int code) {
    return std::unexpected(file_failure(what, path, code));
}

/// Why a file was not put into its place.
struct PutFailure {
    std::string text;
    bool is_out_of_reach = false;  ///< nothing can be put there; what is there may still be writable
};

std::unexpected<PutFailure> put_failure(std::string_view what, const std::string& path, int code) {
    return std::unexpected(PutFailure{file_failure(what, path, code), false});
}

std::unexpected<PutFailure> place_failure(std::string_view what, const std::string& path, int code) {
    const bool out_of_reach = code == EBUSY || code == EACCES || code == EPERM || code == EROFS;
    return std::unexpected(PutFailure{file_failure(what, path, code), out_of_reach});
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

/// A whole file under a name beside its own, which then takes its own. `adopt` makes the file what it is to be before
/// it has its name, and returns an errno.
std::expected<void, PutFailure> put(
    const std::string& path,
    std::string_view content,
    mode_t mode,
    Existing existing,
    const std::function<int(int descriptor)>& adopt
) {
    const std::string directory = directory_of(path);
    const std::string name = std::filesystem::path(path).filename().string();
    const std::uint64_t number = random_below(std::numeric_limits<std::uint64_t>::max());
    const Temporary temporary(fmt::format("{}/.{}.{:016x}", directory, name, number));

    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.is_open()) {
        return place_failure("cannot write", path, errno);
    }
    if (const std::error_code error = write_all(file, content)) {
        return put_failure("cannot write", path, error.value());
    }
    if (const int code = adopt(file.number()); code != 0) {
        return put_failure("cannot give away", path, code);
    }
    if (::fsync(file.number()) != 0 || file.close() != 0) {
        return put_failure("cannot write", path, errno);
    }
    if (existing == Existing::replace) {
        if (::rename(temporary.c_str(), path.c_str()) != 0) {
            return place_failure("cannot replace", path, errno);
        }
    } else if (::link(temporary.c_str(), path.c_str()) != 0) {
        return put_failure("cannot create", path, errno);
    }

    const Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some file systems cannot sync a directory; the rename itself was done.
    if (!parent.is_open() || (::fsync(parent.number()) != 0 && errno != EINVAL && errno != EROFS)) {
        return put_failure("cannot sync the directory of", path, errno);
    }
    return {};
}

/// Owner, group and mode of what a new file takes the place of. Where the group may not be given, the new group and
/// all others may do what both could before.
void take_attributes(int descriptor, const struct stat& old) {
    constexpr auto same_user = static_cast<uid_t>(-1);
    mode_t mode = old.st_mode & 0777U;
    if (::fchown(descriptor, old.st_uid, old.st_gid) != 0 && ::fchown(descriptor, same_user, old.st_gid) != 0) {
        const mode_t both = (mode >> 3U) & mode & 07U;
        mode = (mode & 0700U) | (both << 3U) | both;
    }
    // A file system without modes refuses this; the file was made for its owner alone.
    static_cast<void>(::fchmod(descriptor, mode));
}

/// The name at the end of the symbolic links of this one, whether something has it or not.
std::string behind_links(std::string path) {
    constexpr int max_links = 40;  // as the kernel has it
    for (int link = 0; link < max_links; ++link) {
        std::error_code no_link;
        const std::filesystem::path target = std::filesystem::read_symlink(path, no_link);
        if (no_link) {
            break;
        }
        path = (std::filesystem::path(directory_of(path)) / target).string();
    }
    return path;
}

/// An errno. Overwrites first and cuts off then: the file is never empty, and takes no room on a full disk that it does
/// not have.
int overwrite(const Descriptor& file, std::string_view content) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) {
        return errno;
    }
    const std::error_code error = write_all(file, content);
    if (error || !S_ISREG(status.st_mode)) {
        return error.value();
    }
    const bool written =
        ::ftruncate(file.number(), static_cast<off_t>(content.size())) == 0 && ::fsync(file.number()) == 0;
    return written ? 0 : errno;
}

std::string read_failure(const std::string& path, const FileReadError& error) {
    return error.kind == FileReadError::Kind::too_large
               ? fmt::format("cannot read {}: larger than {} bytes", path, max_file_bytes)
               : fmt::format("cannot read {}: {}", path, error.code.message());
}

/// The number of the mount that a name is in, as /proc says it; nothing where it cannot be told. The name itself
/// counts, not what a symbolic link leads to.
std::optional<std::string> mount_of(const std::string& path) {
    constexpr std::string_view field = "\nmnt_id:";
    const Descriptor file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    const auto status = read_whole_file(fmt::format("/proc/self/fdinfo/{}", file.number()), max_file_bytes);
    const std::size_t at = status ? status->find(field) : std::string::npos;
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const std::size_t value = at + field.size();
    return status->substr(value, status->find('\n', value) - value);
}

}  // namespace

std::string file_failure(std::string_view what, const std::string& path, int code) {
    std::string text = fmt::format("{} {}: {}", what, path, message_of(code));
    if (code == ENOENT) {
        text += fmt::format("; create the directory {} first", directory_of(path));
    } else if (code == EACCES || code == EPERM || code == EROFS) {
        text += fmt::format("; uid {} needs write access to the directory {}", ::geteuid(), directory_of(path));
    } else if (code == EBUSY) {
        text += fmt::format("; it is a mount of its own: mount its directory {} instead", directory_of(path));
    }
    return text;
}

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
    const auto give = [&owner](int descriptor) {
        const bool given =
            !owner || *owner == Owner{::geteuid(), ::getegid()} || ::fchown(descriptor, owner->user, owner->group) == 0;
        return given ? 0 : errno;
    };
    auto done = put(path, content, mode, existing, give);
    if (!done) {
        return std::unexpected(std::move(done).error().text);
    }
    return {};
}

std::expected<void, std::string> check_replaceable(const std::string& path) {
    const auto mount = mount_of(path);
    if (mount && mount != mount_of(directory_of(path) + "/.")) {  // of the directory itself if it is a link
        return failure("cannot replace", path, EBUSY);
    }
    return {};
}

std::expected<void, std::string> replace_file(
    const std::string& path, std::string_view content, mode_t new_mode, OutOfReach out_of_reach
) {
    struct stat old{};
    const bool exists = ::stat(path.c_str(), &old) == 0;
    if (!exists && errno != ENOENT) {
        return failure("cannot write", path, errno);
    }
    std::string why_not = fmt::format("cannot replace {}: it is not a regular file", path);
    if (!exists || S_ISREG(old.st_mode)) {
        const auto adopt = [&](int descriptor) {
            if (exists) {
                take_attributes(descriptor, old);
            }
            return 0;
        };
        auto done = put(behind_links(path), content, exists ? 0600 : new_mode, Existing::replace, adopt);
        if (done) {
            return {};
        }
        why_not = std::move(done.error().text);
        if (!exists || !done.error().is_out_of_reach) {
            return std::unexpected(std::move(why_not));
        }
    }
    if (out_of_reach == OutOfReach::refuse) {
        return std::unexpected(std::move(why_not));
    }
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.is_open()) {
        return std::unexpected(std::move(why_not));
    }
    if (const int code = overwrite(file, content); code != 0) {
        return failure("cannot write", path, code);
    }
    if (file.close() != 0) {
        return failure("cannot write", path, errno);
    }
    return {};
}

std::expected<std::string, std::string> read_file(const std::string& path) {
    auto content = read_whole_file(path, max_file_bytes);
    if (!content) {
        return std::unexpected(read_failure(path, content.error()));
    }
    return *std::move(content);
}

std::expected<Secret, std::string> read_secret_file(const std::string& path) {
    auto content = read_whole_secret_file(path, max_file_bytes);
    if (!content) {
        return std::unexpected(read_failure(path, content.error()));
    }
    return *std::move(content);
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
