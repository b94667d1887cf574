#include "config/watch/file_watcher.hpp"

#include "tests/config/watch/file_changes.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temp_directory.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace arngate::watch {
namespace {

using namespace std::chrono_literals;
using testing::KubernetesVolume;
using testing::write_by_rename;
using testing::write_in_place;
namespace fs = std::filesystem;

/// Watches one file; each step waits until the watcher has said that it is time to look.
class Watching {
public:
    explicit Watching(const std::string& path, WatchOptions options = with_events())
        : watcher(loop.get_executor(), path, options, [this] { ++looks_; }) {
        watcher.start();
    }

    /// Long polls: whatever is seen was told by the kernel.
    static WatchOptions with_events() { return {.poll_interval = 24h, .quiet = 5ms, .longest = 50ms}; }

    void wait_for_look() {
        const int before = looks_;
        while (looks_ == before)
            loop.run_one();
    }
    /// Takes what has come so far; nothing may be about to come.
    [[nodiscard]] int looks() {
        loop.poll();
        return looks_;
    }

    boost::asio::io_context loop{1};
    FileWatcher watcher;

private:
    int looks_ = 0;
};

TEST(FileWatcher, SeesWritesInPlaceAndReplacements) {
    const TempDirectory directory;
    const fs::path file = directory / "f";
    write_in_place(file, "1");
    Watching watching(file.string());
    EXPECT_TRUE(watching.watcher.hears_events());
    EXPECT_EQ(watching.looks(), 0);
    write_in_place(file, "2");
    watching.wait_for_look();
    for (int i = 0; i < 3; ++i) {
        write_by_rename(file, "3");
        watching.wait_for_look();
    }
    fs::remove(file);
    watching.wait_for_look();
    write_in_place(file, "4");
    watching.wait_for_look();
    fs::permissions(file, fs::perms::owner_read);
    watching.wait_for_look();
}

TEST(FileWatcher, SeesTheSwapOfAKubernetesVolume) {
    const TempDirectory directory;
    KubernetesVolume volume(directory / "v", "c.yaml");
    Watching watching(volume.path());
    for (int i = 0; i < 4; ++i) {
        volume.put("1");
        watching.wait_for_look();
    }
}

TEST(FileWatcher, SeesThatDirectoriesOnTheWayComeAndGo) {
    const TempDirectory directory;
    const fs::path file = directory / "a/b/f";
    Watching watching(file.string());
    for (int i = 0; i < 2; ++i) {
        fs::create_directories(file.parent_path());
        write_in_place(file, "1");
        watching.wait_for_look();
        write_by_rename(file, "2");
        watching.wait_for_look();
        fs::remove_all(directory / "a");
        watching.wait_for_look();
    }
    fs::create_directories(file.parent_path());
    write_in_place(file, "3");
    watching.wait_for_look();
    fs::rename(directory / "a", directory / "away");
    watching.wait_for_look();
    fs::rename(directory / "away", directory / "a");
    watching.wait_for_look();
    write_in_place(file, "4");
    watching.wait_for_look();
}

TEST(FileWatcher, SeesThatALinkedParentLeadsElsewhere) {
    const TempDirectory directory;
    for (const auto* name : {"one", "two"}) {
        fs::create_directory(directory / name);
        write_in_place(directory / name / "f", name);
    }
    fs::create_directory_symlink("one", directory / "link");
    Watching watching(directory.file("link/f"));
    fs::create_directory_symlink("two", directory / "new");
    fs::rename(directory / "new", directory / "link");
    watching.wait_for_look();
    write_in_place(directory / "two/f", "3");
    watching.wait_for_look();
}

TEST(FileWatcher, LeavesAFileAloneUntilItsWriterIsDone) {
    const TempDirectory directory;
    const fs::path file = directory / "f";
    write_in_place(file, "1");
    Watching watching(file.string());
    {
        std::ofstream writer(file, std::ios::binary);
        for (int i = 0; i < 5; ++i) {
            writer << "part" << std::flush;
            watching.loop.run_one_for(20ms);  // longer than the quiet time, which must not matter
        }
        EXPECT_TRUE(watching.watcher.is_being_written());
        EXPECT_EQ(watching.looks(), 0);
    }
    watching.wait_for_look();
    EXPECT_FALSE(watching.watcher.is_being_written());
}

TEST(FileWatcher, LooksInTheEndThoughTheWriterNeverClosesTheFile) {
    const TempDirectory directory;
    const fs::path file = directory / "f";
    write_in_place(file, "1");
    WatchOptions options = Watching::with_events();
    options.writer_patience = 30ms;
    Watching watching(file.string(), options);
    std::ofstream writer(file, std::ios::binary);
    writer << "more" << std::flush;
    watching.wait_for_look();
}

TEST(FileWatcher, IgnoresNeighboursAndReaders) {
    const TempDirectory directory;
    const fs::path file = directory / "f";
    write_in_place(file, "1");
    Watching watching(file.string());
    write_in_place(directory / "g", "1");
    write_by_rename(directory / "h", "1");
    std::string text;
    std::ifstream(file) >> text;
    // What comes after these is seen after them, so one look proves that they caused none.
    watching.loop.poll();
    write_in_place(file, "2");
    watching.wait_for_look();
    EXPECT_EQ(watching.looks(), 1);
}

TEST(FileWatcher, PollsWhereThereAreNoEvents) {
    const TempDirectory directory;
    const fs::path file = directory / "f";
    Watching watching(file.string(), {.poll_interval = 5ms, .quiet = 1ms, .longest = 10ms, .use_events = false});
    EXPECT_FALSE(watching.watcher.hears_events());
    for (int i = 0; i < 3; ++i)
        watching.wait_for_look();  // without any change: content may change unseen
    write_in_place(file, "1");
    watching.wait_for_look();
    write_by_rename(file, "2");
    watching.wait_for_look();
}

TEST(FileWatcher, PollsWhenTheLimitsOfTheKernelAreReached) {
    if (test::sanitizer_needs_descriptors) {
        GTEST_SKIP() << "the sanitizer itself needs descriptors";
    }
    const TempDirectory directory;
    const fs::path file = directory / "f";
    boost::asio::io_context loop{1};
    int looks = 0;
    FileWatcher watcher(loop.get_executor(), file.string(), {.poll_interval = 5ms, .quiet = 1ms, .longest = 10ms}, [&] {
        ++looks;
    });
    {
        const test::NoDescriptors none;
        watcher.start();
    }
    EXPECT_FALSE(watcher.hears_events());
    while (looks < 2)
        loop.run_one();
}

TEST(FileWatcher, SaysNothingAfterStop) {
    const TempDirectory directory;
    const fs::path file = directory / "f";
    Watching watching(file.string());
    write_in_place(file, "1");
    watching.watcher.touch();
    watching.watcher.stop();
    watching.watcher.stop();
    watching.watcher.touch();
    watching.loop.run();  // nothing is left to wait for
    EXPECT_EQ(watching.looks(), 0);
}

TEST(FileWatcher, MayBeDestroyedByItsCallback) {
    const TempDirectory directory;
    boost::asio::io_context loop{1};
    std::optional<FileWatcher> watcher;
    watcher.emplace(loop.get_executor(), directory.file("f"), Watching::with_events(), [&] { watcher.reset(); });
    watcher->start();
    watcher->touch();
    loop.run();
    EXPECT_FALSE(watcher);
}

}  // namespace
}  // namespace arngate::watch
