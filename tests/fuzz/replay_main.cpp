// Runs every file of the directories and files named on the command line through the fuzz target, for builds without
// libFuzzer. Each file is run in pieces, too: the whole, and every prefix of a short one, because parsers break at
// ends.

#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr std::size_t max_prefixes = 2048;

std::vector<std::filesystem::path> files_of(const std::vector<std::string>& arguments) {
    std::vector<std::filesystem::path> out;
    for (const std::string& argument : arguments) {
        if (std::filesystem::is_directory(argument)) {
            for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
                if (entry.is_regular_file()) {
                    out.push_back(entry.path());
                }
            }
        } else {
            out.emplace_back(argument);
        }
    }
    std::ranges::sort(out);
    return out;
}

/// An exact heap copy, so that a sanitizer sees a read behind the end.
void run(const std::string& bytes, std::size_t size) {
    const auto copy = std::make_unique<std::uint8_t[]>(size);  // NOLINT(modernize-avoid-c-arrays)
    std::copy_n(bytes.begin(), size, copy.get());
    LLVMFuzzerTestOneInput(copy.get(), size);
}

}  // namespace

int main(int argc, char** argv) {
    const auto files = files_of({argv + 1, argv + argc});
    if (files.empty()) {
        std::fputs("usage: replay CORPUS…; the corpus is empty\n", stderr);
        return 2;
    }
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        if (!stream) {
            std::fprintf(stderr, "%s cannot be read\n", file.c_str());
            return 2;
        }
        std::printf("%s\n", file.c_str());
        std::fflush(stdout);
        for (std::size_t size = 0; size < std::min(bytes.size(), max_prefixes); ++size) {
            run(bytes, size);
        }
        run(bytes, bytes.size());
    }
    std::printf("%zu files\n", files.size());
    return 0;
}
