#include "core/base/descriptor.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <cerrno>
#include <optional>
#include <type_traits>
#include <utility>

namespace arngate {
namespace {

static_assert(!std::is_copy_constructible_v<Descriptor> && !std::is_copy_assignable_v<Descriptor>);
static_assert(std::is_nothrow_move_constructible_v<Descriptor> && std::is_nothrow_move_assignable_v<Descriptor>);

int opened() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int number) {
    return ::fcntl(number, F_GETFD) >= 0;
}

TEST(Descriptor, ClosesAtItsEnd) {
    const int number = opened();
    {
        const Descriptor descriptor(number);
        EXPECT_TRUE(descriptor.is_open());
        EXPECT_EQ(descriptor.number(), number);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(Descriptor, OwnsNothingOfAFailedCall) {
    EXPECT_FALSE(Descriptor().is_open());
    EXPECT_FALSE(Descriptor(::open("/nowhere/at/all", O_RDONLY | O_CLOEXEC)).is_open());
}

TEST(Descriptor, MovesOn) {
    const int number = opened();
    std::optional<Descriptor> from(number);
    Descriptor to(*std::move(from));
    EXPECT_FALSE(from->is_open());
    from.reset();
    EXPECT_EQ(to.number(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(Descriptor, ClosesAtOnceWhatAnAssignmentReplaces) {
    const int first = opened();
    const int second = opened();
    Descriptor kept(first);
    Descriptor other(second);
    kept = std::move(other);
    EXPECT_FALSE(is_open(first));
    EXPECT_EQ(kept.number(), second);
    EXPECT_TRUE(is_open(second));

    Descriptor& itself = kept;
    kept = std::move(itself);
    EXPECT_EQ(kept.number(), second);
    EXPECT_TRUE(is_open(second));
}

TEST(Descriptor, TellsWhatClosingSays) {
    const int number = opened();
    Descriptor descriptor(number);
    EXPECT_EQ(descriptor.close(), 0);
    EXPECT_FALSE(descriptor.is_open());
    EXPECT_FALSE(is_open(number));
    errno = 0;
    EXPECT_EQ(descriptor.close(), -1);
    EXPECT_EQ(errno, EBADF);
}

}  // namespace
}  // namespace arngate
