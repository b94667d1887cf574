#pragma once

#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace arngate::test {

// The sanitizer itself opens a pipe to look at an object, and takes every one for a wrong one when it cannot.
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
inline constexpr bool sanitizer_needs_descriptors = true;
#else
inline constexpr bool sanitizer_needs_descriptors = false;
#endif
#else
inline constexpr bool sanitizer_needs_descriptors = false;
#endif

/// While it lives, this process opens no more descriptors. Not where `sanitizer_needs_descriptors`.
class NoDescriptors {
public:
    NoDescriptors() {
        check(::getrlimit(RLIMIT_NOFILE, &usual_));
        rlimit none = usual_;
        none.rlim_cur = 0;
        check(::setrlimit(RLIMIT_NOFILE, &none));
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &usual_); }

private:
    static void check(int status) {
        if (status != 0) {
            throw std::system_error(errno, std::generic_category(), "the limit of descriptors");
        }
    }

    rlimit usual_{};
};

}  // namespace arngate::test
