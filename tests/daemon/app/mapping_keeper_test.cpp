#include "daemon/mapping_keeper.hpp"

#include "tests/daemon/app/fake_source.hpp"
#include "tests/daemon/app/log_lines.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace arngate {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr seconds grace{300};

class Keeper : public testing::Test {
protected:
    void make(std::chrono::milliseconds period = grace, bool with_copies = false) {
        keeper_.emplace(
            MappingKeeper::Options{.settings = {{}, reserved_}, .grace = period, .scrubbed_accounts = {}},
            clock_,
            metrics_,
            with_copies ? &copies_ : nullptr,
            [this](std::string_view name) { return source(std::string(name)); },
            [this] { ++asked_; },
            [this](MappingKeeper::Update update) { updates_.push_back(std::move(update)); }
        );
    }
    MappingSource source(const std::string& name) {
        MappingSource made;
        if (name == "MountedFile" || name == "DynamicFile" || name == "EKSConfigMap" || name == "CRD") {
            const bool local = name.ends_with("File");
            made.source = std::make_unique<FakeSource>(name, local, logs_[name]);
            made.must_start = name == "MountedFile";
            if (!made.must_start) {
                made.place = "c/" + name;
            }
            made.adapt = adapt_;
        }
        return made;
    }
    MappingSource break_glass() {
        MappingSource made;
        made.source = std::make_unique<FakeSource>("BreakGlass", true, logs_["BreakGlass"]);
        made.must_start = true;
        return made;
    }
    void set(const std::vector<std::string>& modes) {
        const auto done = keeper_->set_modes(modes);
        ASSERT_TRUE(done.has_value()) << done.error();
    }
    void say(const std::string& name, std::initializer_list<const char*> roles) {
        logs_.at(name).source->say(reading(name, roles));
    }
    void fail(const std::string& name) { logs_.at(name).source->say(source_failure()); }
    /// As the loop does when it was asked to.
    void build() {
        if (asked_ > built_) {
            built_ = asked_;
            keeper_->build();
        }
    }
    [[nodiscard]] const mapping::Table* table() const {
        const mapping::Table* last = nullptr;
        for (const auto& update : updates_) {
            last = update.table != nullptr ? update.table.get() : last;
        }
        return last;
    }
    /// The username that a role gets, which is the name of its source; empty: none.
    [[nodiscard]] std::string who(const std::string& role) const {
        sts::CallerIdentity identity;
        identity.mapping_key = "arn:aws:iam::123456789012:role/" + role;
        const auto user = table()->map(identity);
        return user ? user->username : std::string();
    }
    double gauge(const std::string& name, const std::string& source) {
        return registry_.gauge(name, "", {{"source", source}}).value();
    }
    double state(const std::string& source, const std::string& state) {
        return registry_.gauge("arngate_mapping_source_state", "", {{"source", source}, {"state", state}}).value();
    }

    LogLines log_;
    TempDirectory directory_;
    ManualClock clock_;
    MetricsRegistry registry_;
    MappingMetrics metrics_{registry_};
    MappingCopies copies_{directory_.path()};
    std::function<std::optional<mapping::SourceRules>(mapping::SourceRules)> adapt_;
    std::map<std::string, std::vector<std::string>> reserved_;
    std::map<std::string, FakeSource::Log> logs_;
    std::vector<MappingKeeper::Update> updates_;
    int asked_ = 0;
    int built_ = 0;
    std::optional<MappingKeeper> keeper_;
};

TEST_F(Keeper, BuildsTheFirstTableWhenTheFilesWereReadWhateverTheNetworkDoes) {
    make();
    set({"EKSConfigMap", "MountedFile", "DynamicFile"});
    build();
    EXPECT_THAT(updates_, IsEmpty());
    EXPECT_FALSE(keeper_->has_mapping());
    say("MountedFile", {"a"});
    build();
    EXPECT_THAT(updates_, IsEmpty());
    fail("DynamicFile");
    build();
    ASSERT_THAT(updates_, SizeIs(1));
    EXPECT_EQ(table()->generation(), 1U);
    EXPECT_EQ(who("a"), "MountedFile");
    EXPECT_TRUE(keeper_->has_mapping());
    EXPECT_THAT(keeper_->start_problems(), IsEmpty());
}

