"""The `arngate` profile beside the `reference` profile: each difference has to be one of the profile table's rows.

The reference profile was compared with the Go server before, so here only what the profiles change is judged.
"""

import datetime
import json
import re

import node_names
import world
from configuration import RESERVED_ACCOUNT
from differences import query_pairs, url_of

SIBLINGS = {"aws": "aws-us-gov", "aws-us-gov": "aws"}
TIMES = "%Y%m%dT%H%M%SZ"


def _identity_arn(request, reference):
    identity = (reference.log or ("", "", {}))[2].get("STS response", {})
    return identity.get("arn") or (request.principal.arn if request.principal else "")


def _is_p9(request, reference, ours, scenario):
    host = re.match(rb"[hH][tT]{2}[pP][sS]://([^/]*)/", url_of(request))
    sibling = world.partitions().get(SIBLINGS.get(scenario.partition))
    names = world.hosts_of(sibling) if sibling else {}
    return bool(host) and host[1].decode("latin-1") in names and ours.outcome == "invalid_token"


def _is_p10(request, reference, ours, scenario):
    parts = _identity_arn(request, reference).split(":")
    return len(parts) > 1 and parts[1] != scenario.partition and ours.outcome == "sts_error"


def _is_p11(request, reference, ours, scenario):
    for name, value in query_pairs(request):
        if name.lower() == "x-amz-date" and ours.outcome == "invalid_token":
            try:
                date = datetime.datetime.strptime(value, TIMES).replace(tzinfo=datetime.timezone.utc)
            except ValueError:
                return False
            return date - datetime.datetime.now(datetime.timezone.utc) > datetime.timedelta(seconds=840)
    return False


def _is_p6(request, reference, ours, scenario):
    # What STS said may be another ARN than the principal's own.
    said = (reference.log or ("", "", {}))[2].get("arn", "")
    canonical = {said.lower(), request.principal.canonical.lower() if request.principal else ""}
    return canonical & scenario.roles_with_paths and ours.outcome in ("success", "uknown_user")


def _is_p7(request, reference, ours, scenario):
    """An account rule of one source, and an entry of another one that comes behind it."""
    name, arn = _user(reference).get("username"), (reference.log or ("", "", {}))[2].get("arn")
    by_account = name is not None and name == arn and not _user(reference).get("groups")
    return len(scenario.sources) > 1 and by_account and ours.outcome in ("success", "uknown_user")


def _is_p8(request, reference, ours, scenario):
    name = _user(reference).get("username", "")
    return name.startswith(RESERVED_ACCOUNT) and ours.outcome == "uknown_user"


def _is_p5(request, reference, ours, scenario):
    """Only exact keys count, and what lies beside `spec` is not looked at."""
    if request.strict or request.body is None:
        return False
    return ours.outcome == reference.outcome or {"malformed_request", "invalid_token"} & {
        ours.outcome,
        reference.outcome,
    }


def _is_p15(request, reference, ours, scenario):
    return node_names.is_of_another_account(request) and ours.outcome == "uknown_user"


# Where the outcome is another one.
OUTCOME_ROWS = (
    ("P15", _is_p15),
    ("P5", _is_p5),
    ("P9", _is_p9),
    ("P11", _is_p11),
    ("P10", _is_p10),
    ("P8", _is_p8),
    ("P7", _is_p7),
    ("P6", _is_p6),
)


def _user(seen):
    try:
        return json.loads(seen.body).get("status", {}).get("user", {})
    except ValueError:
        return {}


def _answer_is_well_formed(request, ours):
    """The row that its form shows, or None: not of the form that the profile promises."""
    if ours.status == 405:
        return ""
    try:
        body = json.loads(ours.body)
    except ValueError:
        return None
    if ours.outcome == "malformed_request" and "kind" not in body:
        body = {**body, "kind": "TokenReview", "apiVersion": request.version or "authentication.k8s.io/v1"}
    # The version of a request in odd spelling is none that was asked for.
    versions = {request.version} if request.strict else {"authentication.k8s.io/v1", "authentication.k8s.io/v1beta1"}
    if body.get("kind") != "TokenReview" or body.get("apiVersion") not in versions:
        return None
    status = body.get("status", {})
    if ours.outcome == "malformed_request":
        return "P5" if ours.status == 400 and not status.get("authenticated") and "error" in status else None
    granted = status.get("authenticated", False)
    if ours.outcome == "success":
        return "P4" if ours.status == 200 and granted is True and "error" not in status else None
    if granted or status.get("user"):
        return None
    waits = ours.headers.get("retry-after", "").isdigit()
    if ours.outcome == "sts_throttling":
        return "P3" if ours.status == 429 and waits else None
    if ours.outcome == "sts_error" and ours.status == 503:
        return "P2" if waits else None
    return "P1" if ours.status == 200 and not waits else None


def compare(request, reference, ours, scenario, ledger):
    what = f"{request.kind} in profile arngate"
    both = f"\n    reference {reference.brief()}\n    arngate   {ours.brief()}"
    if not request.to_authenticate or not ours.outcome:
        if (reference.status, reference.headers, reference.body) != (ours.status, ours.headers, ours.body):
            ledger.fail(what + both)
        return
    if ours.log and ours.log[0] != ours.outcome:
        ledger.fail(f"{what}: the log says {ours.log[0]}, the metric {ours.outcome}{both}")
        return
    form = _answer_is_well_formed(request, ours)
    if form is None:
        ledger.fail(f"{what}: not an answer of this profile{both}")
        return
    if form:
        ledger.note(form)
    same = ours.outcome == reference.outcome and _user(ours) == _user(reference)
    if same:
        return
    row = next((row for row, shows in OUTCOME_ROWS if shows(request, reference, ours, scenario)), None)
    if row is None:
        ledger.fail(f"{what}: {reference.outcome} became {ours.outcome}{both}\n    url {url_of(request)[:300]!r}")
        return
    ledger.note(row)
