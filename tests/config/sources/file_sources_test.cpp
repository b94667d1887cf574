#include "config/sources/backend_mode_file.hpp"
#include "config/sources/dynamic_file_source.hpp"
#include "config/sources/mounted_file_source.hpp"
#include "tests/config/watch/file_changes.hpp"
#include "tests/support/temp_directory.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using namespace std::chrono_literals;
using watch::testing::KubernetesVolume;
using watch::testing::write_by_rename;
using watch::testing::write_in_place;

/// Long polls: whatever is seen was told by the kernel.
constexpr watch::WatchOptions events{.poll_interval = 24h, .quiet = 5ms, .longest = 50ms};

std::string describe(const std::expected<SourceReading, SourceFailure>& report) {
    std::string out;
    if (!report) {
        for (const Problem& problem : report.error().problems)
            out += "! " + problem.text() + "\n";
        return out;
    }
    if (report->missing)
        out += "missing\n";
    for (const auto* rules : {&report->rules.roles, &report->rules.users}) {
        for (const mapping::Rule& rule : *rules)
            out += rule.arn + " " + rule.username + "\n";
    }
    for (const Problem& problem : report->problems)
        out += "? " + problem.text() + "\n";
    return out;
}

/// Runs a source; `next` is what it reports next.
class Running {
public:
    boost::asio::io_context loop;
    std::unique_ptr<Source> source;

    template <class Make>
    explicit Running(Make make) : loop(1), source(make(loop.get_executor())) {
        source->start([this](auto report) { last_ = std::move(report); });
        EXPECT_FALSE(last_);
    }

    const std::expected<SourceReading, SourceFailure>& next_report() {
        last_.reset();
        while (!last_)
            loop.run_one();
        return *last_;
    }
    std::string next() { return describe(next_report()); }

private:
    std::optional<std::expected<SourceReading, SourceFailure>> last_;
};

std::string mounted(std::string_view role, std::string_view more = {}) {
    return "clusterID: c\nserver:\n  mapRoles:\n  - rolearn: arn:aws:iam::123456789012:role/" + std::string(role) +
           "\n    username: " + std::string(role) + "\n" + std::string(more);
}

std::string mapped(std::string_view role) {
    return "arn:aws:iam::123456789012:role/" + std::string(role) + " " + std::string(role) + "\n";
}

auto mounted_source(const std::string& path, std::function<void(const Loaded&)> loaded = {}) {
    return [path, loaded = std::move(loaded)](auto executor) {
        MountedFileOptions options;
        options.request.file = path;
        options.watch = events;
        options.loaded = loaded;
        if (auto first = load(options.request))
            options.running = std::move(first->values);
        return make_mounted_file_source(executor, std::move(options));
    };
}

TEST(MountedFileSource, FollowsAVolumeAndKeepsWhatIsWrongOutOfForce) {
    const TempDirectory directory;
    KubernetesVolume volume(directory / "v", "c.yaml");
    volume.put(mounted("A"));
    Running running(mounted_source(volume.path()));
    EXPECT_EQ(running.source->name(), "MountedFile");
    EXPECT_TRUE(running.source->is_local());
    EXPECT_EQ(running.next(), mapped("A"));
    volume.put(mounted("B"));
    EXPECT_EQ(running.next(), mapped("B"));
    volume.put(mounted("C", "  port: x\n"));
    EXPECT_EQ(
        running.next(),
        "! " + volume.path() + ":6:9: server.port: found \"x\", expected a whole number from 0 to 65535.\n"
    );
    volume.put("a: [");
    EXPECT_NE(running.next().find("not YAML"), std::string::npos);
    volume.put(mounted("B"));
    EXPECT_EQ(running.next(), mapped("B"));
}

TEST(MountedFileSource, TellsWarningsOfTheStartWhenTheyAreStillThereInALaterReading) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "c.yaml";
    write_in_place(path, mounted("A", "  prot: 1\n"));
    Running running([&](auto executor) {
        MountedFileOptions options;
        options.request.file = path.string();
        options.watch = events;
        auto first = load(options.request);
        EXPECT_TRUE(first);
        options.running = std::move(first->values);
        options.told = std::move(first->warnings);
        EXPECT_EQ(options.told.size(), 1U);
        return make_mounted_file_source(executor, std::move(options));
    });
    EXPECT_EQ(running.next(), mapped("A"));
    write_by_rename(path, mounted("B", "  prot: 1\n"));
    const std::string later = running.next();
    EXPECT_TRUE(later.starts_with(mapped("B") + "? ")) << later;
    EXPECT_NE(later.find("server.prot: found an unknown key"), std::string::npos) << later;
}

TEST(MountedFileSource, FailsWhileTheFileIsGoneOrCut) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "c.yaml";
    write_in_place(path, mounted("A"));
    Running running(mounted_source(path.string()));
    EXPECT_EQ(running.next(), mapped("A"));
    std::filesystem::remove(path);
    EXPECT_EQ(running.next(), "! " + path.string() + ": found no such file.\n");
    write_by_rename(path, mounted("B"));
    EXPECT_EQ(running.next(), mapped("B"));
    std::string cut = mounted("C");
    cut.pop_back();
    write_in_place(path, cut);
    EXPECT_NE(running.next().find("rename it over this one"), std::string::npos);
}

