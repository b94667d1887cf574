// Writes what is installed beside the program and made of its tables: the pages of the manual and the scripts by which
// shells complete. Runs while the program is built.

#include "daemon/cli/completion.hpp"
#include "daemon/cli/man_page.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

namespace {

bool write(const std::filesystem::path& file, std::string_view text) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        std::cerr << "cannot write " << file.string() << '\n';
    }
    return out.good();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: arngate-manual DIRECTORY\n";
        return 2;
    }
    const std::filesystem::path share(argv[1]);
    bool good = true;
    for (const arngate::cli::ManPage& page : arngate::cli::man_pages()) {
        good = write(share / ("man/man" + page.name.substr(page.name.rfind('.') + 1)) / page.name, page.text) && good;
    }
    const auto script = [](std::string_view shell) { return arngate::cli::completion_script(shell, "arngate"); };
    good = write(share / "bash-completion/completions/arngate", script("bash")) && good;
    good = write(share / "zsh/site-functions/_arngate", script("zsh")) && good;
    good = write(share / "fish/vendor_completions.d/arngate.fish", script("fish")) && good;
    return good ? 0 : 1;
}
