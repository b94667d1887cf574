#include "daemon/http/bound_socket.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace arngate::http {
namespace {

TEST(BindSockets, GivesEveryLoopASocketOfTheSamePort) {
    auto sockets = bind_sockets("127.0.0.1", 0, 3);
    ASSERT_TRUE(sockets) << sockets.error();
    ASSERT_EQ(sockets->size(), 3U);
    EXPECT_NE((*sockets)[0].port(), 0);
    EXPECT_EQ((*sockets)[0].port(), (*sockets)[1].port());
    EXPECT_EQ((*sockets)[0].port(), (*sockets)[2].port());
}

TEST(BindSockets, RefusesAPortThatIsSharedByItsHolder) {
    const auto first = bind_sockets("127.0.0.1", 0, 2);
    ASSERT_TRUE(first);
    const auto second = bind_sockets("127.0.0.1", first->front().port(), 1);
    ASSERT_FALSE(second);
    EXPECT_EQ(
        second.error(),
        "cannot listen on 127.0.0.1:" + std::to_string(first->front().port()) + ": Address already in use"
    );
}

TEST(BindSockets, SharesAPortWithItsHolderWhenAsked) {
    const auto first = bind_sockets("127.0.0.1", 0, 2, PortOwner::shared);
    ASSERT_TRUE(first) << first.error();
    const auto second = bind_sockets("127.0.0.1", first->front().port(), 3, PortOwner::shared);
    ASSERT_TRUE(second) << second.error();
    ASSERT_EQ(second->size(), 3U);
    for (const BoundSocket& socket : *second) {
        EXPECT_EQ(socket.port(), first->front().port());
    }
}

TEST(BindSockets, DoesNotShareAPortWhoseHolderKeepsItToItself) {
    const int holder = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(holder, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ASSERT_EQ(::bind(holder, reinterpret_cast<const sockaddr*>(&address), length), 0);
    ASSERT_EQ(::listen(holder, 1), 0);
    ASSERT_EQ(::getsockname(holder, reinterpret_cast<sockaddr*>(&address), &length), 0);
    EXPECT_FALSE(bind_sockets("127.0.0.1", ntohs(address.sin_port), 1, PortOwner::shared));
    ::close(holder);
}

TEST(BindSockets, TakesThePortAgainAfterItsHolderEnded) {
    std::uint16_t port = 0;
    {
        const auto first = bind_sockets("127.0.0.1", 0, 1);
        ASSERT_TRUE(first);
        port = first->front().port();
    }
    EXPECT_TRUE(bind_sockets("127.0.0.1", port, 1));
}

TEST(BindSockets, AnEmptyAddressIsEveryInterface) {
    const auto everywhere = bind_sockets("", 0, 1);
    ASSERT_TRUE(everywhere) << everywhere.error();
    EXPECT_FALSE(bind_sockets("127.0.0.1", everywhere->front().port(), 1));
}

TEST(BindSockets, RefusesWhatIsNoAddressOfThisMachine) {
    EXPECT_FALSE(bind_sockets("192.0.2.1", 0, 1));
    const auto nonsense = bind_sockets("not an address", 0, 1);
    ASSERT_FALSE(nonsense);
    EXPECT_TRUE(nonsense.error().starts_with("cannot listen on not an address:0: ")) << nonsense.error();
}

TEST(BindSockets, ChildrenDoNotInheritTheSocket) {
    auto sockets = bind_sockets("127.0.0.1", 0, 1);
    ASSERT_TRUE(sockets);
    const int descriptor = sockets->front().release();
    EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
    ::close(descriptor);
}

}  // namespace
}  // namespace arngate::http
