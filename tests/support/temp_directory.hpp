#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace arngate {

/// All bytes of a file; empty if it cannot be read.
[[nodiscard]] inline std::string slurp(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A directory of a test's own, removed at its end.
class TempDirectory {
public:
    TempDirectory() : path_((std::filesystem::temp_directory_path() / "arngate-test-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw std::runtime_error("no temporary directory");
        }
    }
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    ~TempDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string file(std::string_view name) const { return std::string(path_).append("/").append(name); }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return file(name); }
    /// How many entries it has.
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
    }

    /// The path of the file that is written.
    std::string write(std::string_view name, std::string_view content) const {
        std::string written = file(name);
        std::ofstream(written, std::ios::binary) << content;
        return written;
    }
    [[nodiscard]] std::string read(std::string_view name) const { return slurp(file(name)); }

private:
    std::string path_;
};

}  // namespace arngate
