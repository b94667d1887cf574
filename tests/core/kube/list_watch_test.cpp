#include "core/kube/list_watch.hpp"

#include "tests/core/kube/api_script.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace arngate::kube {
namespace {

using net::test::close;
using net::test::cut;
using net::test::read;
using net::test::send;
using net::test::wait;
using test::event;
using test::object;

/// Writes down what it is told.
class Recorder : public ListWatchHandler {
public:
    std::vector<std::string> told;
    std::string last_detail;

    [[nodiscard]] bool has(std::string_view line) const { return std::ranges::count(told, line) > 0; }
    [[nodiscard]] std::ptrdiff_t count(std::string_view line) const { return std::ranges::count(told, line); }

    void list_began() override { told.emplace_back("began"); }
    void listed(const Object& one) override { told.push_back(fmt::format("listed {} {}", one.name, one.uid)); }
    void list_ended(std::string_view version) override { told.push_back(fmt::format("ended {}", version)); }
    void watching() override { told.emplace_back("watching"); }
    void changed(const Object& one) override {
        told.push_back(fmt::format("changed {} {}", one.name, one.resource_version));
    }
    void removed(const Object& one) override { told.push_back(fmt::format("removed {}", one.name)); }
    void failed(Stage stage, const ApiError& error) override {
        told.push_back(fmt::format("failed {} {}", stage == Stage::list ? "list" : "watch", error.status));
        last_detail = error.detail;
    }
};

class ListWatchTest : public net::test::PoolTest {
protected:
    ListWatchTest() : api(io, ca()), gate(io) {
        options.backoff.first = std::chrono::milliseconds(2);
        options.backoff.longest = std::chrono::milliseconds(2);
        options.watch.silence = std::chrono::minutes(5);
    }

    void start() {
        start([this] { return api.access(); });
    }
    void start(AccessSource access) {
        auto session = std::make_unique<ApiSession>(io.get_executor(), std::move(access), ApiClientOptions{}, metrics);
        Collection things{.path = "/things", .query = "a=b", .rights = "things"};
        watch = std::make_unique<ListWatch>(
            io.get_executor(), std::move(session), std::move(things), options, clock, recorder
        );
        watch->start();
        EXPECT_TRUE(recorder.told.empty());
    }
    void run_until_told(std::string_view line, std::ptrdiff_t times = 1) {
        net::test::run_until(io, [&] { return recorder.count(line) >= times; });
    }
    /// A watch that stays open.
    void open_watch(const std::vector<std::string>& pieces = {}) { api.watch(pieces, {wait(gate)}); }

