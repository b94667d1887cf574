#include "bench/arngate-bench/files.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>

namespace arngate::bench {

std::expected<std::string, std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string content;
    std::string block(65'536, '\0');
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
        content.append(block, 0, static_cast<std::size_t>(file.gcount()));
        if (content.size() > max_file_bytes) {
            return std::unexpected(fmt::format("{} is larger than {} MiB", path, max_file_bytes >> 20U));
        }
    }
    if (!file.eof() || file.bad()) {
        return std::unexpected(fmt::format("cannot read {}", path));
    }
    return content;
}

std::expected<void, std::string> write_file(const std::string& path, std::string_view content) {
    if (path == "-") {
        if (std::fwrite(content.data(), 1, content.size(), stdout) != content.size() || std::fflush(stdout) != 0) {
            return std::unexpected("cannot write to standard output");
        }
        return {};
    }
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
    if (!file.flush()) {
        return std::unexpected(fmt::format("cannot write {}", path));
    }
    return {};
}

}  // namespace arngate::bench
