"""Permission sets: entries, callers whose role names come close to them, and the rows about matching them."""

import re

from differences import Row
from principals import ACCOUNTS

SETS = ("ViewOnly", "Admin", "ViewOnly_Extra", "a+b=c", "x.y")
SUFFIXES = ("0123456789abcdef", "ABC", "", "_", "Extra_0123456789abcdef", "a_b", "0")
PARTITIONS = ("aws", "aws-cn")


def add_principals(principals, random):
    for name in (*SETS, "viewonly", "Other", "View"):
        for suffix in random.sample(SUFFIXES, 4):
            account = random.choice(ACCOUNTS[:2])
            role = f"AWSReservedSSO_{name}_{suffix}"
            arn = f"arn:{random.choice(PARTITIONS)}:sts::{account}:assumed-role/{role}/alice@example.com"
            principals.add(arn, "AROACKCEVSQ6C2EXAMPLE:alice@example.com", account)
    for resource in ("role/AWSReservedSSO_ViewOnly_0123", "user/AWSReservedSSO_ViewOnly_0123"):
        principals.add(f"arn:aws:iam::{ACCOUNTS[0]}:{resource}", "AROACKCEVSQ6C2EXAMPLE:s", ACCOUNTS[0])
    arn = f"arn:aws:sts::{ACCOUNTS[0]}:assumed-role/AWSReservedSSO_ViewOnly/s"
    principals.add(arn, "AROACKCEVSQ6C2EXAMPLE:s", ACCOUNTS[0])


def entries(random):
    """Most sets of an account once, some twice, some with their partition written out."""
    made = []
    for name in SETS:
        for account in ACCOUNTS[:2]:
            for _ in range(random.choice([0, 1, 1, 1, 2])):
                sso = {"permissionSetName": name, "accountID": account}
                if random.random() < 0.3:
                    sso["partition"] = random.choice(PARTITIONS)
                made.append(
                    {"sso": sso, "username": f"sso{len(made)}:{{{{SessionName}}}}", "groups": [f"g{len(made)}"]}
                )
    return made


def _pattern(sso, partition):
    head = f"arn:{partition}:iam::{sso['accountID']}:role/AWSReservedSSO_{sso['permissionSetName']}_".lower()
    return re.compile(re.escape(head) + "(.*)")


def rows(made, exact):
    """`exact`: the lower-cased ARNs of the other entries."""

    def hits(request, of_entry):
        arn = request.principal.canonical.lower() if request.principal else ""
        found = [_pattern(entry["sso"], of_entry(entry["sso"])).fullmatch(arn) for entry in made]
        return [hit[1] for hit in found if hit]

    def written(sso):
        return sso.get("partition", "aws")

    def is_f7(request, go, ours):
        # An entry with its partition is in force.
        by_partition = [entry["sso"] for entry in made if "partition" in entry["sso"]]
        arn = request.principal.canonical.lower() if request.principal else ""
        return any(_pattern(sso, sso["partition"]).fullmatch(arn) for sso in by_partition) and ours.outcome == "success"

    def is_f8(request, go, ours):
        loose = [suffix for suffix in hits(request, written) if suffix == "" or "_" in suffix]
        return bool(loose) and go.outcome == "success" and ours.outcome in ("uknown_user", "success")

    def is_f9(request, go, ours):
        arn = request.principal.canonical.lower() if request.principal else ""
        several = len(hits(request, written)) + (arn in exact) > 1
        return several and (go.outcome, ours.outcome) == ("success", "success") and go.sts == ours.sts

    return (
        Row("F8", "roles of a permission set whose name only begins so", "a set's name matches as a whole", is_f8),
        Row("F7", "permission sets with their partition", "the partition is used", is_f7),
        Row("F9", "callers that several entries match", "the order is the documented one", is_f9),
    )
