#include "core/base/file.hpp"

#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace arngate {
namespace {

using Kind = FileReadError::Kind;

std::string numbers(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) {
        text += std::to_string(i) + '\n';
    }
    text.resize(size);
    return text;
}

Kind kind_of(const std::string& path, std::size_t max_bytes = 100) {
    const auto text = read_whole_file(path, max_bytes);
    EXPECT_FALSE(text) << path;
    return text ? Kind() : text.error().kind;
}

/// The two ends of a pipe: reader, writer.
std::pair<Descriptor, Descriptor> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// A pipe into which another thread writes that many bytes of numbers, and then ends it.
class PipeOfNumbers {
public:
    explicit PipeOfNumbers(std::size_t size) : ends_(make_pipe()) {
        thread_ = std::thread([this, size] {
            EXPECT_EQ(write_all(ends_.second, numbers(size)), std::error_code());
            ends_.second = Descriptor();
        });
    }
    PipeOfNumbers(const PipeOfNumbers&) = delete;
    PipeOfNumbers& operator=(const PipeOfNumbers&) = delete;
    ~PipeOfNumbers() { thread_.join(); }

    [[nodiscard]] const Descriptor& reader() const noexcept { return ends_.first; }

private:
    std::pair<Descriptor, Descriptor> ends_;
    std::thread thread_;
};

TEST(ReadWholeFile, ReadsUpToTheLimit) {
    const TempDirectory directory;
    for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 1'000'000U}) {
        const std::string path = directory.write("f", numbers(size));
        EXPECT_EQ(read_whole_file(path, size), numbers(size)) << size;
        EXPECT_EQ(read_whole_file(path, size + 1), numbers(size)) << size;
        if (size > 0) {
            EXPECT_EQ(kind_of(path, size - 1), Kind::too_large) << size;
        }
    }
}

TEST(ReadWholeFile, ReadsFilesThatTellNoSize) {
    const auto text = read_whole_file("/proc/self/status", 1 << 20);
    ASSERT_TRUE(text);
    EXPECT_TRUE(text->starts_with("Name:"));
    EXPECT_EQ(read_whole_file("/dev/null", 100), "");
    EXPECT_EQ(kind_of("/dev/zero", 100'000), Kind::too_large);
}

TEST(ReadWholeFile, SaysWhatIsWrong) {
    const TempDirectory directory;
    const std::string file = directory.write("f", "");
    EXPECT_EQ(kind_of(directory.file("none")), Kind::missing);
    EXPECT_EQ(kind_of(file + "/below"), Kind::missing);
    EXPECT_EQ(kind_of(directory.path()), Kind::directory);
    std::filesystem::create_symlink("loop", directory / "loop");
    EXPECT_EQ(kind_of(directory.file("loop")), Kind::cannot_open);
    EXPECT_EQ(read_whole_file(directory.file("loop"), 100).error().code, std::errc::too_many_symbolic_link_levels);
    // Its first page is mapped nowhere.
    EXPECT_EQ(kind_of("/proc/self/mem"), Kind::cannot_read);
}

TEST(ReadToEnd, ReadsAsMuchAsItIsGiven) {
    for (const std::size_t expected : {0U, 1U, 5000U, 100'000U, 1'000'000U}) {
        const PipeOfNumbers pipe(300'000);
        EXPECT_EQ(read_to_end(pipe.reader(), expected, 400'000), numbers(300'000)) << expected;
    }
}

TEST(ReadSecretToEnd, ReadsAsReadToEndDoes) {
    for (const std::size_t expected : {0U, 1U, 5000U, 100'000U, 1'000'000U}) {
        const PipeOfNumbers pipe(300'000);
        const auto secret = read_secret_to_end(pipe.reader(), expected, 400'000);
        ASSERT_TRUE(secret.has_value());
        EXPECT_EQ(secret->expose(), numbers(300'000)) << expected;
    }
    EXPECT_EQ(read_secret_to_end(Descriptor(), 0, 10).error(), std::errc::bad_file_descriptor);
}

TEST(ReadWholeSecretFile, ReadsAndFailsAsReadWholeFileDoes) {
    const TempDirectory directory;
    const std::string path = directory.write("f", numbers(5000));
    const auto secret = read_whole_secret_file(path, 5000);
    ASSERT_TRUE(secret.has_value());
    EXPECT_EQ(secret->expose(), numbers(5000));
    EXPECT_EQ(read_whole_secret_file(path, 4999).error().kind, Kind::too_large);
    EXPECT_EQ(read_whole_secret_file(directory.file("none"), 5000).error().kind, Kind::missing);
}

TEST(ReadToEnd, TakesOneByteMoreThanTheLimit) {
    auto [reader, writer] = make_pipe();
    ASSERT_EQ(write_all(writer, "0123456789"), std::error_code());
    EXPECT_EQ(read_to_end(reader, 0, 4), "01234");
    EXPECT_EQ(read_to_end(reader, 100, 2), "567");
    writer = Descriptor();
    EXPECT_EQ(read_to_end(reader, 1, 2), "89");
}

TEST(ReadToEnd, TellsTheError) {
    EXPECT_EQ(read_to_end(Descriptor(), 0, 10).error(), std::errc::bad_file_descriptor);
}

TEST(WriteAll, TellsTheError) {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(full.is_open());
    EXPECT_EQ(write_all(full, "text"), std::errc::no_space_on_device);
    EXPECT_EQ(write_all(full, ""), std::error_code());
}

}  // namespace
}  // namespace arngate
