#include "config/watch/watched_file.hpp"

#include "tests/config/watch/file_changes.hpp"
#include "tests/support/temp_directory.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace arngate::watch {
namespace {

using namespace std::chrono_literals;
using testing::KubernetesVolume;
using testing::write_by_rename;
using testing::write_in_place;
namespace fs = std::filesystem;

class Following {
public:
    explicit Following(
        const std::string& path,
        Ending ending = Ending::line_break,
        WatchOptions options = {.poll_interval = 24h, .quiet = 5ms, .longest = 50ms}
    )
        : file(loop.get_executor(), path, 1000, ending, options, [this](auto change) { last_ = std::move(change); }) {
        file.start();
    }

    /// The next content, or the reason in brackets.
    std::string next() {
        last_.reset();
        while (!last_)
            loop.run_one();
        return *last_ ? **last_ : "(" + last_->error().reason + ")";
    }

    boost::asio::io_context loop{1};
    WatchedFile file;

private:
    std::optional<std::expected<std::string, FileError>> last_;
};

/// A file that a test writes.
class FollowedFile : public ::testing::Test {
protected:
    const TempDirectory directory;
    const fs::path path = directory / "f";
};

TEST_F(FollowedFile, GivesTheFirstContentAndEachOther) {
    write_in_place(path, "1\n");
    Following following(path.string());
    EXPECT_EQ(following.next(), "1\n");
    write_in_place(path, "2\n");
    EXPECT_EQ(following.next(), "2\n");
    write_by_rename(path, "3\n");
    EXPECT_EQ(following.next(), "3\n");
}

TEST_F(FollowedFile, TellsWhatKeepsItFromBeingReadOnceEach) {
    Following following(path.string());
    EXPECT_EQ(following.next(), "(no such file)");
    fs::create_directory(path);
    EXPECT_EQ(following.next(), "(a directory)");
    fs::remove(path);
    EXPECT_EQ(following.next(), "(no such file)");
    write_in_place(path, std::string(1001, 'x'));
    EXPECT_EQ(following.next(), "(more than 1000 bytes)");
    write_in_place(path, std::string(1000, 'x'));
    EXPECT_EQ(following.next(), std::string(1000, 'x'));
    fs::remove(path);
    EXPECT_EQ(following.next(), "(no such file)");
    write_in_place(path, std::string(1000, 'x'));  // as before, and yet a change
    EXPECT_EQ(following.next(), std::string(1000, 'x'));
}

TEST_F(FollowedFile, SaysNothingWhenTheContentIsTheSame) {
    write_in_place(path, "1\n");
    Following following(path.string());
    EXPECT_EQ(following.next(), "1\n");
    write_by_rename(path, "1\n");
    following.file.refresh();
    EXPECT_EQ(following.next(), "1\n");  // that of refresh; the next is of another content
    write_in_place(path, "1\n");
    write_by_rename(path, "2\n");
    EXPECT_EQ(following.next(), "2\n");
}

TEST_F(FollowedFile, FollowsAKubernetesVolume) {
    KubernetesVolume volume(directory / "v", "c.yaml");
    Following following(volume.path());
    EXPECT_EQ(following.next(), "(no such file)");
    for (const auto* text : {"1\n", "2\n", "3"}) {
        volume.put(text);
        EXPECT_EQ(following.next(), text);
    }
}

TEST_F(FollowedFile, TakesNoFileWrittenInPlaceThatLostItsLastLineBreak) {
    write_in_place(path, "one\ntwo\n");
    Following following(path.string());
    EXPECT_EQ(following.next(), "one\ntwo\n");
    write_in_place(path, "one\ntw");
    EXPECT_NE(following.next().find("no line break"), std::string::npos);
    following.file.refresh();
    EXPECT_NE(following.next().find("no line break"), std::string::npos);
    write_in_place(path, "");
    following.file.refresh();
    EXPECT_NE(following.next().find("no line break"), std::string::npos);
    write_in_place(path, "one\n");
    EXPECT_EQ(following.next(), "one\n");
    write_by_rename(path, "whole");  // another file, so nobody died over it
    EXPECT_EQ(following.next(), "whole");
    write_in_place(path, "anything");
    EXPECT_EQ(following.next(), "anything");
}

TEST_F(FollowedFile, TakesNoFileWrittenInPlaceThatLostItsEndMarker) {
    write_in_place(path, "one\ntwo\n...\n");
    Following following(path.string());
    EXPECT_EQ(following.next(), "one\ntwo\n...\n");
    for (const auto* text : {"one\n", "one\n...", "one\n..\n", "one...\n"}) {
        write_in_place(path, text);
        following.file.refresh();
        EXPECT_NE(following.next().find("is no more \"...\""), std::string::npos) << text;
    }
    write_in_place(path, "three\r\n...\r\n");
    EXPECT_EQ(following.next(), "three\r\n...\r\n");
    write_by_rename(path, "four\n");
    EXPECT_EQ(following.next(), "four\n");
}

TEST_F(FollowedFile, LeavesTheEndToFormatsThatHaveOne) {
    write_in_place(path, "{}\n");
    Following following(path.string(), Ending::of_format);
    EXPECT_EQ(following.next(), "{}\n");
    write_in_place(path, "{");
    EXPECT_EQ(following.next(), "{");
}

TEST_F(FollowedFile, FindsByPollingWhatNoTimeTells) {
    write_in_place(path, "1\n");
    const auto time = fs::last_write_time(path);
    Following following(
        path.string(), Ending::line_break, {.poll_interval = 5ms, .quiet = 1ms, .longest = 10ms, .use_events = false}
    );
    EXPECT_EQ(following.next(), "1\n");
    write_in_place(path, "2\n");
    fs::last_write_time(path, time);
    EXPECT_EQ(following.next(), "2\n");
    write_by_rename(path, "3\n");
    EXPECT_EQ(following.next(), "3\n");
    fs::remove(path);
    EXPECT_EQ(following.next(), "(no such file)");
}

TEST_F(FollowedFile, SaysNothingAfterStop) {
    Following following(path.string());
    following.file.stop();
    following.file.refresh();
    following.loop.run();
}

}  // namespace
}  // namespace arngate::watch
