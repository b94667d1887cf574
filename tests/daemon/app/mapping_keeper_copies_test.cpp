#include "tests/daemon/app/mapping_keeper_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace arngate {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

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

TEST_F(Keeper, KeepsACopyOnceABrokenDocumentIsWholeEvenIfItsEntriesStay) {
    make(grace, true);
    set({"EKSConfigMap"});
    auto broken = source_failure(config::SourceFailure::Kind::unreadable);
    broken.error().partial = reading("EKSConfigMap", {"b"});
    logs_.at("EKSConfigMap").source->say(std::move(broken));
    say("EKSConfigMap", {"b"});
    keeper_->on_time();
    const std::string path = directory_.path() + "/mapping-EKSConfigMap.copy";
    ASSERT_TRUE(std::filesystem::remove(path));
    clock_.advance(seconds(1));
    say("EKSConfigMap", {"b"});
    keeper_->on_time();
    EXPECT_FALSE(std::filesystem::exists(path)) << "nothing was new";
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

}  // namespace
}  // namespace arngate
