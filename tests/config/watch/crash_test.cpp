#include "config/watch/watched_file.hpp"

#include "tests/config/watch/file_changes.hpp"
#include "tests/support/temp_directory.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

/// Writers that are killed at random points of a write, 500 of them; ARNGATE_CRASH_SEED chooses other points.
namespace arngate::watch {
namespace {

using namespace std::chrono_literals;

enum class Way : std::uint8_t { rename, swap, in_place_with_marker, in_place };

/// Writes in a process of its own, which kills itself when its steps are used up.
class DyingWriter {
public:
    DyingWriter(int steps, std::size_t piece) : steps_(steps), piece_(piece) {}

    void write_file(const std::string& path, std::string_view text) {
        step();
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        while (!text.empty()) {
            step();
            const ssize_t written = ::write(file, text.data(), std::min(piece_, text.size()));
            if (written <= 0)
                std::_Exit(1);
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        step();
        ::close(file);
    }
    void rename_over(const std::string& path, std::string_view text) {
        write_file(path + ".new", text);
        step();
        ::rename((path + ".new").c_str(), path.c_str());
        step();
    }
    void swap_link(const std::string& directory, const std::string& version, std::string_view text) {
        step();
        ::mkdir((directory + "/" + version).c_str(), 0700);
        write_file(directory + "/" + version + "/f", text);
        step();
        ::unlink((directory + "/..data_tmp").c_str());
        static_cast<void>(::symlink(version.c_str(), (directory + "/..data_tmp").c_str()) == 0);
        step();
        ::rename((directory + "/..data_tmp").c_str(), (directory + "/..data").c_str());
        step();
    }

private:
    void step() {
        if (steps_-- == 0)
            static_cast<void>(::raise(SIGKILL));
    }

    int steps_;
    std::size_t piece_;
};

/// One file that is written over and over in one way.
class Subject {
public:
    Subject(boost::asio::io_context& loop, const TempDirectory& directory, Way way)
        : way_(way), path_(directory.file("f" + std::to_string(static_cast<int>(way)))), last_(text_of(0, 20)) {
        if (way == Way::swap) {
            std::filesystem::create_directory(path_);
            DyingWriter(-1, 1000).swap_link(path_, "..0", last_);
            std::filesystem::create_symlink("..data/f", path_ + "/f");
        } else {
            testing::write_in_place(path_, last_);
        }
        file_ = std::make_unique<WatchedFile>(
            loop.get_executor(),
            way == Way::swap ? path_ + "/f" : path_,
            1 << 20,
            Ending::line_break,
            WatchOptions{.poll_interval = 24h, .quiet = 1ms, .longest = 5ms},
            [this](const auto& change) { take(change); }
        );
        file_->start();
    }

    /// The whole text of a version; it says in each line which one it is.
    [[nodiscard]] std::string text_of(int version, int lines) const {
        std::string text = "version " + std::to_string(version) + "\n";
        for (int line = 0; line < lines; ++line)
            text += "line " + std::to_string(line) + " of " + std::to_string(version) + "\n";
        return text + (way_ == Way::in_place_with_marker ? "...\n" : "");
    }

    void write(DyingWriter writer, int version, std::string_view text) const {
        if (way_ == Way::rename) {
            writer.rename_over(path_, text);
        } else if (way_ == Way::swap) {
            writer.swap_link(path_, ".." + std::to_string(version), text);
        } else {
            writer.write_file(path_, text);
        }
    }

    /// From now on the file may hold what was taken last, or this.
    void expect(std::string next) {
        next_ = std::move(next);
        answered_ = false;
    }
    void refresh() { file_->refresh(); }
    [[nodiscard]] bool answered() const { return answered_; }
    [[nodiscard]] int taken() const { return taken_; }

private:
    void take(const std::expected<std::string, FileError>& change) {
        answered_ = true;
        if (!change) {
            EXPECT_EQ(change.error().kind, FileError::Kind::incomplete) << change.error().reason;
            EXPECT_TRUE(way_ == Way::in_place || way_ == Way::in_place_with_marker);
            return;
        }
        if (way_ == Way::in_place) {
            // What is promised here: whole lines.
            EXPECT_TRUE(*change == last_ || (next_.starts_with(*change) && change->ends_with('\n'))) << *change;
            last_ = *change;
            return;
        }
        EXPECT_TRUE(*change == last_ || *change == next_) << *change;
        taken_ += *change == next_ ? 1 : 0;
        last_ = *change;
    }

    Way way_;
    std::string path_;
    std::string last_;
    std::string next_;
    bool answered_ = false;
    int taken_ = 0;
    std::unique_ptr<WatchedFile> file_;
};

TEST(Crash, OfAWriterNeverLeavesHalfAFileInForce) {
    const char* chosen = std::getenv("ARNGATE_CRASH_SEED");
    const unsigned seed = chosen == nullptr ? 4 : static_cast<unsigned>(std::strtoul(chosen, nullptr, 10));
    SCOPED_TRACE("ARNGATE_CRASH_SEED=" + std::to_string(seed));
    std::mt19937 random(seed);
    const auto upto = [&random](int most) { return std::uniform_int_distribution<>(0, most)(random); };

    const TempDirectory directory;
    boost::asio::io_context loop{1};
    Subject rename(loop, directory, Way::rename);
    Subject swap(loop, directory, Way::swap);
    Subject marked(loop, directory, Way::in_place_with_marker);
    Subject in_place(loop, directory, Way::in_place);
    const std::array<Subject*, 4> subjects{&rename, &swap, &marked, &in_place};
    // What is promised is promised of files that were whole when they were first read.
    for (const Subject* subject : subjects) {
        while (!subject->answered())
            loop.run_one();
    }
    for (int round = 1; round <= 500; ++round) {
        Subject& subject = *subjects.at(static_cast<std::size_t>(upto(3)));
        const std::string text = subject.text_of(round, upto(60));
        const auto piece = static_cast<std::size_t>(1 + upto(300));
        const int steps = upto(static_cast<int>(text.size() / piece) + 8);
        subject.expect(text);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            subject.write(DyingWriter(steps, piece), round, text);
            std::_Exit(0);
        }
        int status = 0;
        while (::waitpid(child, &status, WNOHANG) == 0)
            loop.poll();  // reads while it is written
        EXPECT_TRUE(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
        subject.expect(text);
        subject.refresh();
        while (!subject.answered())
            loop.run_one();
    }
    // The rounds were no idle ones.
    EXPECT_GT(rename.taken(), 10);
    EXPECT_GT(swap.taken(), 10);
    EXPECT_GT(marked.taken(), 10);
}

}  // namespace
}  // namespace arngate::watch
