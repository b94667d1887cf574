#include "tests/daemon/app/mapping_keeper_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace arngate {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

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

TEST_F(Keeper, CountsHowLongAChangedFileTook) {
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
