#pragma once

#include <sys/stat.h>

#include <string>

namespace arngate::pki {

/// The permission bits of a file; 0 if there is none.
inline unsigned mode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

}  // namespace arngate::pki
