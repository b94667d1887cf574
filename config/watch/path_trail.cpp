#include "config/watch/path_trail.hpp"

#include <deque>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace arngate::watch {
namespace {

namespace fs = std::filesystem;

constexpr int max_links = 40;  // as the kernel

void put_before(std::deque<std::string>& names, const fs::path& path) {
    std::vector<std::string> front;
    for (const fs::path& part : path.relative_path())
        front.push_back(part.string());
    names.insert(names.begin(), std::make_move_iterator(front.begin()), std::make_move_iterator(front.end()));
}

}  // namespace

std::vector<TrailStep> path_trail(const std::string& path) {
    std::vector<TrailStep> steps;
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    if (error)
        return steps;
    std::deque<std::string> names;
    put_before(names, whole);
    fs::path at = "/";
    int links = 0;
    while (!names.empty()) {
        const std::string name = std::exchange(names.front(), {});
        names.pop_front();
        if (name.empty() || name == ".")
            continue;
        if (name == "..") {
            at = at.parent_path();
            continue;
        }
        const fs::path entry = at / name;
        const auto type = fs::symlink_status(entry, error).type();
        if (type == fs::file_type::symlink) {
            steps.push_back({at.string(), name, false});
            const fs::path target = fs::read_symlink(entry, error);
            if (error || ++links > max_links)
                break;
            if (target.is_absolute())
                at = "/";
            put_before(names, target);
            continue;
        }
        const bool directory = type == fs::file_type::directory;
        steps.push_back({at.string(), name, !directory && names.empty()});
        if (!directory)
            break;
        at = entry;
    }
    return steps;
}

}  // namespace arngate::watch
