"""Every difference that may be seen, by its id in docs/compatibility.md, and the ledger of a run.

A row explains a difference only where the request itself shows that the row is about it (`where`), and only with the
outcome that the row promises. Anything else fails the run.
"""

import json
import pathlib
import re
import urllib.parse
from dataclasses import dataclass
from typing import Callable

import shapes
from observe import inconsistent, unlike

COMPATIBILITY = pathlib.Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"

CANONICAL_NAMES = {"Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"}
CANONICAL_NAMES |= {"X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders"}


@dataclass(frozen=True)
class Row:
    id: str
    where: str
    why: str
    explains: Callable  # (request, go, ours) → bool


def url_of(request):
    return shapes.decoded_url(request.token) or b""


def query_pairs(request):
    """Name and value of each piece of the query, decoded."""
    query = url_of(request).partition(b"?")[2].partition(b"#")[0].decode("latin-1")
    return [tuple(map(urllib.parse.unquote_plus, piece.partition("=")[::2])) for piece in query.split("&") if piece]


def refused_token(seen):
    return seen.outcome == "invalid_token"


def after_sts(seen):
    return seen.outcome in ("success", "sts_error", "sts_throttling", "uknown_user")


def is_f2(request, go, ours):
    url = url_of(request)
    authority = re.match(rb"[^:/?#]*://([^/?#]*)", url)
    odd = any(not 0x21 <= byte <= 0x7E for byte in url) or b"#" in url or (authority and b"@" in authority[1])
    return bool(odd) and refused_token(ours) and after_sts(go)


def is_f3(request, go, ours):
    odd = any(
        not name.isascii() or (name.lower() == "x-amz-signedheaders" and not value.isascii())
        for name, value in query_pairs(request)
    )
    return odd and refused_token(ours) and after_sts(go)


def is_f4(request, go, ours):
    dates = [value for name, value in query_pairs(request) if name.lower() == "x-amz-date"]
    odd = any(len(date) != 16 or not "1678" <= date[:4] <= "2261" for date in dates)
    return odd and refused_token(ours) and after_sts(go)


def is_f5(request, go, ours):
    return bool(request.token and re.search("[\r\n]", request.token)) and refused_token(ours) and after_sts(go)


def is_d1(request, go, ours):
    size = len((request.token or "").encode("utf-8", "surrogatepass"))
    return 4096 < size <= 16384 and refused_token(go) and after_sts(ours)


def is_d2(request, go, ours):
    """What STS gets is spelt another way, so that it may judge the signature differently."""
    raw = url_of(request).partition(b"?")[2].decode("latin-1")
    pieces = [piece.partition("=") for piece in raw.split("&")]
    spelt = all(
        name in CANONICAL_NAMES and equals and value == shapes.quote(urllib.parse.unquote_plus(value))
        for name, equals, value in pieces
    )
    return bool(raw) and not spelt and after_sts(go) and after_sts(ours)


def is_f6(request, go, ours):
    if ours.status == 413:
        return len(request.body or b"") > 65536 and not ours.moved
    if request.principal and request.principal.fault == "huge_body":
        return go.outcome in ("success", "uknown_user") and ours.outcome == "sts_error" and not ours.sts
    fold = lambda name: re.sub(r'"[^"]*"', '"other"', name)
    as_ours = {name if name in ours.sts else fold(name): by for name, by in go.sts.items()}
    return as_ours == ours.sts and go.outcome == ours.outcome and unlike(go, ours) == ["moved"]


def is_f11(request, go, ours):
    return go.outcome == "success" and b'"username"' not in go.body and ours.outcome == "uknown_user"


def is_f12(request, go, ours):
    principal = request.principal
    if principal is None or "{{AccessKeyID}}" not in principal.arn or (go.status, ours.status) != (200, 200):
        return False
    identity, mark = principal.access_key_id.encode(), b"{{AccessKeyID}}"
    user = lambda body: body.partition(b'"extra"')[0].replace(mark, identity)
    return user(go.body) == user(ours.body) and go.sts == ours.sts


