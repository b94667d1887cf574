"""Requests around a token: TokenReviews in every spelling of JSON, and requests that are none."""

import json
import pathlib
from dataclasses import dataclass, field
from urllib.parse import unquote

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"
JSON_TYPE = {"Content-Type": "application/json"}


@dataclass
class Request:
    kind: str
    body: bytes = None
    method: str = "POST"
    path: str = "/authenticate"
    headers: dict = field(default_factory=lambda: dict(JSON_TYPE))
    token: str = None  # where there is one that both programs should find
    strict: bool = False  # of the form that `answers.strictRequests` asks for
    version: str = ""  # of a strict one: its apiVersion
    http2: bool = False
    principal: object = None  # whose key the token names

    @property
    def to_authenticate(self):
        return unquote(self.path.partition("?")[0]) == "/authenticate"


def review(token, random, kind, principal=None):
    """As kube-apiserver sends it."""
    version = "authentication.k8s.io/" + random.choice(["v1", "v1beta1"])
    spec = {"token": token}
    if random.random() < 0.3:
        spec["audiences"] = random.choice([[], ["https://kubernetes.default.svc"], ["a", "b"]])
    document = {"kind": "TokenReview", "apiVersion": version, "spec": spec}
    if random.random() < 0.5:
        document = {**document, "metadata": {"creationTimestamp": None}, "status": {"user": {}}}
    escape = random.random() < 0.5
    body = json.dumps(document, ensure_ascii=escape).encode("utf-8", "surrogatepass")
    return Request(kind, body, token=token, strict=True, version=version, principal=principal)


