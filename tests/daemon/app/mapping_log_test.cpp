#include "daemon/mapping_log.hpp"

#include "tests/daemon/app/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace arngate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(LogMapping, WritesALineForEachEntryAsTheGoServerDoes) {
    LogLines lines;
    mapping::SourceRules rules;
    rules.source = "MountedFile";
    mapping::Rule one;
    one.arn = "arn:aws:iam::123456789012:role/One";
    one.username = "one";
    mapping::Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws"}};
    sso.username = "admin";
    sso.groups = {"a", "b"};
    mapping::Rule like;
    like.arn_like = "arn:aws:iam::123456789012:role/dev-*";
    like.username = "dev";
    rules.roles = {one, sso, like};
    mapping::Rule two;
    two.arn = "arn:aws:iam::123456789012:user/Two";
    two.username = "two";
    rules.users = {two};
    rules.accounts = {"111122223333"};
    log_mapping(rules);
    EXPECT_THAT(
        lines.all(),
        AllOf(
            HasSubstr(R"(msg="starting mapper \"MountedFile\"")"),
            HasSubstr(R"(msg="mapping IAM role" groups="[]" role="arn:aws:iam::123456789012:role/One" username=one)"),
            HasSubstr(R"(msg="mapping IAM role" groups="[a b]" sso=aws/123456789012/Admin username=admin)"),
            HasSubstr(
                R"(msg="mapping IAM roles" groups="[]" rolelike="arn:aws:iam::123456789012:role/dev-*" username=dev)"
            ),
            HasSubstr(R"(msg="mapping IAM user" groups="[]" user="arn:aws:iam::123456789012:user/Two" username=two)"),
            HasSubstr(R"(msg="mapping IAM Account" accountID=111122223333)")
        )
    );
}

}  // namespace
}  // namespace arngate
