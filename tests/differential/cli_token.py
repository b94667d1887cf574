"""`token`: the same ExecCredential, and the same presigned URL inside it but for what depends on the moment."""

import json
import re

import shapes
import world
from configuration import CLUSTER_ID
from principals import SECRET

KEY = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}
TEMPORARY = {**KEY, "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEXAMPLE+session/token=="}
REGION = {"AWS_REGION": "us-west-2"}
PROFILES = """[default]
region = eu-west-1
[profile other]
region = ap-south-1
aws_access_key_id = AKIAOTHERPROFEXAMPLE
aws_secret_access_key = other
use_fips_endpoint = true
"""
CREDENTIALS = """[default]
aws_access_key_id = AKIADEFAULTEXAMPLE00
aws_secret_access_key = default
"""
# Letters beyond ASCII that Go folds into ASCII ones, and text that is no Unicode.
ODD_INFOS = [
    '{"apiVer\u017fion":"c"}',
    '{"\u212aind":5,"apiVersion":"d"}',
    '{"kind":"\\ud800","apiVersion":"e"}',
]
INFOS = [
    '{"APIVERSION":"b"}',
    '{"apiVersion":"a","apiVersion":"b"}',
    '{"spec":{"interactive":"yes"}}',
    '{"apiVersion":"a","spec":{"INTERACTIVE":1}}',
    '{"apiVersion":"a","spec":{"interactive":null}}',
    '{"apiVersion":"<&>"}',
    '{"apiVersion":"a"} x',
    "[]",
    '{"apiVersion":""}',
    '{"kind":5}',
    '{"apiVersion":null}',
]
ENDPOINT = "https://sts.us-east-1.amazonaws.com"


def _parts(text):
    """An ExecCredential or a bare token: its frame, the URL's head, the parameters."""
    token, frame = text.strip(), "TOKEN\n"
    if text.startswith("{"):
        status = json.loads(text)["status"]
        token = status["token"]
        frame = text.replace(token, "TOKEN").replace(status["expirationTimestamp"], "TIME")
    head, _, query = shapes.decoded_url(token).decode().partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    plain = lambda name, value: len(value) if name in ("X-Amz-Date", "X-Amz-Signature") else value
    return frame, head, [(name, plain(name, re.sub(r"%2F\d{8}%2F", "%2FDAY%2F", value))) for name, value in pairs]


def _cases(files):
    """(arguments, environment)"""
    long_lived = {**KEY, **REGION}
    vectors = json.loads((shapes.VECTORS / "exec-credential.json").read_text())["cases"]
    yield [], {**TEMPORARY, **REGION}
    for info in [case["kubernetes_exec_info"] for case in vectors] + INFOS + ODD_INFOS:
        if info is not None:
            yield [], {**TEMPORARY, **REGION, "KUBERNETES_EXEC_INFO": info}
    for arguments in (["--token-only"], ["--token-only=false"], ["-s", "unused"], ["-e", "unused"], ["more", "words"]):
        yield arguments, long_lived
    regions = [row["regions"][-1] for row in world.partitions().values()]
    for region in [*regions, "aws-global", "us-gov-west-1", "nowhere-1", "fips-us-east-1", "us-east-1-fips"]:
        yield ["--region", region], long_lived
    for more in ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"):
        for region in ("us-west-2", "us-gov-west-1", "cn-north-1"):
            yield [], {**KEY, "AWS_REGION": region, more: "true"}
    yield [], {**long_lived, "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}
    yield [], {**long_lived, "AWS_STS_REGIONAL_ENDPOINTS": "legacy"}
    yield [], {**KEY, "AWS_DEFAULT_REGION": "us-west-1"}
    yield [], {**long_lived, "AWS_DEFAULT_REGION": "us-west-1"}
    yield [], files
    yield [], {**files, "AWS_PROFILE": "other"}
    yield [], {**files, **KEY}
    yield [], {**long_lived, "AWS_ENDPOINT_URL_STS": ENDPOINT}


def _judge(arguments, environment, go, ours):
    """(alike, row)"""
    theirs, own = _parts(go.out), _parts(ours.out)
    if theirs == own:
        return True, None
    if any("fips" in argument for argument in arguments):
        of_region = [(name, re.sub("fips-|-fips", "", str(value))) for name, value in theirs[2]]
        return (theirs[:2], of_region) == (own[:2], [(name, str(value)) for name, value in own[2]]), "C4"
    if "AWS_ENDPOINT_URL_STS" in environment:
        return (theirs[0], theirs[1], theirs[2]) == (own[0], ENDPOINT + "/", own[2]), "C5"
    if environment.get("KUBERNETES_EXEC_INFO") in ODD_INFOS:
        return theirs[1:] == own[1:], "C6"
    return False, None


def compare(pair):
    """(what, whether alike, row, go, ours) for each run."""
    files = {"AWS_CONFIG_FILE": str(pair.directory / "config")}
    files["AWS_SHARED_CREDENTIALS_FILE"] = str(pair.directory / "credentials")
    (pair.directory / "config").write_text(PROFILES)
    (pair.directory / "credentials").write_text(CREDENTIALS)
    for arguments, environment in _cases(files):
        go, ours = pair.run(["token", "-i", CLUSTER_ID, *arguments], environment)
        alike, row = False, None
        if (go.status, ours.status, ours.err) == (0, 0, ""):
            alike, row = _judge(arguments, environment, go, ours)
        yield f"token {arguments} {sorted(set(environment) - set(TEMPORARY))}", alike, row, go, ours
    failing = [(["--region", region], {**KEY}) for region in ("bad region", "Bad_Region", "x/y")]
    failing.append(([], {**files, "AWS_PROFILE": "missing"}))
    for arguments, environment in failing:
        go, ours = pair.run(["token", "-i", CLUSTER_ID, *arguments], environment)
        refused = (go.status, ours.status) == (1, 1) and ours.err and shapes.PREFIX not in ours.out
        yield f"no token {arguments}", refused, "C2", go, ours
