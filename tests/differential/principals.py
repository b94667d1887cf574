"""Who calls: keys that the fake STS knows, each with an identity, an answer word for word, or a fault; and the
mappings of a configuration over them. Everything comes from the generator's random numbers."""

import json
import pathlib
from dataclasses import dataclass

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"

ACCOUNTS = ["123456789012", "111122223333", "444455556666", "012345678901", "000000000000"]
SCRUBBED = "777788889999"
# Of one caller for each source of mappings, by whom it is seen that the source has been read; in no other source.
SENTINEL_ACCOUNT = "888888888888"
NAMES = ["Admin", "KubernetesAdmin", "dev", "Node-Role", "a_b", "x+y=z", "me.too", "A@B", "Very" + "Long" * 12, "q"]
PATHS = ["", "", "", "division/", "a/b/c/", "service-role/"]
SESSIONS = ["alice@example.com", "i-0123456789abcdef0", "i-01234567", "i-0123456", "s", "a+b=c,d.e-f_g", "@", "bob@@x"]
SESSIONS += ["{{AccessKeyID}}", "session-name", "", "A" * 64, "<&>", "d\u00f6ner"]
SSO_SETS = ["ViewOnly", "Admin", "ViewOnly_Extra"]


@dataclass(frozen=True)
class Principal:
    access_key_id: str
    arn: str
    user_id: str
    account: str
    session_token: str = ""
    answer: tuple = ()  # (status, content type, body): word for word
    fault: str = ""

    @property
    def canonical(self):
        head, _, resource = self.arn.partition(":assumed-role/")
        if not resource:
            return self.arn
        return head.replace(":sts:", ":iam:") + ":role/" + resource.rpartition("/")[0]

    def as_key(self):
        key = {
            "access_key_id": self.access_key_id,
            "secret_access_key": SECRET,
            "session_token": self.session_token,
            "account": self.account,
            "arn": self.arn,
            "user_id": self.user_id,
        }
        if self.answer:
            key["answer"] = dict(zip(("status", "content_type", "body"), self.answer))
        if self.fault:
            key["fault"] = self.fault
        return key


def answer_body(account, arn, user_id):
    result = {"Account": account, "Arn": arn, "UserId": user_id}
    return {"GetCallerIdentityResponse": {"GetCallerIdentityResult": result, "ResponseMetadata": {"RequestId": "r"}}}


