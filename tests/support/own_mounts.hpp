#pragma once

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

namespace arngate {

namespace own_mounts {

inline bool write_to(const char* path, std::string_view text) {
    const int file = ::open(path, O_WRONLY | O_CLOEXEC);
    const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    return file >= 0 && ::close(file) == 0 && written;
}

/// A mount namespace, where it needs it in a user namespace in which the process is who it was.
inline bool enter() {
    const std::string user = std::to_string(::geteuid());
    const std::string group = std::to_string(::getegid());
    if (::unshare(CLONE_NEWNS) != 0) {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_to("/proc/self/setgroups", "deny") ||
            !write_to("/proc/self/uid_map", user + " " + user + " 1") ||
            !write_to("/proc/self/gid_map", group + " " + group + " 1")) {
            return false;
        }
    }
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

}  // namespace own_mounts

/// Runs `body` in a process that may mount, and whose mounts end with it; what it expects counts for the test. False
/// where this is not permitted.
inline bool with_own_mounts(const std::function<void()>& body) {
    constexpr int not_permitted = 77;
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        if (!own_mounts::enter()) {
            ::_exit(not_permitted);
        }
        body();
        std::fflush(nullptr);
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == not_permitted) {
        return false;
    }
    EXPECT_EQ(status, 0) << "what failed stands above";
    return true;
}

/// One file or directory in the place of another. For `with_own_mounts`.
[[nodiscard]] inline bool mount_over(const std::string& place, const std::string& with) {
    return ::mount(with.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0;
}
[[nodiscard]] inline bool make_read_only(const std::string& place) {
    return ::mount(nullptr, place.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

}  // namespace arngate
