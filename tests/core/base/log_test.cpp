#include "core/base/log.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace arngate::log {
namespace {

static_assert(!std::is_constructible_v<Field, std::string_view, const Secret&>);

constexpr std::string_view time = "2026-01-02T03:04:05Z";

std::string line(Format format, std::string_view message, std::initializer_list<Field> fields = {}) {
    std::string out;
    append_line(out, format, Level::info, message, std::span<const Field>(fields.begin(), fields.size()), time);
    return out;
}

TEST(Log, WritesLogfmtWithSortedKeys) {
    const std::vector<std::string> groups{"a", "b c"};
    EXPECT_EQ(
        line(
            Format::logfmt,
            "access granted",
            {{"username", "u"},
             {"arn", "arn:aws:iam::1:role/x"},
             {"n", 5},
             {"ok", true},
             {"s", 0.25},
             {"groups", groups}}
        ),
        R"(time="2026-01-02T03:04:05Z" level=info msg="access granted" arn="arn:aws:iam::1:role/x" groups="[a b c]" n=5 ok=true s=0.25 username=u)"
    );
}

TEST(Log, QuotesWhateverCouldBreakALine) {
    const std::string text = line(Format::logfmt, "m", {{"k", std::string_view("a\nb\r\t\"\\ \x1b[31m\0=", 16)}});
    EXPECT_EQ(text.find_first_of("\n\r\t\x1b"), std::string::npos);
    EXPECT_NE(text.find(R"(k="a\nb\r\t\"\\ \u001b[31m\u0000)"), std::string::npos) << text;
}

TEST(Log, WritesJsonThatParses) {
    const std::vector<std::string> groups{"a\"", "b"};
    const std::string text =
        line(Format::json, "m \"q\"\n", {{"k", "v\\"}, {"n", -5}, {"ok", false}, {"groups", groups}});
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    ASSERT_EQ(parser.parse(text).get(root), simdjson::SUCCESS) << text;
    EXPECT_EQ(std::string_view(root["msg"]), "m \"q\"\n");
    EXPECT_EQ(std::string_view(root["k"]), "v\\");
    EXPECT_EQ(std::int64_t(root["n"]), -5);
    EXPECT_FALSE(bool(root["ok"]));
    EXPECT_EQ(simdjson::dom::array(root["groups"]).size(), 2U);
    EXPECT_EQ(std::string_view(root["level"]), "info");
    EXPECT_EQ(std::string_view(root["time"]), time);
}

TEST(Log, WritesJsonThatParsesWhateverTheBytesAre) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) {
        every_byte += static_cast<char>(byte);
    }
    const std::vector<std::string> groups{every_byte};
    const std::string text = line(Format::json, every_byte, {{"k", every_byte}, {"groups", groups}});
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    EXPECT_EQ(parser.parse(text).get(root), simdjson::SUCCESS) << text;
}

TEST(Log, ReadsLevelNames) {
    EXPECT_EQ(parse_level("WARN"), Level::warning);
    EXPECT_EQ(parse_level("Warning"), Level::warning);
    EXPECT_EQ(parse_level("panic"), Level::fatal);
    EXPECT_EQ(parse_level("trace"), Level::trace);
    for (const std::string_view bad : {"", "off", "information", " info"}) {
        EXPECT_EQ(parse_level(bad), std::nullopt) << bad;
    }
}

/// Lines go to a vector while the object lives.
class Captured {
public:
    Captured() {
        set_sink([this](std::string_view text) { lines_.emplace_back(text); });
    }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;
    ~Captured() {
        configure({});
        set_sink({});
    }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

private:
    std::vector<std::string> lines_;
};

TEST(Log, WritesAtOnceWhatTheLevelLets) {
    const Captured captured;
    configure({.level = Level::warning});
    info("no");
    warning("yes", {{"k", 1}});
    ASSERT_EQ(captured.lines().size(), 1U);
    EXPECT_TRUE(captured.lines()[0].ends_with("level=warning msg=yes k=1"));
    set_level(Level::off);
    error("no");
    EXPECT_EQ(captured.lines().size(), 1U);
    EXPECT_FALSE(enabled(Level::fatal));
    set_level(Level::debug);
    EXPECT_EQ(level(), Level::debug);
    debug("now");
    EXPECT_EQ(captured.lines().size(), 2U);
}

}  // namespace
TEST(Log, FlushWaitsForTheBackgroundWriter) {
    std::mutex mutex;
    std::vector<std::string> lines;
    log::set_sink([&](std::string_view line) {
        const std::scoped_lock lock(mutex);
        lines.emplace_back(line);
    });
    log::configure({.level = log::Level::info, .delivery = log::Delivery::background});
    for (int i = 0; i < 1000; ++i) {
        log::info("line");
    }
    log::flush();
    {
        const std::scoped_lock lock(mutex);
        EXPECT_EQ(lines.size() + log::dropped(), 1000U);
    }
    log::configure({});
    log::set_sink({});
}

}  // namespace arngate::log
