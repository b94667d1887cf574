// The configuration file. The first byte chooses the format.

#include "config/document.hpp"
#include "config/load.hpp"
#include "tests/fuzz/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

constexpr auto extensions = std::to_array<std::string_view>({"yaml", "json", "toml", "env"});

/// Removed when the process ends.
class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("arngate-config-fuzz-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string file(std::string_view extension) const {
        return path_ / ("config." + std::string(extension));
    }

private:
    std::filesystem::path path_;
};

void check_problems(const config::Problems& problems) {
    check(!problems.empty());
    for (const config::Problem& problem : problems) {
        check(problem.line >= 0 && problem.column >= 0);
        check(problem.text().find('\n') == std::string::npos);
    }
}

std::size_t depth_of(const config::Node& node) {
    std::size_t deepest = 0;
    for (const auto& item : node.items) {
        deepest = std::max(deepest, depth_of(item));
    }
    for (const auto& member : node.members) {
        deepest = std::max(deepest, depth_of(member.value));
    }
    return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    static const Folder folder;
    const std::string_view extension = extensions[data[0] % extensions.size()];
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    const std::string file = folder.file(extension);

    const auto document = config::parse_document(file, text);
    if (!document) {
        check_problems(document.error());
    } else {
        check(depth_of(*document) <= config::max_document_depth + 1);
    }

    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    config::LoadRequest request;
    request.file = file;
    const auto loaded = config::load(request);
    check(!loaded.has_value() || document.has_value());
    if (!loaded) {
        check_problems(loaded.error());
    }
    return 0;
}
