#include "core/base/version.hpp"
#include "daemon/cli/commands.hpp"

#include <ostream>

namespace arngate::cli {

int run_version(const CommandLine& line, const Surroundings& surroundings) {
    std::ostream& out = surroundings.out;
    if (line.version_short) {
        out << version() << '\n';
    } else if (line.version_output.empty() || line.version_output == "json") {
        out << R"({"Version":")" << version() << '"';
        if (!commit().empty()) {
            out << R"(,"Commit":")" << commit() << '"';
        }
        out << "}\n";
    } else if (line.version_output == "yaml") {
        out << "version: " << version() << "\ncommit: " << (commit().empty() ? "\"\"" : commit()) << "\ndate: \"\"\n";
    } else {
        // Status 0, as the Go server has it: scripts that probe for a version rely on it.
        surroundings.err << "unknown version option\n";
    }
    return success;
}

}  // namespace arngate::cli
