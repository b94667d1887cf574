#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace arngate {

/// A directory of a test's own, removed at its end.
class TempDirectory {
public:
    TempDirectory() {
        std::string pattern = testing::TempDir() + "arngate-app-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    ~TempDirectory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    std::string write(const std::string& name, const std::string& content) const {
        std::string file = path_ + "/" + name;
        std::ofstream(file) << content;
        return file;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream stream(path_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

private:
    std::string path_;
};

}  // namespace arngate