TEST_F(Keeper, BuildsWithoutAFileThatIsNotReadInTime) {
    make();
    set({"MountedFile"});
    keeper_->build(MappingKeeper::Patience::none);
    ASSERT_THAT(updates_, SizeIs(1));
    EXPECT_EQ(table()->entries(), 0U);
    EXPECT_FALSE(keeper_->has_mapping());
    say("MountedFile", {"a"});
    build();
    EXPECT_EQ(who("a"), "MountedFile");
}

TEST_F(Keeper, NamesTheProblemsOfSourcesThatMustStart) {
    make();
    keeper_->set_last(break_glass());
    set({"MountedFile", "DynamicFile"});
    fail("MountedFile");
    fail("DynamicFile");
    fail("BreakGlass");
    build();
    EXPECT_THAT(keeper_->start_problems(), SizeIs(2));
    fail("MountedFile");
    EXPECT_THAT(keeper_->start_problems(), SizeIs(2));
}

TEST_F(Keeper, AsksSourcesInOrderAndTheLastOneLast) {
    make();
    keeper_->set_last(break_glass());
    set({"MountedFile", "EKSConfigMap"});
    say("BreakGlass", {"a", "b", "c"});
    say("EKSConfigMap", {"a", "b"});
    say("MountedFile", {"a"});
    build();
    EXPECT_EQ(who("a"), "MountedFile");
    EXPECT_EQ(who("b"), "EKSConfigMap");
    EXPECT_EQ(who("c"), "BreakGlass");
    set({"EKSConfigMap", "MountedFile"});
    build();
    EXPECT_EQ(who("a"), "EKSConfigMap");
    EXPECT_THAT(updates_, SizeIs(2));
}

TEST_F(Keeper, MakesOneTableOfReportsThatComeTogether) {
    make();
    set({"MountedFile", "EKSConfigMap", "CRD"});
    say("MountedFile", {"a"});
    say("EKSConfigMap", {"b"});
    build();
    say("MountedFile", {"a", "c"});
    say("EKSConfigMap", {});
    say("CRD", {"d"});
    say("CRD", {"d", "e"});
    build();
    ASSERT_THAT(updates_, SizeIs(2));
    EXPECT_EQ(updates_[1].table->generation(), 2U);
    EXPECT_EQ(updates_[1].diff.added, 3U);
    EXPECT_EQ(updates_[1].diff.removed, 0U);
    EXPECT_THAT(updates_[1].sources, ElementsAre("MountedFile", "CRD"));
    EXPECT_EQ(updates_[1].readings, 4U);
    build();
    EXPECT_THAT(updates_, SizeIs(2));
}

TEST_F(Keeper, TellsOfAReadingThatChangesNothingWithoutANewTable) {
    make();
    set({"MountedFile"});
    say("MountedFile", {"a"});
    build();
    say("MountedFile", {"a"});
    build();
    ASSERT_THAT(updates_, SizeIs(2));
    EXPECT_EQ(updates_[1].table, nullptr);
    EXPECT_EQ(updates_[1].readings, 1U);
}

TEST_F(Keeper, KeepsWhatWasReadWhenASourceFails) {
    make();
    set({"MountedFile", "EKSConfigMap"});
    say("MountedFile", {"a"});
    say("EKSConfigMap", {"b"});
    build();
    fail("EKSConfigMap");
    build();
    EXPECT_EQ(who("b"), "EKSConfigMap");
    EXPECT_EQ(updates_.back().failures, 1U);
    EXPECT_EQ(updates_.back().table, nullptr);
    EXPECT_EQ(state("EKSConfigMap", "stale"), 1);
    EXPECT_EQ(state("EKSConfigMap", "synced"), 0);
    EXPECT_THAT(keeper_->describe(), Contains(HasSubstr("source EKSConfigMap: stale, generation 1, entries 1")));
    EXPECT_THAT(log_.all(), HasSubstr("was not reloaded"));
    EXPECT_TRUE(keeper_->has_mapping());
}