TEST(MountedFileSource, NamesWhatNeedsARestartAndGivesTheRestAway) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "c.yaml";
    write_in_place(path, mounted("A"));
    std::optional<bool> after_all;
    Running running(mounted_source(path.string(), [&](const Loaded& loaded) {
        after_all = loaded.settings.mapping.accounts_after_all;
    }));
    EXPECT_EQ(running.next(), mapped("A"));
    EXPECT_EQ(after_all, true);
    write_by_rename(path, mounted("A", "  port: 2\nmapping:\n  accountOrder: inChain\n"));
    EXPECT_EQ(
        running.next(),
        mapped("A") + "? " + path.string() +
            ": server.port: found another value than at the start. It acts after a restart.\n"
    );
    EXPECT_EQ(after_all, false);
}

TEST(MountedFileSource, HasOneReadingWithoutAFile) {
    boost::asio::io_context loop;
    MountedFileOptions options;
    options.request.overrides.push_back({"clusterID", {"c"}, "--cluster-id"});
    const auto source = make_mounted_file_source(loop.get_executor(), std::move(options));
    int reports = 0;
    source->start([&](const auto& report) {
        EXPECT_TRUE(report) << describe(report);
        ++reports;
    });
    EXPECT_EQ(reports, 0);
    loop.run();
    loop.restart();
    EXPECT_EQ(reports, 1);
    source->refresh();
    source->stop();
    loop.run();
    EXPECT_EQ(reports, 1);
}

auto dynamic_source(const std::string& path, bool by_id = false) {
    Settings settings;
    settings.server.dynamic_file_path = path;
    settings.server.dynamic_file_user_id_strict = by_id;
    settings.server.reserved_prefixes["DynamicFile"] = {"system:"};
    return [settings](auto executor) { return make_dynamic_file_source(executor, settings, events); };
}

TEST(DynamicFileSource, ComesAndGoesWithItsFile) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "d.json";
    Running running(dynamic_source(path.string()));
    EXPECT_EQ(running.source->name(), "DynamicFile");
    EXPECT_TRUE(running.next_report()->missing);
    write_in_place(path, R"({"Version": "7", "mapRoles": [{"rolearn": "r", "username": "u"}]})");
    const auto& reading = running.next_report();
    ASSERT_TRUE(reading);
    EXPECT_EQ(describe(reading), "r u\n");
    EXPECT_EQ(reading->version, "7");
    EXPECT_EQ(reading->rules.source, "DynamicFile");
    EXPECT_EQ(reading->rules.reserved_prefixes, std::vector<std::string>{"system:"});
    EXPECT_EQ(reading->rules.match, mapping::MatchBy::canonical_arn);
    write_by_rename(path, R"({"mapRoles": [{"rolearn": "s"}]})");
    EXPECT_EQ(running.next(), "s \n");
    std::filesystem::remove(path);
    EXPECT_EQ(running.next(), "missing\n");
}

TEST(DynamicFileSource, NamesWhatKeepsTheFileFromBeingUsed) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "d.json";
    write_in_place(path, R"({"mapUsers": [{"userid": "I", "username": "u"}]})");
    Running running(dynamic_source(path.string(), true));
    const auto& reading = running.next_report();
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->rules.match, mapping::MatchBy::user_id);
    write_in_place(path, R"({"mapUsers": [{"userid": "I")");
    EXPECT_NE(running.next().find("not one JSON value"), std::string::npos);
    write_in_place(path, R"({"mapUsers": [{}]})");
    EXPECT_NE(running.next().find("text under userid"), std::string::npos);
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    EXPECT_EQ(running.next(), "! " + path.string() + ": found a directory.\n");
}

TEST(DynamicFileSource, ReportsAgainWhenAsked) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "d.json";
    write_in_place(path, "{}");
    Running running(dynamic_source(path.string()));
    EXPECT_EQ(running.next(), "");
    running.source->refresh();
    EXPECT_EQ(running.next(), "");
    running.source->stop();
    running.source->stop();
    running.loop.run();
}

TEST(BackendModeFile, TellsModesAbsenceAndProblems) {
    const TempDirectory directory;
    const std::filesystem::path path = directory / "m.json";
    boost::asio::io_context loop{1};
    BackendModeFile file(loop.get_executor(), path.string(), events);
    std::optional<std::string> last;
    file.start([&](const auto& report) {
        last = !report ? "! " + report.error().front().text() : !*report ? "none" : (*report)->modes.front();
    });
    const auto next = [&] {
        last.reset();
        while (!last)
            loop.run_one();
        return *last;
    };
    EXPECT_EQ(next(), "none");
    write_in_place(path, R"({"backendMode": "CRD MountedFile"})");
    EXPECT_EQ(next(), "CRD");
    write_by_rename(path, R"({"backendMode": "Other"})");
    EXPECT_EQ(next().find("! " + path.string() + ": backendMode: found \"Other\""), 0U);
    file.refresh();
    EXPECT_EQ(next().find("! "), 0U);
    write_in_place(path, std::string(max_backend_mode_bytes + 1, ' '));
    EXPECT_EQ(next(), "! " + path.string() + ": found more than 65536 bytes.");
    std::filesystem::remove(path);
    EXPECT_EQ(next(), "none");
    file.stop();
    loop.run();
}

}  // namespace
}  // namespace arngate::config
