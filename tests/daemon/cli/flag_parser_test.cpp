#include "daemon/cli/flag_parser.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace arngate::cli {
namespace {

const std::array<Flag, 5>& flags() {
    static const std::array<Flag, 5> table{
        Flag{.name = "all", .short_name = 'a', .is_boolean = true},
        Flag{.name = "brief", .short_name = 'b', .is_boolean = true},
        Flag{.name = "name", .short_name = 'n'},
        Flag{.name = "long-only"},
        Flag{.name = "quiet", .is_boolean = true},
    };
    return table;
}

/// "name=value name=value | word word", or why it was refused.
std::string parsed(const std::vector<std::string>& arguments) {
    const auto result = parse_flags(arguments, flags());
    if (!result) {
        return result.error();
    }
    std::string out;
    for (const GivenFlag& given : result->given) {
        out += std::string(given.flag->name) + "=" + given.value + " ";
    }
    out += "|";
    for (const std::string& word : result->words) {
        out += " " + word;
    }
    return out;
}

TEST(FlagParser, TakesEveryFormThatGosPflagTakes) {
    EXPECT_EQ(parsed({}), "|");
    EXPECT_EQ(parsed({"--name", "v"}), "name=v |");
    EXPECT_EQ(parsed({"--name=v"}), "name=v |");
    EXPECT_EQ(parsed({"--name="}), "name= |");
    EXPECT_EQ(parsed({"--name", ""}), "name= |");
    EXPECT_EQ(parsed({"--name=a=b"}), "name=a=b |");
    EXPECT_EQ(parsed({"--name", "--all"}), "name=--all |");
    EXPECT_EQ(parsed({"--name", "--"}), "name=-- |");
    EXPECT_EQ(parsed({"-n", "v"}), "name=v |");
    EXPECT_EQ(parsed({"-nv"}), "name=v |");
    EXPECT_EQ(parsed({"-n=v"}), "name=v |");
    EXPECT_EQ(parsed({"-n="}), "name== |");  // pflag's own oddity: two characters are a value already
    EXPECT_EQ(parsed({"-n", "-a"}), "name=-a |");
    EXPECT_EQ(parsed({"-ab"}), "all=true brief=true |");
    EXPECT_EQ(parsed({"-abn", "v"}), "all=true brief=true name=v |");
    EXPECT_EQ(parsed({"-abnv"}), "all=true brief=true name=v |");
    EXPECT_EQ(parsed({"-abn=v"}), "all=true brief=true name=v |");
    EXPECT_EQ(parsed({"-ab=false"}), "all=true brief=false |");
    EXPECT_EQ(parsed({"--all", "--all=false", "--all=T", "--quiet=0"}), "all=true all=false all=true quiet=false |");
    EXPECT_EQ(parsed({"--all", "false"}), "all=true | false");
}

TEST(FlagParser, KeepsWordsInTheirOrder) {
    EXPECT_EQ(parsed({"x", "-a", "y", "-", "", "-n", "v", "z"}), "all=true name=v | x y -  z");
    EXPECT_EQ(parsed({"-a", "--", "-b", "--name", "--"}), "all=true | -b --name --");
}

TEST(FlagParser, RefusesWithoutShowingAValue) {
    EXPECT_EQ(parsed({"--zzzzz"}), "unknown flag: --zzzzz");
    EXPECT_EQ(parsed({"--zzzzz=s3cret"}), "unknown flag: --zzzzz");
    EXPECT_EQ(parsed({"--nmae=s3cret"}), "unknown flag: --nmae; did you mean --name?");
    EXPECT_EQ(parsed({"--Name", "v"}), "unknown flag: --Name; did you mean --name?");
    EXPECT_EQ(parsed({"--no\x1bpe"}), "unknown flag: --no\\x1bpe");
    EXPECT_EQ(parsed({"-x"}), "unknown shorthand flag: 'x' in \"-x\"");
    EXPECT_EQ(parsed({"-axs3cret"}), "unknown shorthand flag: 'x' in \"-ax\"");
    EXPECT_EQ(parsed({"-\n"}), "unknown shorthand flag: \"\\x0a\" in \"-\\x0a\"");
    EXPECT_EQ(parsed({"-a="}), "unknown shorthand flag: '=' in \"-a=\"");
    EXPECT_EQ(parsed({"--name"}), "flag needs an argument: --name");
    EXPECT_EQ(parsed({"-an"}), "flag needs an argument: 'n' in -n");
    EXPECT_EQ(parsed({"--all=s3cret"}), "invalid argument for \"--all\" flag: expected true or false");
    EXPECT_EQ(parsed({"--all="}), "invalid argument for \"--all\" flag: expected true or false");
    EXPECT_EQ(parsed({"-a=s3cret"}), "invalid argument for \"--all\" flag: expected true or false");
    EXPECT_EQ(parsed({"---name"}), "bad flag syntax: ---name");
    EXPECT_EQ(parsed({"--=s3cret"}), "bad flag syntax: --");
}

}  // namespace
}  // namespace arngate::cli