TEST_F(Keeper, DropsAnEmptiedSourceOnlyAfterTheGracePeriod) {
    make();
    set({"MountedFile", "EKSConfigMap"});
    say("MountedFile", {});
    say("EKSConfigMap", {"b"});
    build();
    say("EKSConfigMap", {});
    build();
    EXPECT_EQ(who("b"), "EKSConfigMap");
    EXPECT_EQ(state("EKSConfigMap", "grace"), 1);
    ASSERT_TRUE(keeper_->next_time().has_value());
    EXPECT_LE(*keeper_->next_time(), clock_.steady() + grace);
    clock_.advance(grace - seconds(1));
    keeper_->on_time();
    build();
    EXPECT_EQ(who("b"), "EKSConfigMap");
    clock_.advance(seconds(1));
    keeper_->on_time();
    build();
    EXPECT_EQ(who("b"), "");
    EXPECT_EQ(updates_.back().diff.removed, 1U);
    EXPECT_THAT(log_.all(), HasSubstr("the grace period of a source of mappings is over"));
}

TEST_F(Keeper, TakesOtherSettingsAtOnce) {
    make();
    set({"MountedFile", "EKSConfigMap"});
    say("MountedFile", {"a"});
    say("EKSConfigMap", {"b"});
    build();
    keeper_->apply({.table = {}, .reserved_prefixes = {}});
    build();
    EXPECT_THAT(updates_, SizeIs(1));
    keeper_->apply({.table = {}, .reserved_prefixes = {{"EKSConfigMap", {"EKS"}}}});
    build();
    EXPECT_THAT(updates_, SizeIs(2));
    EXPECT_EQ(who("a"), "MountedFile");
    EXPECT_EQ(who("b"), "");
    say("EKSConfigMap", {"b", "c"});
    build();
    EXPECT_EQ(who("c"), "");
    mapping::TableOptions in_chain;
    in_chain.accounts = mapping::AccountOrder::in_chain;
    keeper_->apply({.table = in_chain, .reserved_prefixes = {}});
    build();
    EXPECT_THAT(updates_, SizeIs(4));
    EXPECT_EQ(who("c"), "EKSConfigMap");
}

TEST_F(Keeper, RefreshesAllSources) {
    make();
    keeper_->set_last(break_glass());
    set({"MountedFile", "CRD"});
    keeper_->refresh();
    for (const char* name : {"MountedFile", "CRD", "BreakGlass"}) {
        EXPECT_EQ(logs_.at(name).refreshes, 1) << name;
    }
}

TEST_F(Keeper, ChangesNothingForAListThatCannotBe) {
    make();
    set({"MountedFile"});
    say("MountedFile", {"a"});
    build();
    EXPECT_FALSE(keeper_->set_modes({}).has_value());
    EXPECT_FALSE(keeper_->set_modes({"CRD", "Nothing"}).has_value());
    EXPECT_FALSE(keeper_->set_modes({"MountedFile", "MountedFile"}).has_value());
    EXPECT_EQ(logs_.at("CRD").source, nullptr);
    EXPECT_EQ(state("CRD", "starting"), 0);
    EXPECT_FALSE(logs_.at("MountedFile").stopped);
    build();
    EXPECT_THAT(updates_, SizeIs(1));
}

TEST_F(Keeper, RestoresNothingForAListThatCannotBe) {
    const mapping::SourceRules kept = reading("CRD", {"a"}).rules;
    ASSERT_TRUE(copies_.save("CRD", "c/CRD", kept, clock_.wall()).has_value());
    make(grace, true);
    EXPECT_FALSE(keeper_->set_modes({"CRD", "Nothing"}).has_value());
    EXPECT_FALSE(keeper_->has_mapping());
}

TEST_F(Keeper, KeepsADroppedSourceUntilTheNewOnesHaveSpoken) {
    make();
    set({"MountedFile"});
    say("MountedFile", {"a", "b"});
    build();
    set({"EKSConfigMap"});
    build();
    EXPECT_EQ(who("a"), "MountedFile");
    fail("EKSConfigMap");
    build();
    EXPECT_EQ(who("a"), "MountedFile");
    say("EKSConfigMap", {"a"});
    build();
    EXPECT_EQ(who("a"), "EKSConfigMap");
    EXPECT_EQ(who("b"), "");
    EXPECT_TRUE(logs_.at("MountedFile").stopped);
    build();
    EXPECT_EQ(gauge("arngate_mapping_source_entries", "MountedFile"), 0);
    EXPECT_EQ(state("MountedFile", "synced"), 0);
}

