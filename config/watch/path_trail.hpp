#pragma once

#include <string>
#include <vector>

namespace arngate::watch {

/// One name that is looked up on the way to a file.
struct TrailStep {
    std::string directory;  ///< absolute, free of symbolic links when it was looked at
    std::string name;       ///< in it
    bool is_file = false;   ///< the file itself, or where it would be; else a directory or a symbolic link on the way

    friend bool operator==(const TrailStep&, const TrailStep&) = default;
};

/// Every name whose entry decides which file a path leads to, from the root on, through at most 40 symbolic links; ends
/// early at a name that is not there. Whoever watches these directories for these names misses no replacement of the
/// file, of a link or of a directory on the way.
[[nodiscard]] std::vector<TrailStep> path_trail(const std::string& path);

}  // namespace arngate::watch
