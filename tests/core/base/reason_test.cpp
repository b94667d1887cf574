#include "core/base/reason.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace arngate {
namespace {

TEST(Reason, HasOneCompleteRowEach) {
    std::set<std::string_view> labels;
    for (const ReasonInfo& row : all_reasons()) {
        EXPECT_EQ(&info(row.reason), &row);
        EXPECT_TRUE(labels.insert(row.label).second) << row.label;
        EXPECT_EQ(row.label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos)
            << row.label;
        EXPECT_FALSE(row.summary.empty()) << row.label;
        EXPECT_EQ(row.advice.empty(), row.reason == Reason::none) << row.label;
    }
    EXPECT_EQ(all_reasons().back().reason, Reason::internal_error);
}

TEST(Reason, OnlyNoneGrants) {
    for (const ReasonInfo& row : all_reasons()) {
        EXPECT_EQ(row.answer == AnswerKind::granted, row.reason == Reason::none) << row.label;
        EXPECT_EQ(row.blame == Blame::nobody, row.reason == Reason::none) << row.label;
        EXPECT_EQ(row.peer_result == "success", row.reason == Reason::none) << row.label;
    }
}

TEST(Reason, UsesThePeersResultLabelsOnly) {
    const std::set<std::string_view> known{
        "success", "malformed_request", "invalid_token", "sts_error", "sts_throttling", "uknown_user"
    };
    for (const ReasonInfo& row : all_reasons()) {
        EXPECT_TRUE(known.contains(row.peer_result)) << row.label;
    }
}

TEST(Reason, WhatTheTokenItselfShowsIsFinal) {
    for (const Reason reason :
         {Reason::token_too_large, Reason::bad_prefix, Reason::bad_host, Reason::duplicate_param, Reason::expired}) {
        EXPECT_EQ(info(reason).answer, AnswerKind::denied) << info(reason).label;
    }
    for (const Reason reason : {Reason::not_mapped, Reason::sts_bad_answer}) {
        EXPECT_EQ(info(reason).answer, AnswerKind::denied_fixable) << info(reason).label;
    }
    EXPECT_EQ(info(Reason::sts_throttled).answer, AnswerKind::throttled);
    EXPECT_EQ(info(Reason::sts_unreachable).answer, AnswerKind::unavailable);
    EXPECT_EQ(info(Reason::ec2_unavailable).answer, AnswerKind::unavailable);
}

TEST(Reason, TakesAForeignValueAsOurOwnFault) {
    EXPECT_EQ(info(static_cast<Reason>(250)).reason, Reason::internal_error);
}

}  // namespace
}  // namespace arngate
