#include "core/base/version.hpp"
#include "daemon/cli/commands.hpp"

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>

namespace arngate::cli {

std::string version_line() {
    return fmt::format("Authenticator Version: \"{}\", \"{}\"\n", version(), commit());
}

int run_version(const CommandLine& line, const Surroundings& surroundings) {
    std::ostream& out = surroundings.out;
    const std::string_view output = line.own_flag("output");
    if (line.own_flag("short") == "true") {
        out << version() << '\n';
    } else if (output.empty() || output == "json") {
        out << R"({"Version":")" << version() << '"';
        if (!commit().empty()) {
            out << R"(,"Commit":")" << commit() << '"';
        }
        out << "}\n";
    } else if (output == "yaml") {
        out << "version: " << version() << "\ncommit: " << (commit().empty() ? "\"\"" : commit()) << "\ndate: \"\"\n";
    } else {
        // Status 0, as the Go server has it: scripts that probe for a version rely on it.
        surroundings.err << "unknown version option\n";
    }
    return success;
}

}  // namespace arngate::cli
