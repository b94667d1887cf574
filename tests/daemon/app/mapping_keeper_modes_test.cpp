#include "tests/daemon/app/mapping_keeper_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace arngate {
namespace {

using std::chrono::seconds;
using testing::SizeIs;

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

}  // namespace
}  // namespace arngate
