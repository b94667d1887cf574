#include "tests/config/malformed.hpp"

#include <gtest/gtest.h>

#include <array>

namespace arngate::config {
namespace {

using testing::expect_problems;
using testing::Malformed;

constexpr std::array cases{
    Malformed{
        "roles are text",
        "server:\n  mapRoles: none\n",
        "c.yaml:3:13: server.mapRoles: found \"none\", expected a list of entries."
    },
    Malformed{
        "role entry is text",
        "server:\n  mapRoles:\n  - arn:aws:iam::123456789012:role/R\n",
        "c.yaml:4:5: server.mapRoles[0]: found \"arn:aws:iam::123456789012:role/R\", expected an entry, which is a map "
        "of keys."
    },
    Malformed{
        "role without ARN",
        "server:\n  mapRoles:\n  - username: u\n",
        "c.yaml:4:5: server.mapRoles[0]: found neither rolearn, rolearnLike nor sso, expected exactly one of rolearn, "
        "rolearnLike and sso."
    },
    Malformed{
        "role with both",
        "server:\n  mapRoles:\n  - rolearn: arn:aws:iam::123456789012:role/R\n    sso: {permissionSetName: a, "
        "accountID: \"123456789012\"}\n    username: u\n",
        "c.yaml:4:5: server.mapRoles[0]: found rolearn and sso, expected exactly one of rolearn, rolearnLike and sso."
    },
    Malformed{
        "role ARN not an ARN",
        "server:\n  mapRoles:\n  - username: u\n    rolearn: admin\n",
        "c.yaml:5:14: server.mapRoles[0].rolearn: found \"admin\", expected an IAM ARN such as "
        "arn:aws:iam::123456789012:role/Name. An ARN begins with arn: in lower case, as in "
        "arn:aws:iam::123456789012:role/Admin."
    },
    Malformed{
        "role ARN of a group",
        "server:\n  mapRoles:\n  - username: u\n    rolearn: arn:aws:iam::123456789012:group/G\n",
        "c.yaml:5:14: server.mapRoles[0].rolearn: found \"arn:aws:iam::123456789012:group/G\", expected an IAM ARN "
        "such as arn:aws:iam::123456789012:role/Name. The ARN is not one of a user, role, root, federated user or "
        "assumed role."
    },
    Malformed{
        "role ARN in capitals",
        "server:\n  mapRoles:\n  - username: u\n    rolearn: arn:aws:iam::123456789012:Role/R\n",
        "c.yaml:5:14: server.mapRoles[0].rolearn: found \"arn:aws:iam::123456789012:Role/R\", expected an IAM ARN such "
        "as arn:aws:iam::123456789012:role/Name. The ARN is not one of a user, role, root, federated user or assumed "
        "role."
    },
    Malformed{
        "role ARN a list",
        "server:\n  mapRoles:\n  - username: u\n    rolearn: [a]\n",
        "c.yaml:5:14: server.mapRoles[0].rolearn: found a list, expected text."
    },
    Malformed{
        "SSO name",
        "server:\n  mapRoles:\n  - username: u\n    sso:\n      permissionSetName: \"a b\"\n      accountID: "
        "\"123456789012\"\n",
        "c.yaml:6:26: server.mapRoles[0].sso.permissionSetName: found \"a b\", expected 1 to 32 letters, digits and "
        "characters of _+=,.@-."
    },
    Malformed{
        "SSO account that lost its zero",
        "server:\n  mapRoles:\n  - username: u\n    sso:\n      permissionSetName: a\n      accountID: 012345678901\n",
        "c.yaml:7:18: server.mapRoles[0].sso.accountID: found \"012345678901\", expected an account id of 12 digits. "
        "Put it in quotes, or it loses leading zeros."
    },
    Malformed{
        "SSO without account",
        "server:\n  mapRoles:\n  - username: u\n    sso:\n      permissionSetName: a\n",
        "c.yaml:6:7: server.mapRoles[0].sso.accountID: found nothing, expected an account id of 12 digits. Put it in "
        "quotes, or it loses leading zeros."
    },
    Malformed{
        "SSO partition",
        "server:\n  mapRoles:\n  - username: u\n    sso:\n      permissionSetName: a\n      accountID: "
        "\"123456789012\"\n      partition: aws-us-govt\n",
        "c.yaml:8:18: server.mapRoles[0].sso.partition: found \"aws-us-govt\", expected one of aws, aws-cn, aws-eusc, "
        "aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov, or an id of sts.partitions."
    },
    Malformed{
        "user without ARN",
        "server:\n  mapUsers:\n  - username: u\n",
        "c.yaml:4:5: server.mapUsers[0].userarn: found nothing, expected an IAM ARN such as "
        "arn:aws:iam::123456789012:user/Name. An ARN begins with arn: in lower case, as in "
        "arn:aws:iam::123456789012:role/Admin."
    },
    Malformed{
        "username a map",
        "server:\n  mapUsers:\n  - userarn: arn:aws:iam::123456789012:user/U\n    username: {a: b}\n",
        "c.yaml:5:15: server.mapUsers[0].username: found a map, expected text."
    },
    Malformed{
        "group a list",
        "server:\n  mapUsers:\n  - userarn: arn:aws:iam::123456789012:user/U\n    username: u\n    groups: [[g]]\n",
        "c.yaml:6:14: server.mapUsers[0].groups: found a list, expected text."
    },
    Malformed{
        "username template without quotes",
        "server:\n  mapRoles:\n  - rolearn: arn:aws:iam::123456789012:role/R\n    username: {{SessionName}}\n",
        "c.yaml:5:16: found a map or list where a key must stand. A value with {{ }} must stand in quotes, as in "
        "username: \"{{SessionName}}\"."
    },
    Malformed{
        "group template without quotes",
        "server:\n  mapRoles:\n  - rolearn: arn:aws:iam::123456789012:role/R\n    username: u\n    groups: "
        "[a:{{SessionName}}]\n",
        "c.yaml:6:16: found text that is not YAML: end of sequence flow not found. A value with {{ }} must stand in "
        "quotes, as in username: \"{{SessionName}}\"."
    },
    Malformed{
        "accounts a map",
        "server:\n  mapAccounts: {a: b}\n",
        "c.yaml:3:16: server.mapAccounts: found a map, expected a list: account ids of 12 digits, in quotes."
    },
    Malformed{
        "account a list",
        "server:\n  mapAccounts: [[1]]\n",
        "c.yaml:3:17: server.mapAccounts: found a list, expected a list: account ids of 12 digits, in quotes."
    },
    Malformed{
        "reserved prefixes of an old name",
        "server:\n  reservedPrefixConfig:\n  - backendmode: File\n    usernamePrefixReserveList: a\n",
        "c.yaml:4:18: server.reservedPrefixConfig[0].backendmode: found \"File\", expected one of MountedFile, "
        "EKSConfigMap, CRD, DynamicFile. Old names are not known here."
    },
    Malformed{
        "reserved prefixes a map",
        "server:\n  reservedPrefixConfig:\n  - backendmode: CRD\n    usernamePrefixReserveList: {a: b}\n",
        "c.yaml:5:32: server.reservedPrefixConfig[0].usernamePrefixReserveList: found a map, expected text."
    },
};

TEST(MalformedRules, EveryFaultOfAnEntryIsNamedByPlaceAndRemedy) {
    expect_problems(cases);
}

}  // namespace
}  // namespace arngate::config
