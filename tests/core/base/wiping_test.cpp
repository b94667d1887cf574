// The promise that nothing of a secret file stays in memory that was given back. A program of its own, because it
// replaces operator delete.

#include "core/base/file.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

namespace {

constexpr std::string_view marker = "a piece of the secret;";
std::atomic<bool> was_seen{false};

void look_and_free(void* block) {
    if (block != nullptr) {
        const std::string_view bytes(static_cast<const char*>(block), ::malloc_usable_size(block));
        if (bytes.contains(marker)) {
            was_seen = true;
        }
    }
    std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
    // Zeros, so that nothing is found that was there before.
    void* block = std::calloc(size == 0 ? 1 : size, 1);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void operator delete(void* block) noexcept {
    look_and_free(block);
}
void operator delete[](void* block) noexcept {
    look_and_free(block);
}
void operator delete(void* block, std::size_t /*size*/) noexcept {
    look_and_free(block);
}
void operator delete[](void* block, std::size_t /*size*/) noexcept {
    look_and_free(block);
}

namespace arngate {
namespace {

constexpr std::size_t size = 30'000;

class Wiping : public testing::Test {
protected:
    Wiping() {
        std::string content;
        while (content.size() < size) {
            content += marker;
        }
        content.resize(size);
        directory_.write("f", content);
        wipe(content);
        was_seen = false;
    }

    TempDirectory directory_;
};

TEST_F(Wiping, IsNeededOfATextThatGoes) {
    static_cast<void>(read_whole_file(directory_.file("f"), size));
    EXPECT_TRUE(was_seen) << "this test would see what is left";
}

TEST_F(Wiping, LeavesNothingOfAFile) {
    {
        const auto secret = read_whole_secret_file(directory_.file("f"), size);
        ASSERT_TRUE(secret.has_value());
        EXPECT_EQ(secret->size(), size);
    }
    EXPECT_FALSE(was_seen);
}

TEST_F(Wiping, LeavesNothingOfAFileThatIsTooLarge) {
    const auto secret = read_whole_secret_file(directory_.file("f"), size - 1);
    ASSERT_FALSE(secret.has_value());
    EXPECT_EQ(secret.error().kind, FileReadError::Kind::too_large);
    EXPECT_FALSE(was_seen);
}

TEST_F(Wiping, LeavesNothingWhereTheSizeIsNotKnown) {
    const Descriptor file(::open(directory_.file("f").c_str(), O_RDONLY | O_CLOEXEC));
    {
        const auto secret = read_secret_to_end(file, 0, size);
        ASSERT_TRUE(secret.has_value());
        EXPECT_EQ(secret->size(), size);
    }
    EXPECT_FALSE(was_seen);
}

}  // namespace
}  // namespace arngate
