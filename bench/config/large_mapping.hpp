#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>

namespace arngate::bench {

/// A configuration file with this many roles, each with a username and two groups.
inline std::string mounted_file_of(std::size_t entries) {
    std::string text = "clusterID: bench\nserver:\n  mapRoles:\n";
    for (std::size_t i = 0; i < entries; ++i) {
        text += fmt::format(
            "  - roleARN: arn:aws:iam::111122223333:role/team-{0:06}\n"
            "    username: team-{0:06}:{{{{SessionName}}}}\n"
            "    groups:\n"
            "    - developers\n"
            "    - team-{0:06}\n",
            i
        );
    }
    return text;
}

/// The same file with each entry in one line.
inline std::string flow_file_of(std::size_t entries) {
    std::string text = "clusterID: bench\nserver:\n  mapRoles:\n";
    for (std::size_t i = 0; i < entries; ++i) {
        text += fmt::format(
            "  - {{roleARN: arn:aws:iam::111122223333:role/team-{0:06}, username: team-{0:06}:session, "
            "groups: [developers, \"team-{0:06}\"]}}\n",
            i
        );
    }
    return text;
}

/// A file of the backend DynamicFile with the same roles.
inline std::string dynamic_file_of(std::size_t entries) {
    std::string text = R"({"Version": "1", "mapRoles": [)";
    for (std::size_t i = 0; i < entries; ++i) {
        text += fmt::format(
            R"({0}
  {{"rolearn": "arn:aws:iam::111122223333:role/team-{1:06}", "username": "team-{1:06}:{{{{SessionName}}}}", )"
            R"("groups": ["developers", "team-{1:06}"]}})",
            i == 0 ? "" : ",",
            i
        );
    }
    return text + "\n]}\n";
}

}  // namespace arngate::bench
