"""What the logs of both programs say about the reviews of a run."""

import re

from principals import SCRUBBED

OUTCOMES = {
    "unexpected request method": "malformed_request",
    "could not parse request body": "malformed_request",
    "access granted": "success",
    "access denied": None,  # by its reason
}
# Of the Go server, whose texts begin so; anything else is of the mapping.
GO_ERRORS = (
    ("input token was not properly formatted: ", "invalid_token"),
    ("sts getCallerIdentity failed: ", "sts_error"),
    ("sts getCallerIdentity was throttled: ", "sts_throttling"),
)
GO_MAPPING = "uknown_user"
# Of arngate, by the reasons of docs/reasons.md; every other reason is about the token itself.
REASONS = {
    "sts_error": {"sts_denied", "sts_unreachable", "sts_unavailable", "sts_bad_answer", "overloaded", "internal_error"},
    "sts_throttling": {"sts_throttled"},
    "uknown_user": {
        "not_mapped",
        "reserved_username",
        "template_failed",
        "empty_username",
        "id_mismatch",
        "ec2_unavailable",
    },
}
COMPARED = ("username", "uid", "groups", "arn", "stsendpoint")
STS_COMPARED = ("accesskeyid", "arn", "accountid", "userid", "session", "stsendpoint")


def fields_of(line):
    """A logfmt line as {key: value}."""
    found = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', line)
    return {key: _plain(value) for key, value in found}


def _plain(value):
    if not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", lambda escape: {"n": "\n", "t": "\t", "r": "\r"}.get(escape[1], escape[1]), value[1:-1])


def outcomes(lines):
    """One (class, level, fields that are compared) for each review, in order."""
    found, sts = [], None
    for line in lines:
        if "msg=" not in line:
            continue
        fields = fields_of(line)
        message = fields.get("msg")
        if message == "STS response":
            sts = {name: fields.get(name, "") for name in STS_COMPARED}
        if message not in OUTCOMES:
            continue
        label = OUTCOMES[message] or _class_of(fields)
        said = {name: fields[name] for name in COMPARED if name in fields}
        if sts is not None:
            said["STS response"] = sts
        found.append((label, fields.get("level"), said))
        sts = None
    return found


def _class_of(fields):
    if "reason" in fields:
        return next((label for label, reasons in REASONS.items() if fields["reason"] in reasons), "invalid_token")
    error = fields.get("error", "")
    return next((label for text, label in GO_ERRORS if error.startswith(text)), GO_MAPPING)


def names_scrubbed(lines):
    """Lines of the request path that name the scrubbed account otherwise than by what the mapping gave."""
    return [line for line in lines if SCRUBBED in line and 'msg="STS response"' in line]
