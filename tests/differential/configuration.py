"""The configuration file that all servers of a run read: generated mappings, keys in odd letter case, odd spacing."""

import json
import re

from principals import ACCOUNTS, SCRUBBED, SENTINEL_ACCOUNT

CLUSTER_ID = "diff-cluster"
TEMPLATES = [
    "{{SessionName}}",
    "{{SessionNameRaw}}",
    "{{AccountID}}",
    "{{AccessKeyID}}",
    "{{Session}}",
    "{{ AccountID }}",
]
BACKENDS = ["MountedFile", "EKSConfigMap", "CRD", "DynamicFile"]
RESERVED = ["aws:", "eks:", "system:reserved"]
# The names that an account rule gives: the prefix check of the `arngate` profile meets them.
RESERVED_ACCOUNT = "arn:aws:iam::" + ACCOUNTS[4]


def odd_case(random, text):
    return "".join(random.choice((c.lower(), c.upper())) for c in text)


def username(random):
    plain = random.choice(["alice", "bob@example.com", "dev:", "system:node:x", "a b", "<&>", "1234", "n\u00e4me", ""])
    reserved = random.choice(RESERVED) if random.random() < 0.08 else ""
    marks = "".join(random.sample(TEMPLATES, random.choice([0, 0, 1, 1, 2])))
    return reserved + plain + marks


def groups(random):
    """As a list, as a text with commas, as a single text, empty or missing."""
    some = random.choices(["system:masters", "dev", "ops", "dev", "g:{{SessionName}}", "{{AccountID}}"], k=3)
    return random.choice([some, some, some[:1], ",".join(some[:2]), some[0], [], None])


def entry(random, arn_key, arn, **fixed):
    if random.random() < 0.3:
        arn = arn.replace("Admin", "aDMIN")
    fields = {arn_key: arn, "username": fixed.get("username", username(random)), "groups": groups(random)}
    if fields["groups"] is None:
        del fields["groups"]
    if random.random() < 0.2:
        fields["unknownKey"] = "x"
    names = list(fields)
    random.shuffle(names)
    style = random.random()
    spell = (lambda name: odd_case(random, name)) if style < 0.4 else (lambda name: name)
    return {spell(name): fields[name] for name in names}


def _without_path(arn):
    return re.sub(r":role/(?:[^/]*/)*", ":role/", arn.lower())


def mappings(random, principals):
    """Half of the callers by their ARN, some twice, some under the list of the other kind, some with a path."""
    roles, users, paths = [], [], {}
    for arn in sorted({principal.canonical for principal in principals if principal.account != SENTINEL_ACCOUNT}):
        parts = arn.split(":", 5)
        if len(parts) != 6 or parts[1] not in ("aws", "aws-cn", "aws-us-gov") or parts[2] not in ("iam", "sts"):
            continue
        if not parts[5].startswith(("user/", "role/", "root", "federated-user/")) or random.random() < 0.4:
            continue
        is_role = parts[5].startswith("role/")
        to_roles = is_role != (random.random() < 0.1)
        written = arn
        if is_role and random.random() < 0.15:
            written = arn.replace(":role/", ":role/some/path/")
        elif is_role and to_roles and random.random() < 0.1:
            written = arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/whoever"
        elif not to_roles and random.random() < 0.3:
            written = odd_case(random, arn)
        # A role with its path and the same role otherwise written are one to profile `arngate`, which refuses both.
        if paths.setdefault(_without_path(arn), written.lower()) != written.lower() and is_role:
            continue
        for _ in range(1 if "/some/path/" in written else random.choice([1, 1, 1, 2])):
            (roles if to_roles else users).append(entry(random, "rolearn" if to_roles else "userarn", written))
    return roles, users


def yaml_list(random, key, items, indent):
    """A block list, each item a flow map (JSON is YAML) or a block map, at a random depth."""
    lines = [" " * indent + key + ":" + " " * random.randrange(4)]
    depth = indent + random.randrange(5)
    for item in items:
        if not isinstance(item, dict) or random.random() < 0.5:
            lines.append(" " * depth + "-" + " " * random.randrange(1, 5) + json.dumps(item))
            continue
        inner = depth + random.randrange(2, 6)
        for number, (name, value) in enumerate(item.items()):
            lead = " " * depth + "-" + " " * (inner - depth - 1) if number == 0 else " " * inner
            lines.append(f"{lead}{name}:{' ' * random.randrange(1, 6)}{json.dumps(value)}{' ' * random.randrange(3)}")
        if random.random() < 0.1:
            lines += ["", "   # a remark"]
    return lines


def make(random, principals, partition="aws", accounts=True, sso=(), mapped=True, server=()):
    """The text of the file; `server`: lines of that section, for other sources than the file itself."""
    roles, users = mappings(random, principals) if mapped else ([], [])
    roles += sso
    lines = [
        f"{odd_case(random, 'clusterID')}:   {CLUSTER_ID}",
        "log-verbosity: Debug",
        "CACHE:",
        "  enabled: false",
        "sts:",
        "  maxAttempts: 1",
    ]
    lines += [f"{odd_case(random, 'server')}:", f"    partition: {partition}"]
    lines += yaml_list(random, odd_case(random, "mapRoles"), roles, 4)
    lines += yaml_list(random, "mapUsers", users, 4)
    if accounts:
        lines += yaml_list(random, odd_case(random, "mapAccounts"), [ACCOUNTS[1], ACCOUNTS[3], ACCOUNTS[4]], 4)
    lines.append(f"    scrubbedaccounts: ['{SCRUBBED}']")
    lines.append("    reservedPrefixConfig:")
    for mode in BACKENDS:
        lines.append(f"      - backendMode: {mode}")
        lines.append(f"        UsernamePrefixReserveList: {json.dumps([*RESERVED, RESERVED_ACCOUNT])}")
    lines += ["    " + line for line in server]
    lines += [f"unknown{odd_case(random, 'Key')}: 5", ""]
    return "\n".join(lines)


def roles_with_paths(text):
    """Canonical ARNs, in lower case, that the entries for roles with a path may be about: with it and without it."""
    found = set()
    for head, assumed, resource in re.findall(
        r'(arn:[^\s":]*:[^\s":]*:[^\s":]*:\d*):(assumed-)?role/([^\s"]*)', text.lower()
    ):
        pieces = resource.split("/")[: -1 if assumed else None]
        if len(pieces) > 1:
            head = head.replace(":sts:", ":iam:")
            found |= {f"{head}:role/{'/'.join(pieces)}", f"{head}:role/{pieces[-1]}"}
    return found