TEST_F(Keeper, DropsASourceAfterTheGracePeriodAtTheLatest) {
    make();
    set({"MountedFile"});
    say("MountedFile", {"a"});
    build();
    set({"EKSConfigMap"});
    build();
    ASSERT_EQ(keeper_->next_time(), clock_.steady() + std::chrono::milliseconds(250));
    clock_.advance(grace);
    keeper_->on_time();
    build();
    EXPECT_EQ(who("a"), "");
    EXPECT_TRUE(logs_.at("MountedFile").stopped);
}

TEST_F(Keeper, DropsASourceAfterTenSecondsWithoutAGracePeriod) {
    make(seconds(0));
    set({"MountedFile"});
    say("MountedFile", {"a"});
    build();
    set({"EKSConfigMap"});
    build();
    clock_.advance(seconds(9));
    keeper_->on_time();
    build();
    EXPECT_EQ(who("a"), "MountedFile");
    clock_.advance(seconds(1));
    keeper_->on_time();
    build();
    EXPECT_EQ(who("a"), "");
}

TEST_F(Keeper, TakesASourceBackThatWasAboutToGo) {
    make();
    set({"MountedFile"});
    say("MountedFile", {"a"});
    build();
    set({"EKSConfigMap"});
    set({"MountedFile", "EKSConfigMap"});
    clock_.advance(grace);
    keeper_->on_time();
    build();
    EXPECT_EQ(who("a"), "MountedFile");
    EXPECT_FALSE(logs_.at("MountedFile").stopped);
}

TEST_F(Keeper, ServesAfterARestartWhatWasReadBefore) {
    make(grace, true);
    set({"EKSConfigMap"});
    say("EKSConfigMap", {"a"});
    build();
    keeper_->on_time();
    keeper_->stop();

    updates_.clear();
    make(grace, true);
    set({"EKSConfigMap"});
    EXPECT_TRUE(keeper_->has_mapping());
    build();
    EXPECT_EQ(who("a"), "EKSConfigMap");
    EXPECT_EQ(state("EKSConfigMap", "restored"), 1);
    fail("EKSConfigMap");
    build();
    EXPECT_EQ(who("a"), "EKSConfigMap");
    EXPECT_EQ(state("EKSConfigMap", "stale"), 1);
    say("EKSConfigMap", {"b"});
    build();
    EXPECT_EQ(who("a"), "");
    EXPECT_EQ(who("b"), "EKSConfigMap");
}

TEST_F(Keeper, FitsAKeptMappingToTheSettingsOfToday) {
    make(grace, true);
    set({"EKSConfigMap"});
    say("EKSConfigMap", {"a"});
    build();
    keeper_->stop();
    updates_.clear();
    reserved_ = {{"EKSConfigMap", {"EKS"}}};
    make(grace, true);
    set({"EKSConfigMap"});
    build();
    EXPECT_EQ(table()->entries(), 1U);
    EXPECT_EQ(who("a"), "");
    adapt_ = [](const mapping::SourceRules&) { return std::nullopt; };
    make(grace, true);
    set({"EKSConfigMap"});
    EXPECT_FALSE(keeper_->has_mapping());
    EXPECT_THAT(log_.all(), HasSubstr("read with other settings"));
}

