#include "config/watch/path_trail.hpp"

#include "tests/config/watch/file_changes.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace arngate::watch {
namespace {

namespace fs = std::filesystem;

/// The steps inside the directory, as "dir:name" with "!" behind the file itself.
std::vector<std::string> trail_in(const TempDirectory& directory, std::string_view name) {
    const std::string root = fs::canonical(directory / ".").string();
    std::vector<std::string> steps;
    for (const TrailStep& step : path_trail(directory.file(name))) {
        if (step.directory.starts_with(root))
            steps.push_back(step.directory.substr(root.size()) + ":" + step.name + (step.is_file ? "!" : ""));
    }
    return steps;
}

using Steps = std::vector<std::string>;

TEST(PathTrail, LeadsFromTheRootToTheFile) {
    EXPECT_EQ(path_trail("/").size(), 0U);
    const std::vector<TrailStep> proc = path_trail("/proc/../proc/./version");
    EXPECT_EQ(proc, (std::vector<TrailStep>{{"/", "proc", false}, {"/", "proc", false}, {"/proc", "version", true}}));
}

TEST(PathTrail, FollowsTheLinksOfAKubernetesVolume) {
    const TempDirectory directory;
    testing::KubernetesVolume volume(directory / "v", "c.yaml");
    volume.put("1");
    EXPECT_EQ(
        trail_in(directory, "v/c.yaml"),
        (Steps{":v", "/v:c.yaml", "/v:..data", "/v:..version1", "/v/..version1:c.yaml!"})
    );
}

TEST(PathTrail, FollowsLinkedParentsAndAbsoluteTargets) {
    const TempDirectory directory;
    fs::create_directories(directory / "real/deep");
    testing::write_in_place(directory / "real/f", "1");
    fs::create_directory_symlink(fs::canonical(directory / "real/deep"), directory / "link");
    EXPECT_EQ(trail_in(directory, "link/../f"), (Steps{":link", ":real", "/real:deep", "/real:f!"}));
}

TEST(PathTrail, EndsAtWhatIsNotThere) {
    const TempDirectory directory;
    EXPECT_EQ(trail_in(directory, "f"), Steps{":f!"});
    EXPECT_EQ(trail_in(directory, "d/f"), Steps{":d"});
    testing::write_in_place(directory / "f", "1");
    EXPECT_EQ(trail_in(directory, "f/g"), Steps{":f"});
    fs::create_symlink("gone", directory / "dangling");
    EXPECT_EQ(trail_in(directory, "dangling"), (Steps{":dangling", ":gone!"}));
}

TEST(PathTrail, EndsInALoop) {
    const TempDirectory directory;
    fs::create_symlink("b", directory / "a");
    fs::create_symlink("a", directory / "b");
    EXPECT_EQ(trail_in(directory, "a").size(), 41U);
}

}  // namespace
}  // namespace arngate::watch
