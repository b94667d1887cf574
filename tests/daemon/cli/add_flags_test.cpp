#include "daemon/cli/add_flags.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace arngate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using Given = std::vector<std::pair<std::string_view, std::string>>;

std::expected<AddFlags, std::string> flags(Command command, Given given) {
    CommandLine line;
    line.command = command;
    line.own_flags = std::move(given);
    return read_add_flags(line);
}

TEST(AddFlags, TakesWhatWasGivenAndAsksUnlessTold) {
    const auto role = flags(
        Command::add_role,
        {{"rolearn", "a"}, {"rolearn", "b"}, {"username", "u"}, {"groups", "x,y"}, {"groups", "z"}, {"master-url", "m"}}
    );
    ASSERT_TRUE(role) << role.error();
    EXPECT_EQ(role->kind, config::AwsAuthEntry::Kind::role);
    EXPECT_EQ(role->arn, "b");
    EXPECT_EQ(role->username, "u");
    EXPECT_EQ(role->master_url, "m");
    EXPECT_THAT(role->groups, ElementsAre("x", "y", "z"));
    EXPECT_FALSE(role->sso);
    EXPECT_TRUE(role->prompt);

    const auto user = flags(
        Command::add_user,
        {{"userarn", "a"}, {"kubeconfig", "k"}, {"kubeconfig-context", "c"}, {"prompt", "true"}, {"prompt", "F"}}
    );
    ASSERT_TRUE(user) << user.error();
    EXPECT_EQ(user->kind, config::AwsAuthEntry::Kind::user);
    EXPECT_EQ(user->kubeconfig, "k");
    EXPECT_EQ(user->context, "c");
    EXPECT_FALSE(user->prompt);
    EXPECT_TRUE(user->groups.empty());
}

TEST(AddFlags, ReadsAPermissionSetFromPairs) {
    const auto role = flags(Command::add_role, {{"sso", "permissionSetName=A,accountID=1"}, {"sso", "accountID=2=3"}});
    ASSERT_TRUE(role) << role.error();
    EXPECT_THAT(*role->sso, ElementsAre(Pair("accountID", "2=3"), Pair("permissionSetName", "A")));
    EXPECT_TRUE(flags(Command::add_role, {{"sso", ""}})->sso->empty());
}

TEST(AddFlags, NamesTheFlagButNoValueInAnError) {
    for (const char* value : {"SECRETWORD", "a=1,SECRETWORD", "a=\"SECRETWORD\"", "\"a=SECRETWORD"}) {
        const auto refused = flags(Command::add_role, {{"sso", value}});
        ASSERT_FALSE(refused) << value;
        EXPECT_THAT(refused.error(), HasSubstr("--sso"));
        EXPECT_EQ(refused.error().find("SECRETWORD"), std::string::npos);
    }
    const auto refused = flags(Command::add_user, {{"groups", "a\"SECRETWORD\""}, {"groups", "b"}});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error(), HasSubstr("--groups"));
    EXPECT_EQ(refused.error().find("SECRETWORD"), std::string::npos);
}

TEST(CsvFields, ReadsOneLineAsGoDoes) {
    const auto fields = [](std::string_view line) { return csv_fields(line).value(); };
    EXPECT_TRUE(fields("").empty());
    EXPECT_THAT(fields("a"), ElementsAre("a"));
    EXPECT_THAT(fields("a,,b,"), ElementsAre("a", "", "b", ""));
    EXPECT_THAT(fields(","), ElementsAre("", ""));
    EXPECT_THAT(fields(" a , b "), ElementsAre(" a ", " b "));
    EXPECT_THAT(fields(R"("a,b",c)"), ElementsAre("a,b", "c"));
    EXPECT_THAT(fields(R"("say ""a""","")"), ElementsAre("say \"a\"", ""));
    for (const char* line : {R"(a"b)", R"("a"b)", R"("a)", R"(")", R"(a,"b)", R"("""a)", "a\nb", "a\r", "\"a\nb\""}) {
        EXPECT_FALSE(csv_fields(line)) << line;
    }
}

}  // namespace
}  // namespace arngate::cli