    test::ApiScript api;
    net::test::Gate gate;
    ManualClock clock;
    ListWatchOptions options;
    Recorder recorder;
    std::unique_ptr<ListWatch> watch;
};

TEST_F(ListWatchTest, ListsThenWatchesFromThere) {
    api.list("7", {object("a", "3"), object("b", "5")});
    open_watch(
        {event("ADDED", object("c", "8")), event("MODIFIED", object("a", "9")), event("DELETED", object("b", "10"))}
    );
    start();
    run_until_told("removed b");
    EXPECT_EQ(
        recorder.told,
        (std::vector<std::string>{
            "began", "listed a u-a", "listed b u-b", "ended 7", "watching", "changed c 8", "changed a 9", "removed b"
        })
    );
    EXPECT_EQ(api.line(0), "GET /things?a=b&limit=500 HTTP/1.1");
    EXPECT_EQ(
        api.line(1), "GET /things?a=b&watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=7 HTTP/1.1"
    );
}

TEST_F(ListWatchTest, ReadsAListPageByPage) {
    api.list("7", {object("a", "3")}, "m/+ore");
    api.list("7", {object("b", "5")});
    open_watch();
    start();
    run_until_told("watching");
    EXPECT_EQ(api.line(1), "GET /things?a=b&limit=500&continue=m%2F%2Bore HTTP/1.1");
    EXPECT_TRUE(recorder.has("listed b u-b"));
    EXPECT_EQ(recorder.count("began"), 1);
}

TEST_F(ListWatchTest, StartsAListAnewWhenItsVersionIsGoneBetweenPages) {
    api.list("7", {object("a", "3")}, "more");
    api.answer(410, R"({"kind":"Status","code":410})");
    api.list("8", {object("b", "5")});
    open_watch();
    start();
    run_until_told("watching");
    EXPECT_EQ(
        recorder.told,
        (std::vector<std::string>{"began", "listed a u-a", "began", "listed b u-b", "ended 8", "watching"})
    );
}

TEST_F(ListWatchTest, WatchesOnFromTheLastVersionWhenTheServerEndsTheWatch) {
    api.list("7", {});
    api.watch(
        {event("BOOKMARK", R"({"metadata":{"resourceVersion":"20"}})")}, {send(test::ApiScript::watch_end), close()}
    );
    api.watch({event("ADDED", object("a", "21"))}, {send(test::ApiScript::watch_end), close()});
    open_watch();
    start();
    run_until_told("watching", 3);
    EXPECT_TRUE(api.line(2).contains("resourceVersion=20 "));
    EXPECT_TRUE(api.line(3).contains("resourceVersion=21 "));
    EXPECT_EQ(recorder.count("began"), 1);
}

TEST_F(ListWatchTest, ListsAnewWhateverElseEndsAWatch) {
    struct Case {
        const char* name;
        std::vector<std::string> pieces;
        net::test::Script last;
    };
    const std::string large(2UL * 1024 * 1024, 'x');
    const std::vector<Case> cases{
        {"version gone", {event("ERROR", R"({"kind":"Status","code":410,"reason":"Expired"})")}, {wait(gate)}},
        {"error", {event("ERROR", R"({"kind":"Status","code":500})")}, {wait(gate)}},
        {"error without a code", {event("ERROR", "{}")}, {wait(gate)}},
        {"garbage", {"garbage\n"}, {wait(gate)}},
        {"unknown type", {event("RENAMED", object("a", "9"))}, {wait(gate)}},
        {"no object", {"{\"type\":\"ADDED\"}\n"}, {wait(gate)}},
        {"no version", {event("ADDED", R"({"metadata":{"name":"a"}})")}, {wait(gate)}},
        {"bookmark without a version", {event("BOOKMARK", "{}")}, {wait(gate)}},
        {"half an event, then the end", {R"({"type":"ADDED","obj)"}, {send(test::ApiScript::watch_end), close()}},
        {"half an event, then nothing", {R"({"type":"ADDED","obj)"}, {cut()}},
        {"end without the last chunk", {}, {close()}},
        {"no HTTP chunk", {}, {send("zzz\r\n"), wait(gate)}},
        {"an event above the limit", {event("ADDED", object("a", "9", ",\"x\":\"" + large + "\""))}, {wait(gate)}},
    };
    options.watch.max_line_bytes = large.size();
    for (const Case& one : cases) {
        SCOPED_TRACE(one.name);
        test::ApiScript script(io, ca());
        recorder.told.clear();
        script.list("7", {});
        script.watch(one.pieces, one.last);
        script.list("8", {});
        script.watch({}, {wait(gate)});
        start([&script] { return script.access(); });
        net::test::run_until(io, [&] { return recorder.has("ended 8"); });
        EXPECT_TRUE(std::ranges::none_of(recorder.told, [](const auto& line) { return line.starts_with("failed"); }));
        EXPECT_FALSE(recorder.has("changed a 9"));
        watch.reset();
    }
}

TEST_F(ListWatchTest, ReadsAnEventOfTwoMebibytes) {
    api.list("7", {});
    const std::string large(2UL * 1024 * 1024, 'x');
    open_watch({event("ADDED", object("a", "8", ",\"x\":\"" + large + "\""))});
    start();
    run_until_told("changed a 8");
}

TEST_F(ListWatchTest, ListsAnewWhenAWatchFallsSilent) {
    options.watch.silence = std::chrono::milliseconds(5);
    api.list("7", {});
    open_watch();
    api.list("8", {});
    open_watch();
    start();
    run_until_told("ended 8");
}

TEST_F(ListWatchTest, ListsAnewWhenAWatchIsRefusedForItsVersionOrForNow) {
    for (const int status : {410, 429, 500, 503}) {
        SCOPED_TRACE(status);
        test::ApiScript script(io, ca());
        recorder.told.clear();
        script.list("7", {});
        script.answer(status, "{}");
        script.list("8", {});
        start([&script] { return script.access(); });
        net::test::run_until(io, [&] { return recorder.has("ended 8"); });
        watch.reset();
    }
}

TEST_F(ListWatchTest, WaitsAsLongAsAServerAsksForThatRefusesAWatch) {
    api.list("7", {});
    api.answer(429, "{}", "Retry-After: 300\r\n");
    api.list("8", {});
    open_watch();
    start();
    net::test::run_until(io, [this] { return api.requests().size() == 2; });
    // Where the answer's time is passed over, the list comes within two milliseconds.
    boost::asio::steady_timer pause(io, std::chrono::milliseconds(50));
    bool is_over = false;
    pause.async_wait([&](const auto&) { is_over = true; });
    net::test::run_until(io, [&] { return is_over; });
    ASSERT_EQ(api.requests().size(), 2U);
    watch->refresh();
    run_until_told("watching");
    EXPECT_TRUE(recorder.has("ended 8"));
}

TEST_F(ListWatchTest, WaitsOnceAfterAWatchHoweverItEnded) {
    int pauses = 0;
    options.backoff.random = [&](std::uint64_t) {
        ++pauses;
        return std::uint64_t{0};
    };
    api.list("7", {});
    api.answer(403, "{}");
    api.list("8", {});
    api.answer(503, "{}");
    api.list("9", {});
    open_watch();
    start();
    run_until_told("watching");
    EXPECT_EQ(pauses, 2);
}

TEST_F(ListWatchTest, SaysWhatRightAWatchNeedsAndKeepsListing) {
    for (int i = 0; i < 2; ++i) {
        api.list(fmt::format("{}", i), {});
        api.answer(403, R"({"kind":"Status"})");
    }
    start();
    run_until_told("failed watch 403", 2);
    EXPECT_TRUE(recorder.last_detail.ends_with("it has to grant the verb watch on things")) << recorder.last_detail;
    EXPECT_TRUE(recorder.has("ended 1"));
}

TEST_F(ListWatchTest, TriesUntilAListSucceeds) {
    for (const int status : {401, 403, 404, 409, 429, 500}) {
        api.answer(status, R"({"kind":"Status"})", "Retry-After: 0\r\n");
    }
    api.answer(200, "garbage");
    api.answer(200, R"({"items":[]})");
    api.answer(200, R"({"metadata":{"resourceVersion":"1"}})");
    api.answer(200, R"({"metadata":{"resourceVersion":"1"},"items":[{}]})");
    api.script({read(), cut()});
    api.script({read(), send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), close()});
    api.list("7", {});
    open_watch();
    start();
    run_until_told("failed list 403");
    EXPECT_TRUE(recorder.last_detail.ends_with("it has to grant the verb list on things")) << recorder.last_detail;
    run_until_told("watching");
    for (const int status : {401, 403, 404, 409, 429, 500}) {
        EXPECT_EQ(recorder.count(fmt::format("failed list {}", status)), 1) << status;
    }
    EXPECT_EQ(recorder.count("failed list 200"), 0);
    EXPECT_EQ(recorder.count("failed list 0"), 6);
}

TEST_F(ListWatchTest, WaitsForAServerThatNeverAnsweredYet) {
    int tries = 0;
    api.list("7", {});
    open_watch();
    Access nobody = api.access();
    {
        const net::test::TlsTestServer gone(io, ca().issue({"IP:127.0.0.1"}));
        nobody.server.port = gone.port();
    }
    Access stranger = api.access();
    stranger.tls.ca_pem = net::test::TestCa().certificate_pem();
    start([&]() -> std::expected<Access, std::string> {
        switch (tries++) {
            case 0:
                return std::unexpected("there is no way yet");
            case 1:
                return std::move(nobody);
            case 2:
                return std::move(stranger);
            default:
                return api.access();
        }
    });
    run_until_told("failed list 0");
    EXPECT_EQ(recorder.last_detail, "there is no way yet");
    run_until_told("failed list 0", 2);
    EXPECT_TRUE(recorder.last_detail.contains("refused")) << recorder.last_detail;
    run_until_told("failed list 0", 3);
    EXPECT_TRUE(recorder.last_detail.contains("certificate")) << recorder.last_detail;
    EXPECT_EQ(tries, 3);
}

TEST_F(ListWatchTest, ReadsNoMoreObjectsThanAllowed) {
    options.max_objects = 2;
    api.list("7", {object("a", "1"), object("b", "2"), object("c", "3")});
    api.list("8", {object("a", "1"), object("b", "2")});
    open_watch();
    start();
    run_until_told("watching");
    EXPECT_EQ(recorder.count("failed list 0"), 1);
    EXPECT_FALSE(recorder.has("ended 7"));
}

TEST_F(ListWatchTest, ListsAgainWhenAsked) {
    api.list("7", {});
    open_watch();
    api.list("8", {});
    open_watch();
    start();
    run_until_told("watching");
    watch->refresh();
    run_until_told("watching", 2);
    EXPECT_TRUE(recorder.has("ended 8"));
    EXPECT_EQ(std::ranges::count_if(recorder.told, [](const auto& l) { return l.starts_with("failed"); }), 0);
}

TEST_F(ListWatchTest, TellsNothingOnceItIsGone) {
    api.list("7", {});
    api.watch({}, {read()});
    start();
    run_until_told("watching");
    const auto before = recorder.told;
    watch.reset();
    net::test::run_until(io, [&] { return api.server().ended() == 2; });
    EXPECT_EQ(recorder.told, before);
}

TEST(Backoff, DoublesUpToTheLimitAndTakesBetweenHalfAndAll) {
    std::uint64_t chance = 0;
    BackoffOptions options;
    options.first = std::chrono::milliseconds(100);
    options.longest = std::chrono::milliseconds(350);
    options.random = [&](std::uint64_t bound) { return std::min(chance, bound - 1); };
    Backoff least(options);
    EXPECT_EQ(least.next().count(), 50);
    EXPECT_EQ(least.next().count(), 100);
    EXPECT_EQ(least.next().count(), 175);
    EXPECT_EQ(least.next().count(), 175);
    least.reset();
    chance = 1'000'000;
    EXPECT_EQ(least.next().count(), 100);
    EXPECT_EQ(least.next(std::chrono::seconds(9)).count(), 9000);
    EXPECT_EQ(least.next(std::chrono::milliseconds(1)).count(), 350);
}

TEST(LineBuffer, MakesLinesOfPiecesUpToTheLimit) {
    std::vector<std::string> lines;
    const LineSink sink = [&](std::string_view line) {
        lines.emplace_back(line);
        return line != "stop";
    };
    LineBuffer buffer(5);
    EXPECT_EQ(buffer.feed("ab", sink), LineBuffer::Fed::more);
    EXPECT_TRUE(buffer.has_part());
    EXPECT_EQ(buffer.feed("cde\n\n\nx\n", sink), LineBuffer::Fed::more);
    EXPECT_FALSE(buffer.has_part());
    EXPECT_EQ(lines, (std::vector<std::string>{"abcde", "x"}));
    EXPECT_EQ(buffer.feed("stop\nmore\n", sink), LineBuffer::Fed::enough);
    LineBuffer other(5);
    EXPECT_EQ(other.feed("abc", sink), LineBuffer::Fed::more);
    EXPECT_EQ(other.feed("def", sink), LineBuffer::Fed::too_long);
    LineBuffer whole(5);
    EXPECT_EQ(whole.feed("abcdef\n", sink), LineBuffer::Fed::too_long);
}

TEST(ApiError, ReadsRetryAfterInSeconds) {
    EXPECT_EQ(error_of_answer(429, "", "3").retry_after.count(), 3);
    EXPECT_EQ(error_of_answer(429, "", "301").retry_after, max_retry_after);
    EXPECT_EQ(error_of_answer(429, "", "99999999999").retry_after, max_retry_after);
    for (const char* text : {"", "-1", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT", "3 "}) {
        EXPECT_EQ(error_of_answer(429, "", text).retry_after.count(), 0) << text;
    }
}

}  // namespace
}  // namespace arngate::kube
