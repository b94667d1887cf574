#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace arngate::pki {

/// A directory of a test's own, removed at its end.
class TempDirectory {
public:
    TempDirectory() {
        std::string pattern = testing::TempDir() + "arngate-pki-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    ~TempDirectory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::size_t count() const {
        std::size_t entries = 0;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            static_cast<void>(entry);
            ++entries;
        }
        return entries;
    }

private:
    std::string path_;
};

inline std::string slurp(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

inline unsigned mode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

}  // namespace arngate::pki