def is_d3(request, go, ours):
    identity = (go.log or ("", "", {}))[2].get("STS response", {})
    account, arn = identity.get("accountid", ""), identity.get("arn", "")
    fits = re.fullmatch("[0-9]{12}", account) and arn.split(":")[4:5] == [account]
    return bool(identity) and not fits and go.outcome in ("success", "uknown_user") and ours.outcome == "sts_error"


def is_d16(request, go, ours):
    if request.principal is None or not request.principal.answer:
        return False
    repeated = []

    def members(pairs):
        names = [name.lower() for name, _ in pairs]
        repeated.append(len(set(names)) < len(names))
        return dict(pairs)

    body = request.principal.answer[2]
    identity = (go.log or ("", "", {}))[2].get("STS response", {})
    try:
        json.loads(body, object_pairs_hook=members)
    except ValueError:
        return False
    odd = any(repeated) or identity.get("userid") == "" or re.search(r"\\u[dD][89a-fA-F]", body)
    return bool(odd) and go.outcome in ("success", "uknown_user") and ours.outcome == "sts_error"


def is_d12(request, go, ours):
    other_kind = not (request.token or "").startswith(shapes.PREFIX) or request.token == ""
    levels = (go.log or ("", ""))[1], (ours.log or ("", ""))[1]
    return refused_token(go) and other_kind and unlike(go, ours) == ["log"] and levels == ("warning", "debug")


def is_f3_key(request, go, ours):
    return bool(re.search("[\u212a\u017f]", _text(request))) and refused_token(ours) and after_sts(go)


def _text(request):
    return (request.body or b"").decode("utf-8", "replace")


def is_d13(request, go, ours):
    """Go reads on where a strict reader stops; what it then says of the token is its own."""
    if ours.outcome != "malformed_request" or ours.status != 400 or go.outcome == "malformed_request":
        return False
    text = _text(request)
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    surrogate = re.search(r"\\u[dD][89a-fA-F]", text)
    return "\ufffd" in text or bool(surrogate) or deepest > 32 or bool(re.search(r"1e999|9{300}|\d{300}", text))


def is_d14(request, go, ours):
    return "%" in request.path and ours.status == 404 and not ours.moved


def is_d15(request, go, ours):
    if (go.status, ours.status) == (405, 405):
        return ours.headers == {**go.headers, "allow": "POST"} and unlike(go, ours) == ["headers"]
    if (go.status, ours.status) == (307, 307):
        return go.headers["location"] == ours.headers["location"] and ours.body == b"" and not ours.moved
    return False


ROWS = (
    Row("F2", "URLs with user-info, a fragment, or bytes outside 0x21-0x7E", "refused before STS is asked", is_f2),
    Row("F3", "parameter names and signed headers with letters beyond ASCII", "no folding beyond ASCII", is_f3),
    Row("F3", "keys of the request's JSON with such letters", "no folding beyond ASCII", is_f3_key),
    Row("F4", "X-Amz-Date with a fraction, or of a year that no clock shows", "exactly 16 characters", is_f4),
    Row("F5", "line ends inside the token's text", "one token, one text", is_f5),
    Row("F6", "bodies over limits.bodyBytes, metric labels after the first values", "everything is bounded", is_f6),
    Row("F11", "mappings that render to an empty username", "no user without a name", is_f11),
    Row("F12", "session names that look like a template's mark", "templates are replaced in one pass", is_f12),
    Row("D1", "tokens of 4097 to 16384 bytes", "session tokens of 4 KiB fit", is_d1),
    Row("D2", "parameters under other spellings", "STS gets a URL built from the checked parts", is_d2),
    Row("D3", "STS answers whose Account is not the ARN's", "the account decides about access", is_d3),
    Row("D12", "tokens without the prefix", "they come with every service account's request", is_d12),
    Row("D13", "JSON that a strict reader refuses", "400", is_d13),
    Row("D14", "percent-encoding in paths", "paths are compared as they are written", is_d14),
    Row("D16", "STS answers that only a lenient reader takes", "an identity is read strictly", is_d16),
    Row("D15", "answers 405 and 307", "Allow is named, redirects have no body", is_d15),
)


