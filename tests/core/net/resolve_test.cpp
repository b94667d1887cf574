#include "core/net/resolve.hpp"

#include "tests/core/net/run_loop.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <netdb.h>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

/// What the system's resolver says of names that end in ".test": it waits until it is let go, and knows the rest of
/// the names by their addresses.
class SystemResolver {
public:
    static SystemResolver& instance() {
        static SystemResolver resolver;
        return resolver;
    }

    /// The address to give for a name of ours; nothing for other names. Waits while the name is held up.
    std::optional<std::string> answer(const std::string& name) {
        if (!name.ends_with(".test")) {
            return std::nullopt;
        }
        std::unique_lock lock(mutex_);
        ++asked_[name];
        changed_.notify_all();
        changed_.wait(lock, [&] { return held_up_ != name; });
        return name == "nowhere.test" ? "not an address" : "127.0.0.9";
    }
    void hold_up(const std::string& name) {
        const std::lock_guard lock(mutex_);
        held_up_ = name;
        asked_.clear();
        changed_.notify_all();
    }
    void let_go() { hold_up({}); }
    void wait_until_asked(const std::string& name) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return asked_.contains(name); });
    }
    int asked(const std::string& name) {
        const std::lock_guard lock(mutex_);
        return asked_[name];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string held_up_;
    std::map<std::string, int> asked_;
};

}  // namespace

/// In place of the C library's, for this program.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto of_libc = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    const auto address = SystemResolver::instance().answer(name == nullptr ? "" : name);
    if (!address) {
        return of_libc(name, service, hints, result);
    }
    addrinfo numeric = hints == nullptr ? addrinfo{} : *hints;
    numeric.ai_flags |= AI_NUMERICHOST;
    return of_libc(address->c_str(), service, &numeric, result);
}

namespace arngate::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Answer = Result<std::vector<asio::ip::tcp::endpoint>>;

class ResolveTest : public testing::Test {
protected:
    ~ResolveTest() override { SystemResolver::instance().let_go(); }

    asio::awaitable<Answer> ask(const std::string& name, Deadline deadline = Deadline::after(5min)) {
        return resolve(io.get_executor(), {.host = name, .port = 443}, deadline);
    }
    Answer answer_for(const std::string& name) { return test::run(io, ask(name)); }
    void poll() {
        io.restart();
        io.poll();
    }

    SystemResolver& system = SystemResolver::instance();
    asio::io_context io{1};
};

TEST_F(ResolveTest, GivesTheAddressesWithThePort) {
    const Answer answer = answer_for("sts.test");
    ASSERT_TRUE(answer) << answer.error().detail;
    ASSERT_EQ(answer->size(), 1U);
    EXPECT_EQ(answer->front(), asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.9"), 443));
}

TEST_F(ResolveTest, TakesAnAddressAsItStands) {
    const Answer answer = answer_for("::1");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->front().address().to_string(), "::1");
}

TEST_F(ResolveTest, SaysWhatTheSystemSays) {
    const Answer answer = answer_for("nowhere.test");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, Reason::sts_unreachable);
    EXPECT_TRUE(answer.error().detail.starts_with("resolve nowhere.test: Host not found")) << answer.error().detail;
}

// A token names its STS host itself, and a name server may be silent about some of them for ten seconds each.
TEST_F(ResolveTest, ANameThatTakesItsTimeDelaysNoOther) {
    system.hold_up("slow.test");
    test::Running slow(io, ask("slow.test"));
    poll();
    system.wait_until_asked("slow.test");
    EXPECT_TRUE(answer_for("sts.test"));
    EXPECT_FALSE(slow.done());
    system.let_go();
    EXPECT_TRUE(slow.get());
}

TEST_F(ResolveTest, AllWhoAskForANameShareALookUp) {
    asio::io_context other{1};
    system.hold_up("slow.test");
    test::Running first(io, ask("slow.test"));
    test::Running second(io, ask("slow.test"));
    test::Running elsewhere(
        other, resolve(other.get_executor(), {.host = "slow.test", .port = 80}, Deadline::after(5min))
    );
    poll();
    other.poll();
    system.wait_until_asked("slow.test");
    EXPECT_EQ(system.asked("slow.test"), 1);
    system.let_go();
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
    const Answer answer = elsewhere.get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->front().port(), 80);
    EXPECT_TRUE(answer_for("slow.test"));
    EXPECT_EQ(system.asked("slow.test"), 1)
        << "an answer is not kept, so this one was asked after the count began anew";
}

TEST_F(ResolveTest, ReturnsAtTheDeadline) {
    system.hold_up("slow.test");
    const Answer answer = test::run(io, ask("slow.test", Deadline(SteadyTime())));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().detail, "resolve slow.test: timed out");
    test::Running later(io, ask("slow.test"));
    poll();
    system.let_go();
    EXPECT_TRUE(later.get());
}

TEST_F(ResolveTest, ALoopMayEndWhileItWaits) {
    system.hold_up("slow.test");
    {
        asio::io_context other{1};
        test::Running waits(
            other, resolve(other.get_executor(), {.host = "slow.test", .port = 80}, Deadline::after(5min))
        );
        other.poll();
        system.wait_until_asked("slow.test");
    }
    test::Running stays(io, ask("slow.test"));
    poll();
    system.let_go();
    EXPECT_TRUE(stays.get());
}

}  // namespace
}  // namespace arngate::net
