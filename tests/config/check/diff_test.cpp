#include "config/check/diff.hpp"

#include "config/check/render.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::config::check {
namespace {

const std::string arn = "arn:aws:iam::123456789012:role/";

Side side(const std::string& text) {
    return side_of(text.empty() ? Reading{} : read({"f.yaml", text}, {}), Profile::arngate);
}

std::string diff(const std::string& before, const std::string& after) {
    return changes_as_text(changes_between(side(before), side(after)));
}

std::string roles(const std::string& list) {
    return "mapRoles: |\n  [" + list + "]\n";
}

TEST(Diff, SaysWhoGainsLosesAndChanges) {
    EXPECT_EQ(
        diff(
            roles("{rolearn: '" + arn + "A', username: a, groups: [g, h]}, {rolearn: '" + arn + "B', username: b}"),
            roles("{rolearn: '" + arn + "a', username: a, groups: [i]}, {rolearn: '" + arn + "C', username: c}")
        ),
        "changed arn:aws:iam::123456789012:role/a: a [g, h] -> a [i]\n"
        "lost arn:aws:iam::123456789012:role/b: b -> refused\n"
        "gained arn:aws:iam::123456789012:role/c: refused -> c\n"
        "1 gained, 1 lost, 1 changed\n"
    );
}

TEST(Diff, IsEmptyWhereNothingChangesForAnybody) {
    EXPECT_EQ(
        diff(
            roles("{rolearn: '" + arn + "path/A', username: a, groups: [g, h]}"),
            "# rewritten\nmapRoles: |\n  - groups: [h, g, h]\n    username: a\n    rolearn: " + arn + "A\n"
        ),
        ""
    );
    EXPECT_EQ(diff("", ""), "");
}

TEST(Diff, ResolvesInTheOrderOfTheServer) {
    // Without its own entry the role is one of the pattern's.
    const std::string pattern = "{rolearnLike: '" + arn + "dev-*', username: p}";
    EXPECT_EQ(
        diff(roles("{rolearn: '" + arn + "dev-1', username: a}, " + pattern), roles(pattern)),
        "changed arn:aws:iam::123456789012:role/dev-1: a -> p\n0 gained, 0 lost, 1 changed\n"
    );
    // And without the pattern one of its account.
    EXPECT_EQ(
        diff(roles(pattern) + "mapAccounts: '[\"123456789012\"]'\n", "mapAccounts: '[\"123456789012\"]'\n"),
        "changed roles like arn:aws:iam::123456789012:role/dev-*: p -> the canonical ARN\n"
        "0 gained, 0 lost, 1 changed\n"
    );
    EXPECT_EQ(
        diff("", "mapAccounts: '[\"123456789012\"]'\n"),
        "gained account 123456789012: refused -> the canonical ARN\n1 gained, 0 lost, 0 changed\n"
    );
    EXPECT_EQ(
        diff("", roles("{sso: {permissionSetName: Ops, accountID: \"123456789012\"}, username: o}")),
        "gained permission set ops of account 123456789012 in aws: refused -> o\n1 gained, 0 lost, 0 changed\n"
    );
}

TEST(Diff, CountsRefusalsOfAnEntryAsLost) {
    const std::string head = "clusterID: c\nserver:\n  mapRoles: [{rolearn: '" + arn + "A', username: adm}]\n";
    EXPECT_EQ(
        diff(head, head + "  reservedPrefixConfig: [{backendmode: MountedFile, usernamePrefixReserveList: [ad]}]\n"),
        "lost arn:aws:iam::123456789012:role/a: adm -> refused\n0 gained, 1 lost, 0 changed\n"
    );
    EXPECT_EQ(
        diff(roles("{rolearn: '" + arn + "A', username: a}"), roles("{rolearn: '" + arn + "A'}")),
        "lost arn:aws:iam::123456789012:role/a: a -> refused\n0 gained, 1 lost, 0 changed\n"
    );
}

TEST(Diff, FollowsUserIds) {
    ReadOptions options;
    options.kind = Kind::dynamic_file_strict;
    const auto strict = [&](const std::string& list) {
        return side_of(read({"f", "{\"mapRoles\": [" + list + "]}"}, options), Profile::arngate);
    };
    const auto changes = changes_between(
        strict(R"({"userid": "AROAEXAMPLE", "username": "a"})"), strict(R"({"userid": "AROAEXAMPLE", "username": "b"})")
    );
    EXPECT_EQ(
        changes_as_json(changes),
        R"({"changes":[{"kind":"changed","subject":"user id AROAEXAMPLE","before":{"username":"a","groups":[]},)"
        R"("after":{"username":"b","groups":[]}}],"gained":0,"lost":0,"changed":1})"
        "\n"
    );
}

}  // namespace
}  // namespace arngate::config::check
