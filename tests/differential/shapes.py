"""Tokens of every shape: a presigned URL as parts that can be changed before or after it is signed.

Hosts come from the partition tables only (world.hosts_of). Times keep a minute's distance from every limit, so that no
outcome depends on how long a run takes.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import urllib.parse

from principals import SECRET

PREFIX = "k8s-aws-v1."
VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"


def stamp(offset=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    return moment.strftime("%Y%m%dT%H%M%SZ")


def quote(text):
    return urllib.parse.quote(text, safe="-_.~", errors="surrogateescape")


def encode(url):
    data = url if isinstance(url, bytes) else url.encode("utf-8", "surrogateescape")
    return PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded_url(token):
    """The bytes inside a token, line ends in its text left out; None if there are none."""
    if not isinstance(token, str) or not token.startswith(PREFIX):
        return None
    text = token[len(PREFIX) :].replace("\r", "").replace("\n", "")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Url:
    """`pairs` are name and value as they stand in the query, still encoded."""

    def __init__(self, principal, host, region, cluster_id, offset=0):
        self.scheme, self.userinfo, self.host, self.path, self.tail = "https://", "", host, "/", ""
        self.cluster_id = cluster_id
        date = stamp(offset)
        self.scope = [date[:8], region, "sts", "aws4_request"]
        credential = "/".join([principal.access_key_id, *self.scope])
        pairs = {
            "Action": "GetCallerIdentity",
            "Version": "2011-06-15",
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": credential,
            "X-Amz-Date": date,
            "X-Amz-Expires": "60",
            "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
        }
        if principal.session_token:
            pairs["X-Amz-Security-Token"] = principal.session_token
        self.pairs = [[name, quote(value)] for name, value in sorted(pairs.items())]
        self.separator = "&"

    def value(self, name):
        return next((value for have, value in self.pairs if have == name), None)

    def set(self, name, value):
        """None takes it out."""
        self.pairs = [pair for pair in self.pairs if pair[0] != name or value is not None]
        for pair in self.pairs:
            if pair[0] == name:
                pair[1] = value

    def query(self):
        return self.separator.join("=".join(pair) for pair in self.pairs)

    def text(self):
        return f"{self.scheme}{self.userinfo}{self.host}{self.path}?{self.query()}{self.tail}"

    def sign(self):
        """SigV4 over the parameters as they are understood, whatever their spelling."""
        unquote = lambda text: urllib.parse.unquote_plus(text, errors="surrogateescape")
        understood = sorted((quote(unquote(n)), quote(unquote(v))) for n, v in self.pairs)
        query = "&".join(f"{name}={value}" for name, value in understood)
        headers = [name for name in unquote(self.value("X-Amz-SignedHeaders") or "").split(";") if name]
        values = {"host": self.host, "x-k8s-aws-id": self.cluster_id, "accept": "application/json"}
        lines = "".join(f"{name}:{values.get(name, '')}\n" for name in headers)
        digest = lambda text: hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        canonical = f"GET\n/\n{query}\n{lines}\n{';'.join(headers)}\n{digest('')}"
        to_sign = f"AWS4-HMAC-SHA256\n{self.value('X-Amz-Date')}\n{'/'.join(self.scope)}\n{digest(canonical)}"
        key = ("AWS4" + SECRET).encode()
        for part in self.scope:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
        self.pairs.append(["X-Amz-Signature", signature])


EXPIRES = [
    "0",
    "1",
    "60",
    "899",
    "900",
    "901",
    "-1",
    "-0",
    "+60",
    "%2B60",
    "6_0",
    "0x10",
    "",
    "%2060",
    "60%20",
    "00060",
]
EXPIRES += ["1e2", "9" * 30, "60.0", "%36%30", "60%00", "%D9%A6%D9%A0"]
DATES = ["", "garbage", "20991231T235959Z", "20991231T235959", "20991231t235959z", "2099-12-31T23:59:59Z"]
DATES += ["20991331T235959Z", "20990230T235959Z", "20991231T245959Z", "20991231T235960Z", "20991231T235959.123Z"]
DATES += ["20991231T235959,5Z", "20991231T235959%2B0000", "20991231T2359 9Z", "00000101T000000Z", "99991231T235959Z"]
DATES += [
    "19900422T010203Z",
    "20991231T235959Zx",
    "20991231T35959Z",
    "20000229T000000Z",
    "20990229T000000Z",
    "20991231T235959.Z",
]
SIGNED = [
    "",
    "host",
    "x-k8s-aws-id",
    "host%3BX-K8S-AWS-ID",
    "HOST%3Bx-k8s-aws-id",
    "host%3Bx-k8s-aws-i",
    ";x-k8s-aws-id",
]
SIGNED += ["accept%3Bhost%3Bx-k8s-aws-id", "host%3B%20x-k8s-aws-id", "x-k8s-aws-id%3Bhost", "host;x-k8s-aws-id"]
SIGNED += ["host%3Bx-%E2%84%AA8s-aws-id", "host%3Bx-k8s-aws-id%3B", "host%2Cx-k8s-aws-id", "host%3bx-k8s-aws-id"]
PATHS = ["", "//", "/.", "/%2F", "/a", "/%2e", "/;", "/index", "/%zz", "/ "]
SCHEMES = [
    "HTTPS://",
    "hTTps://",
    "http://",
    "ftp://",
    "//",
    "",
    "https:",
    "https:/",
    "https:///",
    " https://",
    "https%3A//",
]
ACTIONS = ["getcalleridentity", "AssumeRole", "", "GetCallerIdentity%20", "%47etCallerIdentity", "GetCallerIdentit%79"]
CREDENTIALS = [
    "",
    "/",
    "{id}",
    "{id}/",
    "/{id}",
    "{id}%2f",
    "{id}%2F20990101%2Fus-east-1%2Fsts%2Faws4_request",
    "%00",
    "{id}//",
]


def change(url, random, principal):
    """One change; the name of its kind."""
    pick = random.choice
    names = [pair[0] for pair in url.pairs]
    pair = pick(url.pairs)
    kinds = ["expires", "date", "age", "signed", "action", "credential", "version", "drop", "case", "escape", "repeat"]
    kinds += [
        "extra",
        "fold",
        "pieces",
        "shuffle",
        "path",
        "scheme",
        "userinfo",
        "tail",
        "bytes",
        "value-escape",
        "token",
    ]
    kind = pick(kinds)
    if kind == "expires":
        url.set("X-Amz-Expires", pick(EXPIRES))
    elif kind == "date":
        url.set("X-Amz-Date", pick(DATES))
    elif kind == "age":
        url.set("X-Amz-Date", stamp(pick([-1e6, -960, -840, -300, -60, 60, 200, 840, 960, 1e6])))
    elif kind == "signed":
        url.set("X-Amz-SignedHeaders", pick(SIGNED))
    elif kind == "action":
        url.set("Action", pick(ACTIONS))
    elif kind == "credential":
        url.set("X-Amz-Credential", pick(CREDENTIALS).replace("{id}", principal.access_key_id))
    elif kind == "version":
        url.set(pick(["Version", "X-Amz-Algorithm"]), pick(["", "2010-01-01", "AWS4-HMAC-SHA512", None]))
    elif kind == "drop":
        url.pairs.remove(pair)
    elif kind == "case":
        pair[0] = pick([pair[0].lower(), pair[0].upper(), pair[0].swapcase()])
    elif kind == "escape":
        at = random.randrange(len(pair[0])) if pair[0] else 0
        pair[0] = pair[0][:at] + "".join(f"%{ord(c):02{pick('xX')}}" for c in pair[0][at : at + 1]) + pair[0][at + 1 :]
    elif kind == "repeat":
        url.pairs.append([pick([pair[0], pair[0].lower()]), pick([pair[1], "", "x"])])
    elif kind == "extra":
        url.pairs.append(
            pick([["foo", "bar"], ["", "x"], ["", ""], ["X-Amz-Content-Sha256", "UNSIGNED"], ["+", ""], ["Ac%", ""]])
        )
    elif kind == "fold":
        pair[0] = pick(["Act%C4%B0on", "x-amz-%E2%84%AAey", "ver%C5%BFion", "X-Amz-S%C4%B1gnature"])
    elif kind == "pieces":
        url.separator = pick(["&&", ";", "&&&"])
    elif kind == "shuffle":
        random.shuffle(url.pairs)
    elif kind == "path":
        url.path = pick(PATHS)
    elif kind == "scheme":
        url.scheme = pick(SCHEMES)
    elif kind == "userinfo":
        url.userinfo = pick(["u:p@", "u@", "@", ":@"])
    elif kind == "tail":
        url.tail = pick(["#", "#frag", " ", "&", "&&", "?", ";", "%", "%g0", "=", "\t", "\x7f"])
    elif kind == "bytes":
        at = random.randrange(len(pair[1]) + 1)
        pair[1] = (
            pair[1][:at]
            + pick([" ", "\u00e9", "\x00", "\n", "+", "%", "%4", "%zz", ";", "\\", '"', "<", "\udcff"])
            + pair[1][at:]
        )
    elif kind == "value-escape":
        pair[1] = (
            re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), pair[1])
            if "%" in pair[1]
            else f"%{ord(pair[1][0]):02X}{pair[1][1:]}" if pair[1] else ""
        )
    elif kind == "token":
        if "X-Amz-Security-Token" in names:
            url.set("X-Amz-Security-Token", pick(["", "AAAA", None]))
        else:
            url.pairs.append(["X-Amz-Security-Token", pick(["", "AAAA"])])
    return kind


def changed_url(principal, host, region, cluster_id, random):
    """(kind, text) of a URL with one or two changes, before the signature, after it, or both."""
    url = Url(principal, host, region, cluster_id)
    before = random.random() < 0.5
    kinds = [change(url, random, principal)] if before else []
    url.sign()
    if not before or random.random() < 0.2:
        kinds.append(change(url, random, principal))
    return "+".join(sorted(kinds)), url.text()


def break_text(token, random):
    """(kind, token): changes of the token as text that leave the URL inside alone or make it unreadable."""
    at = random.randrange(len(PREFIX), len(token) + 1)
    kind = random.choice(
        ["padded", "line end", "blank", "cut", "alphabet", "prefix", "low bits", "empty", "other", "control"]
    )
    if kind == "padded":
        return kind, token + random.choice(["=", "==", "==="])
    if kind == "line end":
        return kind, token[:at] + random.choice(["\n", "\r\n", "\r"]) + token[at:]
    if kind == "blank":
        return kind, random.choice([" " + token, token + " ", token[:at] + " " + token[at:], "\n" + token])
    if kind == "cut":
        return kind, token[: random.randrange(len(PREFIX) + 100, len(token))]  # behind the host
    if kind == "alphabet":
        return kind, token[:at] + random.choice("+/=.~*") + token[at:]
    if kind == "prefix":
        return (
            kind,
            random.choice(["k8s-aws-v2.", "K8S-AWS-V1.", "k8s-aws-v1", "", "k8s-aws-v1.."]) + token[len(PREFIX) :],
        )
    if kind == "low bits":
        spare = (len(token) - len(PREFIX)) % 4
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        mask = {2: 15, 3: 3}.get(spare, 0)
        return kind, token[:-1] + alphabet[alphabet.index(token[-1]) | random.randint(0, mask)]
    if kind == "empty":
        return kind, random.choice(["", PREFIX, PREFIX + "A", PREFIX + "AA", PREFIX + "AAAA"])
    if kind == "control":
        return kind, token[:at] + random.choice(["\x00", "\u00e9", "\t", "\ufeff"]) + token[at:]
    return kind, "eyJhbGciOiJSUzI1NiJ9.e30." + token[at : at + 40]


def vector_tokens(hosts):
    """[(id, token)] of the vector files whose URLs name a host of the tables, or none at all."""
    made = []
    for case in json.loads((VECTORS / "token-url-rules.json").read_text())["cases"]:
        authority = re.search(r"//([^/?#]*)", case["url"])
        host = authority[1].rpartition("@")[2] if authority else ""
        if case["partition"] != "aws" or case["instance_region"] or (authority and host not in hosts):
            continue
        # 899 and 900 seconds stand at a limit that the clock passes during the run; shapes above keep their distance.
        if re.search(r"\{date:-(899|900|901)\}", case["url"]):
            continue
        text = re.sub(r"\{date:([+-]\d+)\}", lambda found: stamp(int(found[1])), case["url"])
        made.append((case["id"], encode(text)))
    envelope = json.loads((VECTORS / "token-envelope.json").read_text())
    for case in envelope["cases"]:
        if "token" in case:
            made.append((case["id"], case["token"]))
    return made


def token_of_size(principal, host, region, cluster_id, size):
    """A signed token of exactly this many bytes; None where base64 has no such length."""
    url = Url(principal, host, region, cluster_id)
    url.set("X-Amz-Security-Token", None)
    url.pairs.append(["X-Amz-Security-Token", ""])
    url.sign()
    text = url.text()
    room = (size - len(PREFIX)) * 3 // 4 - len(text)
    if (size - len(PREFIX)) % 4 == 1 or room < 0:
        return None
    token = encode(text.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=" + "A" * room))
    return token if len(token) == size else None
