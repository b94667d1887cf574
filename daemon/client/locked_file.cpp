#include "daemon/client/locked_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace arngate::client {

namespace {

constexpr std::chrono::milliseconds poll_interval{20};
constexpr mode_t private_mode = 0600;
constexpr mode_t others = 0077;

std::unexpected<std::string> last_error() {
    return std::unexpected(std::error_code(errno, std::generic_category()).message());
}

bool take(int descriptor, Lock lock, std::chrono::milliseconds wait) {
    const int operation = (lock == Lock::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    const auto until = std::chrono::steady_clock::now() + wait;
    while (::flock(descriptor, operation) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return false;
        }
        if (std::chrono::steady_clock::now() >= until) {
            errno = EWOULDBLOCK;
            return false;
        }
        std::this_thread::sleep_for(poll_interval);
    }
    return true;
}

}  // namespace

std::expected<std::optional<LockedFile>, std::string> LockedFile::open(
    const std::string& file, Lock lock, std::chrono::milliseconds wait
) {
    // Non-blocking, as opening a pipe that nobody writes to would wait for ever.
    const int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (lock == Lock::shared ? O_RDONLY : O_RDWR | O_CREAT);
    Descriptor descriptor(::open(file.c_str(), flags, private_mode));
    if (!descriptor.is_open()) {
        if (errno == ENOENT && lock == Lock::shared) {
            return std::nullopt;
        }
        return last_error();
    }
    struct stat status{};
    if (::fstat(descriptor.number(), &status) != 0) {
        return last_error();
    }
    if (!S_ISREG(status.st_mode)) {
        return std::unexpected("not a regular file");
    }
    if (status.st_uid != ::geteuid()) {
        return std::unexpected("it belongs to another user");
    }
    if ((status.st_mode & others) != 0) {
        return std::unexpected(fmt::format("it is not private (mode {:04o}): chmod 600", status.st_mode & 07777U));
    }
    if (!take(descriptor.number(), lock, wait)) {
        if (errno == EWOULDBLOCK) {
            return std::unexpected("another process keeps it locked");
        }
        return last_error();
    }
    return LockedFile(std::move(descriptor));
}

std::expected<Secret, std::string> LockedFile::read(std::size_t max_bytes) const {
    struct stat status{};
    if (::fstat(descriptor_.number(), &status) != 0) {
        return last_error();
    }
    if (std::cmp_greater(status.st_size, max_bytes)) {
        return std::unexpected(fmt::format("larger than {} bytes", max_bytes));
    }
    Secret content = Secret::of_size(static_cast<std::size_t>(status.st_size));
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t count = ::pread(
            descriptor_.number(), content.mutable_data() + size, content.size() - size, static_cast<off_t>(size)
        );
        if (count == 0) {
            break;
        }
        if (count > 0) {
            size += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            return last_error();
        }
    }
    content.truncate(size);
    return content;
}

std::expected<void, std::string> LockedFile::rewrite(const Secret& content) const {
    std::string_view rest = content.expose();
    off_t at = 0;
    while (!rest.empty()) {
        const ssize_t count = ::pwrite(descriptor_.number(), rest.data(), rest.size(), at);
        if (count >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
            at += count;
        } else if (errno != EINTR) {
            return last_error();
        }
    }
    // Last, so that a full disk leaves as much of the old content as there was.
    if (::ftruncate(descriptor_.number(), at) != 0) {
        return last_error();
    }
    return {};
}

void make_folders_of(const std::string& file) {
    for (std::size_t slash = file.find('/', 1); slash != std::string::npos; slash = file.find('/', slash + 1)) {
        ::mkdir(file.substr(0, slash).c_str(), 0700);
    }
}

}  // namespace arngate::client
