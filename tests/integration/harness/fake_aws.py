"""The services that credentials come from, on loopback without TLS: STS (AssumeRole, AssumeRoleWithWebIdentity), the SSO
portal and its OIDC service, the console's sign-in, a container service and the instance metadata.

What is given is made from what was asked, so that two clients get the same keys only for the same question: parameters,
signer, region. Signatures are verified. A key's secret and session token follow from its id (`secret_of`, `token_of`).
"""

import datetime
import hashlib
import hmac
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

LIFETIME = datetime.timedelta(hours=1)
SSO_TOKEN = "sso-token-EXAMPLE"
SSO_REFRESHED = "sso-refreshed-EXAMPLE"
ECS_TOKEN = "container-authorization-EXAMPLE"
ROLE = "InstanceRole"


def secret_of(key_id):
    return "secret/" + hashlib.sha256(key_id.encode()).hexdigest()[:32]


def token_of(key_id):
    return "token+" + hashlib.sha256(key_id.encode()).hexdigest()[:40] + "=="


def key_for(*question):
    return "ASIA" + hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16].upper()


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body="", kind="application/json"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def send_json(self, status, document):
        self.send(status, json.dumps(document))

    def date_time_string(self, timestamp=None):
        """The Date of answers, by the clock of the service."""
        return super().date_time_string((timestamp or time.time()) + self.server.ahead.total_seconds())

    def end(self):
        return (self.server.now + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")

    def key_document(self, key_id):
        return {
            "AccessKeyId": key_id,
            "SecretAccessKey": secret_of(key_id),
            "Token": token_of(key_id),
            "Expiration": self.end(),
        }

    # STS

    def sts_error(self, status, code):
        self.send(
            status,
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>",
            "text/xml",
        )

    def signer(self, body):
        """The key id of a valid signature and the region it was made for, else an error code."""
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([\w-]+)/sts/aws4_request, ?SignedHeaders=([\w;-]+), ?"
            r"Signature=([0-9a-f]{64})",
            self.headers.get("Authorization", ""),
        )
        if not found:
            return None, None, "MissingAuthenticationToken"
        key_id, date, region, names, signature = found.groups()
        if key_id.startswith("ASIA") and self.headers.get("X-Amz-Security-Token") != token_of(key_id):
            return None, None, "InvalidClientTokenId"
        lines = [f"{name}:{' '.join(self.headers.get(name, '').split())}\n" for name in names.split(";")]
        canonical = "\n".join(
            [self.command, self.path, "", "".join(lines), names, hashlib.sha256(body).hexdigest()]
        )
        to_sign = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                self.headers["X-Amz-Date"],
                f"{date}/{region}/sts/aws4_request",
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        key = ("AWS4" + secret_of(key_id)).encode()
        for part in (date, region, "sts", "aws4_request"):
            key = _hmac(key, part)
        if _hmac(key, to_sign).hex() != signature:
            return None, None, "SignatureDoesNotMatch"
        return key_id, region, None

    def sts(self, body):
        asked = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        with self.server.lock:
            self.server.forms.append(body.decode())
        action = asked.get("Action")
        if action == "GetCallerIdentity":
            return self.caller_identity(body)
        if asked.get("Version") != "2011-06-15" or action not in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            return self.sts_error(400, "InvalidAction")
        signer = region = None
        if action == "AssumeRole":
            signer, region, error = self.signer(body)
            if error:
                return self.sts_error(403, error)
        elif "Authorization" in self.headers:
            return self.sts_error(400, "ValidationError")
        if asked["RoleArn"].endswith("/Denied"):
            return self.sts_error(403, "AccessDenied")
        if re.fullmatch(r"(botocore|arngate)-session-\d+", asked["RoleSessionName"]):
            del asked["RoleSessionName"]
        key_id = key_for(asked, signer, region)
        self.send(
            200,
            f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key_id}</AccessKeyId>"
            f"<SecretAccessKey>{secret_of(key_id)}</SecretAccessKey><SessionToken>{token_of(key_id)}</SessionToken>"
            f"<Expiration>{self.end()}</Expiration></Credentials></{action}Result></{action}Response>",
            "text/xml",
        )

    def caller_identity(self, body):
        signer, _, error = self.signer(body)
        if error:
            return self.sts_error(403, error)
        result = {
            "Account": "123456789012",
            "Arn": "arn:aws:sts::123456789012:assumed-role/Base/forwarded",
            "UserId": f"AROA{signer[4:]}:forwarded",
        }
        if self.headers.get("Accept") == "application/json":
            return self.send_json(200, {"GetCallerIdentityResponse": {"GetCallerIdentityResult": result}})
        fields = "".join(f"<{name}>{value}</{name}>" for name, value in result.items())
        name = "GetCallerIdentity"
        self.send(200, f"<{name}Response><{name}Result>{fields}</{name}Result></{name}Response>", "text/xml")

    # The others

    def oidc(self, body):
        asked = json.loads(body)
        if asked.get("refreshToken") != "refresh-EXAMPLE" or asked.get("grantType") != "refresh_token":
            return self.send_json(400, {"error": "invalid_grant"})
        if (asked.get("clientId"), asked.get("clientSecret")) != ("client", "client-secret"):
            return self.send_json(401, {"error": "invalid_client"})
        self.send_json(200, {"accessToken": SSO_REFRESHED, "expiresIn": 3600, "refreshToken": "refresh-next-EXAMPLE"})

    def signin(self, body):
        asked = json.loads(body)
        self.server.proofs.append(self.headers.get("DPoP"))
        if asked != {"clientId": "client", "refreshToken": "refresh-EXAMPLE", "grantType": "refresh_token"}:
            return self.send_json(400, {"error": "invalid_request"})
        key_id = key_for("signin")
        keys = {"accessKeyId": key_id, "secretAccessKey": secret_of(key_id), "sessionToken": token_of(key_id)}
        self.send_json(
            200,
            {"accessToken": keys, "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "refresh-next-EXAMPLE"},
        )

    def portal(self, query):
        token = self.headers.get("x-amz-sso_bearer_token")
        if token not in (SSO_TOKEN, SSO_REFRESHED):
            return self.send_json(401, {"message": "Session token not found or invalid"})
        if query.get("role_name") == "Unassigned":
            return self.send_json(403, {"message": "No access"})
        key_id = key_for(query, token)
        self.send_json(
            200,
            {
                "roleCredentials": {
                    "accessKeyId": key_id,
                    "secretAccessKey": secret_of(key_id),
                    "sessionToken": token_of(key_id),
                    "expiration": int((self.server.now + LIFETIME).timestamp() * 1000),
                }
            },
        )

    def container(self, path):
        if path == "/ecs/forbidden":
            return self.send_json(403, {"code": "no"})
        if path == "/ecs/text":
            return self.send(200, "no credentials")
        if path == "/ecs/half":
            return self.send_json(200, {"AccessKeyId": "ASIAHALFEXAMPLE00000"})
        self.send_json(200, self.key_document(key_for(path, self.headers.get("Authorization"))))

    def metadata(self):
        flavour = self.server.flavour
        if self.command == "PUT":
            return self.send(404 if flavour == "v1" else 403 if flavour == "forbidden" else 200, "session")
        if flavour != "v1" and self.headers.get("X-aws-ec2-metadata-token") != "session":
            return self.send(401)
        roles = "/latest/meta-data/iam/security-credentials/"
        if self.path == roles and flavour != "no-role":
            return self.send(200, ROLE, "text/plain")
        if self.path == roles + ROLE:
            if flavour == "failed":
                return self.send_json(200, {"Code": "AssumeRoleUnauthorizedAccess", "Message": "no"})
            document = self.key_document(key_for("instance", flavour))
            return self.send_json(200, {"Code": "Success", "Type": "AWS-HMAC", **document})
        self.send(404)

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        with self.server.lock:
            self.server.seen.append((self.command, url.path))
        if self.server.flavour != "services":
            return self.metadata()
        if url.path == "/federation/credentials":
            return self.portal(dict(urllib.parse.parse_qsl(url.query)))
        if url.path == "/token":
            return self.oidc(body)
        if url.path == "/v1/token":
            return self.signin(body)
        if url.path.startswith("/ecs"):
            return self.container(url.path)
        if url.path == "/":
            return self.sts(body)
        self.send(404)

    do_GET = do_PUT = do_POST = answer


class FakeAws:
    """One port for all services, and one for each kind of instance: "v2", "v1", "no-role", "failed", "forbidden"."""

    INSTANCES = ("v2", "v1", "no-role", "failed", "forbidden")

    def __init__(self):
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.lock = threading.Lock()
        self.seen = []
        self.proofs = []
        self.forms = []  # what STS was asked
        self.servers = {flavour: self._start(flavour) for flavour in ("services", *self.INSTANCES)}

    def clock_ahead(self, span):
        """What all services think that the time is."""
        for server in self.servers.values():
            server.ahead = span

    def over_tls(self, certificate, key):
        """The URL of the same services with TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.servers["tls"] = self._start("services", context)
        return self.url("tls").replace("http:", "https:")

    def _start(self, flavour, tls=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.flavour, server.now, server.lock = flavour, self.now, self.lock
        server.seen, server.proofs, server.forms = self.seen, self.proofs, self.forms
        server.ahead = datetime.timedelta()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def url(self, flavour="services"):
        return f"http://127.0.0.1:{self.servers[flavour].server_address[1]}"

    def stop(self):
        for server in self.servers.values():
            server.shutdown()
            server.server_close()
