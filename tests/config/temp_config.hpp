#pragma once

#include "config/load.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <cstdlib>

namespace arngate::config::testing {

/// A configuration file in a directory of its own, gone with the object.
class TempConfig {
public:
    explicit TempConfig(std::string_view text, std::string_view name = "c.yaml") {
        std::string pattern = (std::filesystem::temp_directory_path() / "arngate-config-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        directory_ = pattern;
        path_ = directory_ / name;
        write(text);
    }
    ~TempConfig() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    TempConfig(const TempConfig&) = delete;
    TempConfig& operator=(const TempConfig&) = delete;

    void write(std::string_view text) const {
        std::ofstream stream(path_, std::ios::binary | std::ios::trunc);
        stream << text;
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

    /// The texts of the problems, one a line, with the bare file name.
    [[nodiscard]] std::string texts(Problems problems) const {
        std::string out;
        for (Problem& problem : problems) {
            if (problem.file == path())
                problem.file = path_.filename().string();
            if (!out.empty())
                out += '\n';
            out += problem.text();
        }
        return out;
    }

private:
    std::filesystem::path directory_;
    std::filesystem::path path_;
};

}  // namespace arngate::config::testing