class Principals:
    def __init__(self, random, partition="aws"):
        self.random = random
        self.partition = partition
        self.all = []

    def _id(self):
        prefix = "ASIA" if self.random.random() < 0.5 else "AKIA"
        return f"{prefix}{self.partition.replace('-', '').upper()[:6]}{len(self.all):010d}"

    def _token(self):
        sizes = [0, 0, 40, 400, 1400]
        return "".join(self.random.choices("ABCabc019+/=", k=self.random.choice(sizes)))

    def add(self, arn, user_id, account, **more):
        made = Principal(self._id(), arn, user_id, account, more.pop("session_token", ""), **more)
        self.all.append(made)
        return made

    def add_usual(self, count):
        """Users, roots, federated users, assumed roles; among them EC2 instances and SSO roles."""
        pick = self.random.choice
        for _ in range(count):
            account = pick([*ACCOUNTS, SCRUBBED])
            name = pick(NAMES)
            kind = pick(["user", "root", "federated", "role", "role", "role", "sso"])
            iam = f"arn:{self.partition}:iam::{account}"
            sts = f"arn:{self.partition}:sts::{account}"
            token = self._token()
            if kind == "user":
                who = (f"{iam}:user/{pick(PATHS)}{name}", pick(["AIDACKCEVSQ6C2EXAMPLE", "AIDA:with:colons"]))
            elif kind == "root":
                who = (f"{iam}:root", account)
            elif kind == "federated":
                who = (f"{sts}:federated-user/{name}", f"{account}:{name}")
            else:
                if kind == "sso":
                    name = f"AWSReservedSSO_{pick(SSO_SETS)}_{self.random.getrandbits(64):016x}"
                session = pick(SESSIONS)
                who = (f"{sts}:assumed-role/{name}/{session}", f"AROACKCEVSQ6C2EXAMPLE:{session}")
            self.add(*who, account, session_token=token)

    def add_odd(self):
        """Identities whose ARN and user id do not fit, or of another partition."""
        account, base = ACCOUNTS[0], f"arn:{self.partition}"
        for other in ("aws", "aws-cn", "aws-us-gov", "aws-nowhere"):
            self.add(f"arn:{other}:iam::{account}:user/Elsewhere", "AIDACKCEVSQ6C2EXAMPLE", account)
        self.add(f"{base}:sts::{account}:assumed-role/Admin/s", "AROACKCEVSQ6C2EXAMPLE", account)
        self.add(f"{base}:sts::{account}:assumed-role/Admin/s", "AROACKCEVSQ6C2EXAMPLE:s:t", account)
        self.add(f"{base}:sts::{account}:assumed-role/Admin", "AROACKCEVSQ6C2EXAMPLE:s", account)
        self.add(f"{base}:sts::{account}:assumed-role/p/Admin/s", "AROACKCEVSQ6C2EXAMPLE:s", account)
        self.add(f"{base}:iam::{account}:group/Admins", "AGPACKCEVSQ6C2EXAMPLE", account)
        self.add(f"{base}:iam::{account}:root/x", account, account)
        self.add(f"{base}:IAM::{account}:user/Shout", "AIDACKCEVSQ6C2EXAMPLE", account)
        self.add(f"{base}:iam::{account}:role/Admin", "AROACKCEVSQ6C2EXAMPLE:i-0123456789abcdef0", account)
        self.add(f"{base}:iam::{account}:user/Other", "AIDACKCEVSQ6C2EXAMPLE", ACCOUNTS[1])

    def add_scripted(self):
        """The answers of tests/vectors/sts-response.json, broken forms of a proper one, and faults of delivery."""
        who = (f"arn:{self.partition}:iam::{ACCOUNTS[0]}:user/Scripted", "AIDACKCEVSQ6C2EXAMPLE", ACCOUNTS[0])
        for case in json.loads((VECTORS / "sts-response.json").read_text())["cases"]:
            self.add(*who, answer=(case["status"], "application/json", case["body"]))
        good = answer_body(who[2], who[0], who[1])
        result = good["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
        broken = []
        for name in result:
            without = {key: value for key, value in result.items() if key != name}
            broken.append(without)
            for value in (None, 5, True, [], {}, "", " " + str(result[name])):
                broken.append({**result, name: value})
        for each in broken:
            body = {"GetCallerIdentityResponse": {"GetCallerIdentityResult": each}}
            self.add(*who, answer=(200, "application/json", json.dumps(body)))
        text = json.dumps(good)
        texts = [text[:-1], text + "{}", text + " \n\t", " " + text, "\ufeff" + text, text.replace('"', "'")]
        texts += [text.replace("UserId", "userID"), text.replace("GetCallerIdentityResult", "GETCALLERIDENTITYRESULT")]
        texts += [text.replace('"Arn": "', '"Arn": "x", "Arn": "'), text.replace("Scripted", "Scr\\u0069pted")]
        texts += [
            text.replace("Scripted", "Scr\u00efpted"),
            text.replace("Scripted", "\\ud800"),
            "Throttling",
            "[]",
            "5",
        ]
        for each in texts:
            for content_type in ("application/json", "text/html"):
                self.add(*who, answer=(200, content_type, each))
        for status in (200, 202, 206, 301, 307, 400, 401, 403, 404, 413, 418, 429, 500, 502, 503, 504, 599):
            for body in ("", "{}", "Throttling: Rate exceeded", text):
                self.add(*who, answer=(status, "application/json", body))
        for fault in ("reset_before", "reset_mid", "half_body", "garbage_json", "redirect", "wrong_content_type"):
            self.add(*who, fault=fault)
        for fault in ("throttle", "internal_failure", "service_unavailable", "huge_body"):
            self.add(*who, fault=fault)

    def keys(self):
        return [principal.as_key() for principal in self.all]