def odd_reviews(token):
    """(kind, body): one after the other by number, so that a run of any size has them all."""
    t = json.dumps(token)
    head = '"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview"'
    deep = lambda n: "[" * n + "]" * n
    escaped = "".join(f"\\u{ord(c):04x}" for c in token)
    large, larger = "y" * 300_000, "y" * 1_200_000
    many = ",".join(f'"k{i}":{i}' for i in range(3000))
    spec = f'"spec":{{"token":{t}}}'
    owners = '"ownerReferences":[{"apiVersion":"v1","controller":true}]'
    fields = '"managedFields":[{"manager":"m","fieldsV1":{"f:x":{}}}]'
    texts = {
        "odd case": f'{{"APIVERSION":"authentication.k8s.io/v1","KIND":"TokenReview","SPEC":{{"ToKeN":{t}}}}}',
        "odd version": f'{{"apiVersion":"x/v9","kind":"TokenReview",{spec}}}',
        "odd kind": f'{{"apiVersion":"authentication.k8s.io/v1","kind":"Pod",{spec}}}',
        "no kind": f"{{{spec}}}",
        "trailing text": f"{{{head},{spec}}} trailing",
        "trailing value": f"{{{head},{spec}}}{{}}",
        "trailing blanks": f" {{{head},{spec}}}\r\n\t ",
        "blanks": f'{{ {head} ,\n"spec" :\t{{ "token" : {t} }} }}',
        "byte order mark": f"\ufeff{{{head},{spec}}}",
        "unknown keys": f'{{{head},"x":{{"y":[1,2.5e3,null,true]}},"spec":{{"token":{t},"z":"\\u0000"}}}}',
        "repeated token": f'{{{head},"spec":{{"token":"first","token":{t}}}}}',
        "repeated token, other case": f'{{{head},"spec":{{"Token":"first","token":{t}}}}}',
        "repeated token, other case last": f'{{{head},"spec":{{"token":"first","TOKEN":{t}}}}}',
        "repeated spec": f'{{{head},{spec},"spec":{{"audiences":["a"]}}}}',
        "repeated spec, null": f'{{{head},{spec},"spec":null}}',
        "token, then null": f'{{{head},"spec":{{"token":{t},"token":null}}}}',
        "null token": f'{{{head},"spec":{{"token":null}}}}',
        "null spec": f'{{{head},"spec":null}}',
        "null": "null",
        "number token": f'{{{head},"spec":{{"token":5}}}}',
        "list token": f'{{{head},"spec":{{"token":[{t}]}}}}',
        "list spec": f'{{{head},"spec":[{{"token":{t}}}]}}',
        "text spec": f'{{{head},"spec":{t}}}',
        "number kind": f'{{"apiVersion":"authentication.k8s.io/v1","kind":5,{spec}}}',
        "null kind": f'{{"apiVersion":"authentication.k8s.io/v1","kind":null,{spec}}}',
        "text audiences": f'{{{head},"spec":{{"token":{t},"audiences":"a"}}}}',
        "number in audiences": f'{{{head},"spec":{{"token":{t},"audiences":[5]}}}}',
        "null in audiences": f'{{{head},"spec":{{"token":{t},"audiences":[null]}}}}',
        "null audiences": f'{{{head},"spec":{{"token":{t},"audiences":null}}}}',
        "text metadata": f'{{{head},"metadata":"x",{spec}}}',
        "null metadata": f'{{{head},"metadata":null,{spec}}}',
        "bad timestamp": f'{{{head},"metadata":{{"creationTimestamp":"zz"}},{spec}}}',
        "good timestamp": f'{{{head},"metadata":{{"creationTimestamp":"2026-01-02T03:04:05Z"}},{spec}}}',
        "number timestamp": f'{{{head},"metadata":{{"creationTimestamp":5}},{spec}}}',
        "metadata": f'{{{head},"metadata":{{"name":"n","uid":"u","labels":{{"a":"b"}},"generation":7}},{spec}}}',
        "number name": f'{{{head},"metadata":{{"name":5}},{spec}}}',
        "number label": f'{{{head},"metadata":{{"labels":{{"a":5}}}},{spec}}}',
        "list labels": f'{{{head},"metadata":{{"labels":[]}},{spec}}}',
        "text generation": f'{{{head},"metadata":{{"generation":"7"}},{spec}}}',
        "owner references": f'{{{head},"metadata":{{{owners}}},{spec}}}',
        "text owner references": f'{{{head},"metadata":{{"ownerReferences":"x"}},{spec}}}',
        "number finalizer": f'{{{head},"metadata":{{"finalizers":[1]}},{spec}}}',
        "managed fields": f'{{{head},"metadata":{{{fields}}},{spec}}}',
        "text status": f'{{{head},{spec},"status":"x"}}',
        "null status": f'{{{head},{spec},"status":null}}',
        "status": f'{{{head},{spec},"status":{{"authenticated":true,"user":{{"username":"u","groups":["g"]}}}}}}',
        "text authenticated": f'{{{head},{spec},"status":{{"authenticated":"true"}}}}',
        "number groups": f'{{{head},{spec},"status":{{"user":{{"groups":[5]}}}}}}',
        "text user": f'{{{head},{spec},"status":{{"user":"x"}}}}',
        "list extra": f'{{{head},{spec},"status":{{"user":{{"extra":[]}}}}}}',
        "text in extra": f'{{{head},{spec},"status":{{"user":{{"extra":{{"a":"b"}}}}}}}}',
        "escaped token": f'{{{head},"spec":{{"token":"{escaped}"}}}}',
        "escaped key": f'{{{head},"sp\\u0065c":{{"t\\u006fken":{t}}}}}',
        "Kelvin sign in a key": f'{{{head},"spec":{{"to\u212aen":{t}}}}}',
        "long s in a key": f'{{{head},"\u017fpec":{{"token":{t}}}}}',
        "lone surrogate": f'{{{head},{spec},"x":"\\ud800"}}',
        "control character": f'{{{head},{spec},"x":"\n"}}',
        "bad escape": f'{{{head},{spec},"x":"\\x"}}',
        "single quotes": f"{{'spec':{{'token':{t}}}}}",
        "trailing comma": f'{{{head},"spec":{{"token":{t},}}}}',
        "no end": f"{{{head},{spec}",
        "leading zero": f'{{{head},{spec},"x":01}}',
        "leading plus": f'{{{head},{spec},"x":+1}}',
        "huge number": f'{{{head},{spec},"x":1e999}}',
        "long number": f'{{{head},{spec},"x":{9 ** 400}}}',
        "not a number": f'{{{head},{spec},"x":NaN}}',
        "deep": f'{{{head},{spec},"x":{deep(60)}}}',
        "deeper": f'{{{head},{spec},"x":{deep(2000)}}}',
        "deepest": f'{{{head},{spec},"x":{deep(11000)}}}',
        "many keys": f"{{{head},{many},{spec}}}",
        "list": f"[{{{spec}}}]",
        "text": t,
        "number": "5",
        "true": "true",
        "empty list": "[]",
        "empty object": "{}",
        "empty": "",
        "blank": " ",
        "not JSON": "not json",
        "form": f"token={token}",
        "large": f'{{{head},{spec},"x":"{large}"}}',
        "too large": f'{{{head},{spec},"x":"{larger}"}}',
    }
    strict = {"trailing blanks", "blanks", "unknown keys"}
    without = {"null token", "null spec", "null", "empty object"}
    made = []
    for kind, text in texts.items():
        body = text.encode("utf-8", "surrogatepass")
        is_strict = kind in strict
        found = None if kind in without else token
        made.append(Request("body: " + kind, body, token=found, strict=is_strict, version="authentication.k8s.io/v1"))
    raw = f'{{{head},"spec":{{"token":{t}}},"x":"'.encode()
    for kind, tail in {"invalid UTF-8": b'\xff"}', "overlong UTF-8": b'\xc0\xaf"}', "NUL": b'\x00"}'}.items():
        made.append(Request("body: " + kind, raw + tail, token=token))
    made.append(Request("body: invalid UTF-8 in the token", raw[: raw.index(b'"},"x"')] + b'\xff"}}', token=None))
    made.append(Request("body: UTF-16", texts["no kind"].encode("utf-16"), token=token))
    return made