TEST_F(Keeper, KeepsNoCopyOfTheConfigurationFileNorOfBrokenDocuments) {
    make(grace, true);
    set({"MountedFile", "EKSConfigMap"});
    say("MountedFile", {"a"});
    auto broken = source_failure(config::SourceFailure::Kind::unreadable);
    broken.error().partial = reading("EKSConfigMap", {"b"});
    logs_.at("EKSConfigMap").source->say(std::move(broken));
    build();
    EXPECT_EQ(who("b"), "EKSConfigMap");
    keeper_->on_time();
    keeper_->stop();
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(Keeper, WritesCopiesOnceASecondAtMost) {
    make(grace, true);
    set({"EKSConfigMap"});
    say("EKSConfigMap", {"a"});
    ASSERT_EQ(keeper_->next_time(), clock_.steady());
    keeper_->on_time();
    const std::string path = directory_.path() + "/mapping-EKSConfigMap.copy";
    ASSERT_TRUE(std::filesystem::exists(path));
    std::filesystem::remove(path);
    say("EKSConfigMap", {"b"});
    keeper_->on_time();
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(keeper_->next_time(), clock_.steady() + seconds(1));
    clock_.advance(seconds(1));
    keeper_->on_time();
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(Keeper, SaysOnceThatACopyCannotBeWritten) {
    make(grace, true);
    copies_ = MappingCopies(directory_.path() + "/none");
    set({"EKSConfigMap"});
    for (const char* name : {"a", "b"}) {
        say("EKSConfigMap", {name});
        clock_.advance(seconds(1));
        keeper_->on_time();
    }
    const std::string all = log_.all();
    const auto first = all.find("could not be kept");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(all.find("could not be kept", first + 1), std::string::npos);
}

TEST_F(Keeper, FreesATableWhenNobodyElseHoldsIt) {
    make();
    set({"MountedFile"});
    say("MountedFile", {"a"});
    build();
    std::weak_ptr<const mapping::Table> old = updates_[0].table;
    say("MountedFile", {"b"});
    build();
    std::shared_ptr<const mapping::Table> review = std::move(updates_[0].table);
    clock_.advance(seconds(1));
    keeper_->on_time();
    EXPECT_FALSE(old.expired());
    review.reset();
    EXPECT_FALSE(old.expired());
    EXPECT_TRUE(keeper_->next_time().has_value());
    clock_.advance(seconds(1));
    keeper_->on_time();
    EXPECT_TRUE(old.expired());
    EXPECT_FALSE(keeper_->next_time().has_value());
}

TEST_F(Keeper, WarnsOnceOfAnEntryThatIsLeftOut) {
    make();
    set({"MountedFile", "EKSConfigMap"});
    auto odd = reading("MountedFile", {"a"});
    odd.rules.roles[0].arn = "no ARN";
    logs_.at("MountedFile").source->say(odd);
    build();
    say("EKSConfigMap", {"b"});
    build();
    const std::string all = log_.all();
    const auto first = all.find("the entry is left out");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(all.find("the entry is left out", first + 1), std::string::npos);
}

TEST_F(Keeper, SaysWhichOfTheGoServersGaugesHold) {
    make();
    set({"DynamicFile"});
    EXPECT_EQ(registry_.gauge("aws_iam_authenticator_dynamic_file_only", "").value(), 1);
    set({"DynamicFile", "MountedFile"});
    EXPECT_EQ(registry_.gauge("aws_iam_authenticator_dynamic_file_only", "").value(), 0);
    EXPECT_EQ(registry_.gauge("aws_iam_authenticator_dynamic_file_enabled", "").value(), 1);
    fail("DynamicFile");
    EXPECT_EQ(registry_.counter("aws_iam_authenticator_dynamicfile_failures_total", "").value(), 1U);
}

TEST_F(Keeper, CountsHowLongAChangedFileTook) {
    using testing::Not;
    make();
    set({"DynamicFile", "MountedFile"});
    const auto written = [this](const std::string& source, const std::string& when) {
        config::SourceReading said = reading(source, {"a"});
        said.last_updated = when;
        logs_.at(source).source->say(std::move(said));
    };
    const auto now = std::chrono::floor<seconds>(clock_.wall().time_since_epoch()).count();
    written("DynamicFile", std::to_string(now - 100));  // the first: nobody knows how long it has been there
    written("DynamicFile", std::to_string(now - 100));
    written("DynamicFile", std::to_string(now + 2));
    written("DynamicFile", "yesterday");
    written("DynamicFile", "");
    written("MountedFile", "1");
    written("MountedFile", "2");
    EXPECT_THAT(registry_.text(), Not(HasSubstr("dynamic_e2e_latency_seconds")));
    written("DynamicFile", std::to_string(now - 4));
    const std::string text = registry_.text();
    EXPECT_THAT(text, HasSubstr(R"(dynamic_e2e_latency_seconds_count{type="dynamic_file"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(dynamic_e2e_latency_seconds_bucket{type="dynamic_file",le="3"} 0)"));
    EXPECT_THAT(text, HasSubstr(R"(dynamic_e2e_latency_seconds_bucket{type="dynamic_file",le="5"} 1)"));
}

}  // namespace
}  // namespace arngate