# Differences that no request of a run can show, and what shows them instead.
ELSEWHERE = {
    "F1": "tests/vectors: hosts of a run come from the table",
    "F10": "tests/integration: the whole log is searched",
    "F14": "tests/core/ec2",
    "F15": "tests/integration: the Go server ends at a second signal only",
    "F16": "tests/e2e: watches of a run do not end",
    "F17": "tests/e2e: objects of a run stay as they are",
    "F18": "tests/daemon/app: a run has one list of backends",
    **{row: "tests/daemon/app: a source is read once in a run" for row in ("D20", "D21")},
    "F24": "tests/config",
    "P2": "tests/integration: STS fails there",
    "P3": "tests/integration: STS throttles there",
    "P12": "tests/daemon/pki",
    "P13": "init_files: each program in its default directories",
    "P14": "tests/config: a run has the gate on or has no entries",
    "P16": "tests/integration: EC2 fails there",
    "C10": "tests/core/credentials",
    "C11": "tests/core/token",
    "C12": "tests/daemon/cli: a run is under the name aws-iam-authenticator",
    **{row: "tests/integration: a run has no STS for clients" for row in ("C13", "C14")},
    "P17": "tests/config: documents of a run stay",
    "C7": "tests/config",
    "C8": "tests/daemon/cli",
    **{row: "tests/config" for row in ("D5", "D6", "D7", "D18", "D19")},
    **{row: "tests/integration" for row in ("D4", "D8", "D10", "D11")},
    "D9": "tests/daemon/pki",
}
# Those of profiles.py and of the command lines.
BESIDE_ROWS = {"P1", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P15", "C1", "C2", "C3", "C4", "C5", "C6", "C9"}
BESIDE_ROWS |= {"D17", "F7", "F8", "F9", "F20", "F13"}
BESIDE_ROWS |= {"C10"}


class Ledger:
    def __init__(self, verbose=False):
        self.verbose = verbose
        self.compared = 0
        self.equal = 0
        self.seen = {}
        self.unexplained = []

    def note(self, row_id):
        self.seen[row_id] = self.seen.get(row_id, 0) + 1

    def fail(self, what):
        self.unexplained.append(what)
        if self.verbose or len(self.unexplained) <= 40:
            print("DIFFERENCE " + what, flush=True)

    def compare(self, request, go, ours, rows=ROWS):
        """In the reference profile: everything is the same, or a row says why not."""
        self.compared += 1
        for name, seen in (("go", go), ("reference", ours)):
            why = inconsistent(seen, request)
            if why:
                self.fail(f"{request.kind}: {name} is at odds with itself: {why}\n    {seen.brief()}")
                return
        parts = unlike(go, ours)
        if not parts:
            self.equal += 1
            return
        row = next((row for row in rows if row.explains(request, go, ours)), None)
        text = f"{request.kind}: {', '.join(parts)}\n    go   {go.brief()}\n    ours {ours.brief()}"
        url = url_of(request)
        if row is None:
            self.fail(
                f"{text}\n    {request.method} {request.path} url {url[:300]!r} body {(request.body or b'')[:200]!r}"
            )
            return
        self.note(row.id)
        if self.verbose:
            print(f"{row.id} {text}\n    url {url[:300]!r}")

    def command(self, what, alike, row_id, go, ours):
        """One command line: `alike` in all but what the row, if one is named, is about."""
        self.compared += 1
        if not alike:
            self.fail(f"{what}\n    go   {go}\n    ours {ours}")
        elif row_id:
            self.note(row_id)
        else:
            self.equal += 1

    def conclude(self, seed):
        """Prints the sum; the exit status."""
        documented = set(re.findall(r"^\| ([A-Z]\d+) \|", COMPATIBILITY.read_text(), re.MULTILINE))
        known = {row.id for row in ROWS} | BESIDE_ROWS | set(ELSEWHERE)
        for row_id in sorted((known - set(ELSEWHERE) | set(self.seen)) - documented):
            self.fail(f"docs/compatibility.md has no row {row_id}")
        for row_id in sorted(documented - known):
            self.fail(f"row {row_id} of docs/compatibility.md is unknown here")
        print(f"{self.compared} compared, {self.equal} the same in every respect; rows seen:")
        for row_id, times in sorted(self.seen.items()):
            print(f"  {row_id}: {times}")
        if self.unexplained:
            print(f"{len(self.unexplained)} differences that no row explains; again with --seed {seed}")
            return 1
        return 0
