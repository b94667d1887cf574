#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::watch::testing {

/// Into the file that is there, if there is one.
inline void write_in_place(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// As a new file under the same name.
inline void write_by_rename(const std::filesystem::path& path, std::string_view text) {
    const std::filesystem::path other = path.string() + ".new";
    write_in_place(other, text);
    std::filesystem::rename(other, path);
}

/// As the kubelet does in volumes of ConfigMaps and Secrets: a directory of its own for each version, and a link that
/// is renamed over the last one.
class KubernetesVolume {
public:
    KubernetesVolume(std::filesystem::path directory, std::string name)
        : directory_(std::move(directory)), name_(std::move(name)) {
        std::filesystem::create_directories(directory_);
        std::filesystem::create_symlink(std::filesystem::path("..data") / name_, directory_ / name_);
    }

    [[nodiscard]] std::string path() const { return (directory_ / name_).string(); }

    void put(std::string_view text) {
        const std::string version = "..version" + std::to_string(++versions_);
        std::filesystem::create_directory(directory_ / version);
        write_in_place(directory_ / version / name_, text);
        std::filesystem::create_symlink(version, directory_ / "..data_tmp");
        std::filesystem::rename(directory_ / "..data_tmp", directory_ / "..data");
        if (versions_ > 1)
            std::filesystem::remove_all(directory_ / ("..version" + std::to_string(versions_ - 1)));
    }

private:
    std::filesystem::path directory_;
    std::string name_;
    int versions_ = 0;
};

}  // namespace arngate::watch::testing