def odd_requests(token):
    """Methods, paths, headers, and the requests of tests/vectors/tokenreview-http.json."""
    good = json.dumps(
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    ).encode()
    made = []
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", "PROPFIND"):
        body = good if method in ("PUT", "PATCH") else None
        made.append(Request(f"method {method}", body, method))
    for path in (
        "/",
        "/authenticate/",
        "//authenticate",
        "/./authenticate",
        "/a/../authenticate",
        "/healthz",
        "/nothing",
    ):
        made += [Request(f"POST {path}", good, "POST", path), Request(f"GET {path}", None, "GET", path)]
    for path in (
        "/AUTHENTICATE",
        "/authenticate%2F",
        "/%61uthenticate",
        "/healthz/",
        "/healthz?verbose",
        "/nothing?x",
        "/a//b",
    ):
        made += [Request(f"POST {path}", good, "POST", path), Request(f"HEAD {path}", None, "HEAD", path)]
    for path in ("/authenticate?timeout=30s", "/authenticate?", "/authenticate?a=b;c"):
        made.append(
            Request(f"POST {path}", good, "POST", path, token=token, strict=True, version="authentication.k8s.io/v1")
        )
    for headers in (
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/yaml"},
        {"Accept": "text/plain"},
        {"X": ""},
    ):
        made.append(
            Request(
                f"headers {headers}",
                good,
                headers=headers,
                token=token,
                strict=True,
                version="authentication.k8s.io/v1",
            )
        )
    for case in json.loads((VECTORS / "tokenreview-http.json").read_text())["cases"]:
        body = case["request_body"]
        made.append(
            Request("vector " + case["id"], None if body is None else body.encode(), case["method"], case["path"])
        )
    return made
