#include "tests/daemon/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace arngate::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* role_arn = "arn:aws:iam::123456789012:role/Ops";

std::vector<std::string> words(const std::string& program, const std::vector<std::string>& more) {
    std::vector<std::string> all{program, "add", "role", "--username", "ops", "--groups", "a,b"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// No kubeconfig is there, so whoever gets past the question is told so.
class AddCommand : public testing::Test {
protected:
    Result answer(const std::string& input, const std::string& program_name = "arngate") {
        return program.run(words(program_name, {"--rolearn", role_arn}), input);
    }
    Result refused(const std::vector<std::string>& more, const std::string& program_name = "arngate") {
        auto result = program.run(words(program_name, more), "y\n");
        EXPECT_EQ(result.status, 1);
        return result;
    }
    Program program;
};

TEST_F(AddCommand, GoesOnAtAYesAlone) {
    for (const char* yes : {"y\n", "yes\n", " YES \r\n", "Y\nn\n", "y", "yes"}) {
        const Result result = answer(yes);
        EXPECT_EQ(result.status, 1) << yes;
        EXPECT_THAT(result.out, HasSubstr("should we continue? [y/N]: ")) << yes;
        EXPECT_THAT(result.err, HasSubstr("no kubeconfig")) << yes;
    }
    for (const char* no : {"\n", "n\n", "yess\n", "y y\n", "n", "\ny\n"}) {
        const Result result = answer(no);
        EXPECT_EQ(result.status, 0) << no;
        EXPECT_THAT(result.out, HasSubstr("cancelled \"add rolearn ")) << no;
        EXPECT_EQ(result.err, "") << no;
    }
}

TEST_F(AddCommand, TakesTheEndOfTheInputForNoAnswer) {
    const Result result = answer("");
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, "Error: error reading input: EOF\n");
    for (const char* input : {"", "y"}) {
        const Result reference = answer(input, "aws-iam-authenticator");
        EXPECT_EQ(reference.status, 1);
        EXPECT_EQ(
            reference.out,
            "Ready to add \"add rolearn arn:aws:iam::123456789012:role/Ops, username ops, groups [a b]\", should we "
            "continue? [y/N]: error reading input: EOF\n"
        );
    }
}

TEST_F(AddCommand, AsksNothingWhenToldNotTo) {
    const Result result = refused({"--rolearn", role_arn, "--prompt=false"});
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("no kubeconfig"));
    EXPECT_EQ(refused({"--rolearn", role_arn, "--prompt=false"}, "aws-iam-authenticator").out, "empty kubeconfig\n");
}

TEST_F(AddCommand, EscapesInItsQuestionWhatCouldLeadATerminal) {
    const Result result = program.run(
        {"arngate",
         "add",
         "user",
         "--userarn",
         "arn:aws:iam::123456789012:user/jane",
         "--username",
         "a\x1b[2J\"\\\n\t",
         "--groups",
         "g"},
        "n\n"
    );
    EXPECT_THAT(result.out, HasSubstr(R"(username a\x1b[2J\"\\\n\t, groups [g]")"));
}

TEST_F(AddCommand, RefusesWhatIsMissing) {
    EXPECT_EQ(refused({}).err, "Error: invalid empty value in rolearn \"\", username \"ops\", groups [\"a\" \"b\"]\n");
    EXPECT_EQ(
        refused({}, "aws-iam-authenticator").out,
        "invalid empty value in rolearn \"\", username \"ops\", groups [\"a\" \"b\"]\n"
    );
    EXPECT_THAT(
        refused({"--rolearn", role_arn, "--sso", "permissionSetName=A,accountID=123456789012"}).err,
        HasSubstr("only one of --rolearn or --sso can be supplied")
    );
    EXPECT_THAT(
        refused({"--sso", "permissionSetName=A"}).err, HasSubstr("required key 'accountID' missing from --sso flag")
    );
    EXPECT_THAT(
        refused({"--sso", "permissionSetName=A,accountID=12"}).err, HasSubstr("Error: error validating --sso: ")
    );
}

TEST_F(AddCommand, ShowsTheUsageAtAValueThatIsNoList) {
    const Result result = refused({"--sso", "marked"});
    EXPECT_THAT(
        result.err, StartsWith("Error: invalid argument for \"--sso\" flag: expected key=value between commas\n")
    );
    EXPECT_THAT(result.err, HasSubstr("Usage:\n  arngate add role [flags]"));
    EXPECT_EQ(result.err.find("marked"), std::string::npos);
}

TEST_F(AddCommand, RefusesAnArnThatNobodyHas) {
    EXPECT_THAT(refused({"--rolearn", "arn:aws:s3:::bucket"}).err, HasSubstr("is no ARN to map"));
}

TEST_F(AddCommand, RefusesWordsThatBelongToNoFlag) {
    for (const auto& more : {std::vector<std::string>{"false"}, {"--", "--prompt=false"}}) {
        EXPECT_THAT(refused(more).err, HasSubstr("1 argument belongs to no flag"));
    }
}

TEST_F(AddCommand, MergesNoKubeconfigs) {
    program.set("KUBECONFIG", "/a:/b");
    EXPECT_THAT(refused({"--rolearn", role_arn}).err, HasSubstr("KUBECONFIG names several files"));
}

}  // namespace
}  // namespace arngate::cli
