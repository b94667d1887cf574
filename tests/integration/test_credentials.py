"""The chain of AWS credential sources, side by side with botocore: the same keys for the same files and variables.

Each case is a set of variables and files. botocore runs in this process, arngate's chain in a program of its own
(tests/support/resolve_credentials.cpp); both talk to the same fake services.
"""

import base64
import contextlib
import hashlib
import json
import os
import socket
import stat
import subprocess
import urllib.parse

import botocore.credentials
import botocore.session
import botocore.tokens
import pytest
from conftest import program

from harness.fake_aws import (
    ECS_TOKEN,
    SSO_REFRESHED,
    SSO_TOKEN,
    FakeAws,
    key_for,
    secret_of,
    token_of,
)

ROLE = "arn:aws:iam::123456789012:role/"
MFA = "arn:aws:iam::123456789012:mfa/device"
MFA_CODE = "123456"
START = "https://example.awsapps.com/start"
LONG_AGO = "2020-01-01T00:00:00Z"
FAR_AHEAD = "2999-01-01T00:00:00Z"


def keys(name, token=False):
    """Lines of a profile with keys."""
    lines = f"aws_access_key_id = {name}\naws_secret_access_key = {secret_of(name)}\n"
    return lines + (f"aws_session_token = {token_of(name)}\n" if token else "")


def key_variables(name, token=False):
    variables = {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": secret_of(name)}
    return {**variables, **({"AWS_SESSION_TOKEN": token_of(name)} if token else {})}


def process_output(name="AKIAPROCESSEXAMPLE00", **changes):
    document = {"Version": 1, "AccessKeyId": name, "SecretAccessKey": secret_of(name), **changes}
    return json.dumps({name: value for name, value in document.items() if value is not None})


def sso_cache(name, **changes):
    document = {"startUrl": START, "region": "us-east-1", "accessToken": SSO_TOKEN, "expiresAt": FAR_AHEAD, **changes}
    document = {name: value for name, value in document.items() if value is not None}
    return {f".aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json": json.dumps(document)}


REFRESHABLE = {
    "clientId": "client",
    "clientSecret": "client-secret",
    "refreshToken": "refresh-EXAMPLE",
    "registrationExpiresAt": FAR_AHEAD,
}


def login_cache(session="arn:aws:iam::123456789012:user/me", end=FAR_AHEAD, **changes):
    name = "ASIALOGINEXAMPLE0000"
    document = {
        "accessToken": {
            "accessKeyId": name,
            "secretAccessKey": secret_of(name),
            "sessionToken": token_of(name),
            "accountId": "123456789012",
            "expiresAt": end,
        },
        "refreshToken": "refresh-EXAMPLE",
        "clientId": "client",
        "dpopKey": "key",
        **changes,
    }
    document = {name: value for name, value in document.items() if value is not None}
    return {f".aws/login/cache/{hashlib.sha256(session.encode()).hexdigest()}.json": json.dumps(document)}


def role(name="Assumed", **lines):
    return "".join(f"{key} = {value}\n" for key, value in {"role_arn": ROLE + name, **lines}.items())


BASE = "[base]\n" + keys("AKIABASEEXAMPLE00000")
SESSION = f"[sso-session corp]\nsso_start_url = {START}\nsso_region = us-east-1\n"
SSO_ROLE = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
LEGACY = f"[default]\nsso_start_url = {START}\nsso_region = us-east-1\n" + SSO_ROLE
LOGIN = "[default]\nlogin_session = arn:aws:iam::123456789012:user/me\n"


class Case:
    def __init__(self, name, found=True, env=None, config="", credentials="", files=None, mfa=None):
        self.name, self.found, self.env = name, found, env or {}
        self.config, self.credentials, self.files, self.mfa = config, credentials, files or {}, mfa


def imds(kind, **more):
    return {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{" + kind + "}", **more}


CASES = [
    # Environment
    Case("nothing", found=False),
    Case("environment", env=key_variables("AKIAENVEXAMPLE000000")),
    Case("environment-token", env=key_variables("ASIAENVEXAMPLE000000", token=True)),
    Case("environment-old-token", env={**key_variables("ASIAENVEXAMPLE000000"), "AWS_SECURITY_TOKEN": "old"}),
    Case("environment-without-secret", found=False, env={"AWS_ACCESS_KEY_ID": "AKIAENVEXAMPLE000000"}),
    Case("environment-empty", env={"AWS_ACCESS_KEY_ID": ""}, credentials="[default]\n" + keys("AKIAFILEEXAMPLE00000")),
    Case("environment-expiring", env={**key_variables("AKIAENV"), "AWS_CREDENTIAL_EXPIRATION": FAR_AHEAD}),
    Case("environment-expired", found=False, env={**key_variables("AKIAENV"), "AWS_CREDENTIAL_EXPIRATION": LONG_AGO}),
    Case("environment-expiration-text", found=False, env={**key_variables("A"), "AWS_CREDENTIAL_EXPIRATION": "soon"}),
    Case("environment-beats-profile", env={**key_variables("AKIAENV"), "AWS_PROFILE": "base"}, credentials=BASE),
    Case("environment-region", env={**key_variables("AKIAENV"), "AWS_DEFAULT_REGION": "eu-west-1"}),
    # Keys in files
    Case("credentials-file", credentials="[default]\n" + keys("AKIAFILEEXAMPLE00000")),
    Case("credentials-file-token", credentials="[default]\n" + keys("ASIAFILEEXAMPLE00000", token=True)),
    Case("config-file", config="[default]\n" + keys("AKIACONFIGEXAMPLE000")),
    Case("config-profile-default", config="[profile default]\n" + keys("AKIACONFIGEXAMPLE000")),
    Case(
        "credentials-beat-config",
        config="[default]\nregion = eu-north-1\n" + keys("AKIACONFIGEXAMPLE000"),
        credentials="[default]\n" + keys("AKIAFILEEXAMPLE00000"),
    ),
    Case("profile-of-config", env={"AWS_PROFILE": "dev"}, config="[profile dev]\n" + keys("AKIADEV")),
    Case("profile-quoted", env={"AWS_PROFILE": "my dev"}, config='[profile "my dev"]\n' + keys("AKIADEV")),
    Case("profile-of-credentials", env={"AWS_PROFILE": "base"}, credentials=BASE),
    Case("profile-old-variable", env={"AWS_DEFAULT_PROFILE": "base"}, credentials=BASE),
    Case("profile-missing", found=False, env={"AWS_PROFILE": "nobody"}, credentials=BASE),
    Case("profile-without-keyword", found=False, env={"AWS_PROFILE": "dev"}, config="[dev]\n" + keys("AKIADEV")),
    Case("other-profile-only", found=False, credentials=BASE),
    Case("key-without-secret", found=False, credentials="[default]\naws_access_key_id = AKIAHALF\n"),
    Case("old-token-name", credentials="[default]\n" + keys("ASIAOLD") + "aws_security_token = old\n"),
    Case("region-of-profile", config="[default]\nregion = ap-south-1\n" + keys("AKIACONFIGEXAMPLE000")),
    Case(
        "region-variable-beats-profile",
        env={"AWS_DEFAULT_REGION": "eu-west-3"},
        config="[default]\nregion = ap-south-1\n" + keys("AKIACONFIGEXAMPLE000"),
    ),
    Case(
        "files-elsewhere",
        env={"AWS_CONFIG_FILE": "{home}/c", "AWS_SHARED_CREDENTIALS_FILE": "{home}/s"},
        files={"c": "[default]\nregion = us-west-1\n", "s": "[default]\n" + keys("AKIAELSEWHERE")},
    ),
    Case("files-under-tilde", env={"AWS_SHARED_CREDENTIALS_FILE": "~/s"}, files={"s": "[default]\n" + keys("AKIATILDE")}),
    Case("file-broken", found=False, config="nonsense\n"),
    Case("comments", credentials="# a\n[default]\n; b\n" + keys("AKIACOMMENT") + "# c\n"),
    # Roles
    Case("role", config="[default]\n" + role(source_profile="base"), credentials=BASE),
    Case("role-session-name", config="[default]\n" + role(source_profile="base", role_session_name="me"), credentials=BASE),
    Case("role-external-id", config="[default]\n" + role(source_profile="base", external_id="a b/c+d"), credentials=BASE),
    Case("role-duration", config="[default]\n" + role(source_profile="base", duration_seconds=900), credentials=BASE),
    Case("role-mfa", config="[default]\n" + role(source_profile="base", mfa_serial=MFA), credentials=BASE, mfa=MFA_CODE),
    Case("role-region", config="[default]\nregion = eu-west-1\n" + role(source_profile="base"), credentials=BASE),
    Case(
        "role-of-profile",
        env={"AWS_PROFILE": "dev"},
        config="[profile dev]\nregion = eu-central-1\n" + role(source_profile="base"),
        credentials=BASE,
    ),
    Case("role-temporary-base", config="[default]\n" + role(source_profile="t"), credentials="[t]\n" + keys("ASIAT", True)),
    Case(
        "role-chain",
        config="[default]\n" + role("Outer", source_profile="mid") + "[profile mid]\n" + role("Inner", source_profile="base"),
        credentials=BASE,
    ),
    Case(
        "role-chain-of-three",
        config="[default]\n" + role("A", source_profile="b") + "[profile b]\n" + role("B", source_profile="c", external_id="xx")
        + "[profile c]\n" + role("C", source_profile="base"),
        credentials=BASE,
    ),
    Case("role-own-keys", credentials="[default]\n" + role(source_profile="default") + keys("AKIAOWN")),
    Case("role-loop-self", found=False, config="[default]\n" + role(source_profile="default")),
    Case(
        "role-loop",
        found=False,
        config="[default]\n" + role(source_profile="b") + "[profile b]\n" + role(source_profile="default"),
    ),
    Case(
        "role-source-keys-beat-its-role",
        config="[default]\n" + role("Outer", source_profile="mid") + "[profile mid]\n" + role("Inner", source_profile="base")
        + keys("AKIAMID"),
        credentials=BASE,
    ),
    Case("role-source-missing", found=False, config="[default]\n" + role(source_profile="nobody")),
    Case("role-source-empty", found=False, config="[default]\n" + role(source_profile="e") + "[profile e]\nregion = x\n"),
    Case("role-no-source", found=False, config="[default]\n" + role()),
    Case(
        "role-two-sources",
        found=False,
        config="[default]\n" + role(source_profile="base", credential_source="Environment"),
        credentials=BASE,
    ),
    Case("role-denied", found=False, config="[default]\n" + role("Denied", source_profile="base"), credentials=BASE),
    Case("role-wrong-secret", found=False, config="[default]\n" + role(source_profile="w"),
         credentials="[w]\naws_access_key_id = AKIAW\naws_secret_access_key = wrong\n"),
    Case("role-beats-own-keys", config="[default]\n" + role(source_profile="base") + keys("AKIAOWN"), credentials=BASE),
    Case("environment-beats-role", env=key_variables("AKIAENV"), config="[default]\n" + role(source_profile="base"),
         credentials=BASE),
    # Named sources
    Case("source-environment-but-keys-win", env=key_variables("AKIAENV"), config="[default]\n" + role(credential_source="Environment")),
    Case("source-environment-empty", found=False, config="[default]\n" + role(credential_source="Environment")),
    Case("source-unknown", found=False, config="[default]\n" + role(credential_source="Nobody")),
    Case("source-letter-case", found=False, env=imds("v2"), config="[default]\n" + role(credential_source="ec2instancemetadata")),
    Case("source-instance", env=imds("v2"), config="[default]\n" + role(credential_source="Ec2InstanceMetadata")),
    Case("source-instance-missing", found=False, config="[default]\n" + role(credential_source="Ec2InstanceMetadata")),
    Case("source-container", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs"},
         config="[default]\n" + role(credential_source="EcsContainer")),
    Case("source-container-missing", found=False, config="[default]\n" + role(credential_source="EcsContainer")),
    # Processes
    Case("process", config="[default]\ncredential_process = cat {home}/out\n", files={"out": process_output()}),
    Case("process-token", config="[default]\ncredential_process = cat {home}/out\n",
         files={"out": process_output(SessionToken="t", Expiration=FAR_AHEAD)}),
    Case("process-offset", config="[default]\ncredential_process = cat {home}/out\n",
         files={"out": process_output(Expiration="2999-01-01T01:00:00+01:00")}),
    Case("process-expired", found=False, config="[default]\ncredential_process = cat {home}/out\n",
         files={"out": process_output(Expiration=LONG_AGO)}),
    Case("process-quotes", config="[default]\ncredential_process = \"cat\" '{home}/o u t'\n", files={"o u t": process_output()}),
    Case("process-backslash", config="[default]\ncredential_process = cat {home}/o\\ u\\ t\n", files={"o u t": process_output()}),
    Case("process-no-shell", found=False, config="[default]\ncredential_process = cat {home}/out; true\n", files={"out": process_output()}),
    Case("process-no-variables", found=False, config="[default]\ncredential_process = cat $HOME/out\n", files={"out": process_output()}),
    Case("process-hash", config="[default]\ncredential_process = cat {home}/#out\n", files={"#out": process_output()}),
    Case("process-version", found=False, config="[default]\ncredential_process = cat {home}/out\n", files={"out": process_output(Version=2)}),
    Case("process-no-version", found=False, config="[default]\ncredential_process = cat {home}/out\n", files={"out": process_output(Version=None)}),
    Case("process-half", found=False, config="[default]\ncredential_process = cat {home}/out\n",
         files={"out": process_output(SecretAccessKey=None)}),
    Case("process-no-json", found=False, config="[default]\ncredential_process = echo keys\n"),
    Case("process-fails", found=False, config="[default]\ncredential_process = false\n"),
    Case("process-not-there", found=False, config="[default]\ncredential_process = {home}/nobody\n"),
    Case("process-broken-quote", found=False, config="[default]\ncredential_process = cat 'x\n"),
    Case("process-of-source", config="[default]\n" + role(source_profile="p") + "[profile p]\ncredential_process = cat {home}/out\n",
         files={"out": process_output()}),
    Case("credentials-beat-process", config="[default]\ncredential_process = false\n", credentials="[default]\n" + keys("AKIAFILE")),
    Case("process-beats-config-keys", config="[default]\ncredential_process = cat {home}/out\n" + keys("AKIACONFIG"),
         files={"out": process_output()}),
    # Web identity
    Case("web-identity", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Pod"}, files={"jwt": "a.b.c"}),
    Case("web-identity-name",
         env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Pod", "AWS_ROLE_SESSION_NAME": "pod"},
         files={"jwt": "a.b+c/d==\n"}),
    Case("web-identity-of-profile", config="[default]\n" + role("Pod", web_identity_token_file="{home}/jwt"), files={"jwt": "a.b.c"}),
    Case("web-identity-mixed", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt"},
         config="[default]\n" + role("Pod", web_identity_token_file="{home}/other"), files={"jwt": "a.b.c"}),
    Case("web-identity-no-role", found=False, env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt"}, files={"jwt": "a.b.c"}),
    Case("web-identity-no-file", found=False, env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Pod"}),
    Case("web-identity-denied", found=False, env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Denied"},
         files={"jwt": "a.b.c"}),
    Case("web-identity-of-source", config="[default]\n" + role(source_profile="w") + "[profile w]\n"
         + role("Pod", web_identity_token_file="{home}/jwt"), files={"jwt": "a.b.c"}),
    Case("web-identity-beats-keys", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Pod"},
         files={"jwt": "a.b.c"}, credentials="[default]\n" + keys("AKIAFILE")),
    Case("role-beats-web-identity-of-environment",
         env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Pod"}, files={"jwt": "a.b.c"},
         config="[default]\n" + role(source_profile="base"), credentials=BASE),
    Case("role-without-token-file", env={"AWS_ROLE_ARN": ROLE + "Pod"}, credentials="[default]\n" + keys("AKIAFILE")),
    # SSO
    Case("sso", config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE, files=sso_cache("corp")),
    Case("sso-refresh", config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp", expiresAt=LONG_AGO, **REFRESHABLE)),
    Case("sso-refresh-fails", found=False, config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp", expiresAt=LONG_AGO, **{**REFRESHABLE, "refreshToken": "used"})),
    Case("sso-registration-over", found=False, config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp", expiresAt=LONG_AGO, **{**REFRESHABLE, "registrationExpiresAt": LONG_AGO})),
    Case("sso-expired", found=False, config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp", expiresAt=LONG_AGO)),
    Case("sso-no-cache", found=False, config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE),
    Case("sso-cache-broken", found=False, config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp", accessToken=None)),
    Case("sso-rejected", found=False, config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp", accessToken="revoked")),
    Case("sso-unassigned", found=False, config=SESSION + "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = Unassigned\n",
         files=sso_cache("corp")),
    Case("sso-no-session", found=False, config="[default]\nsso_session = corp\n" + SSO_ROLE, files=sso_cache("corp")),
    Case("sso-no-account", found=False, config=SESSION + "[default]\nsso_session = corp\nsso_role_name = Admin\n", files=sso_cache("corp")),
    Case("sso-contradiction", found=False,
         config=SESSION + "[default]\nsso_session = corp\nsso_region = eu-west-1\n" + SSO_ROLE, files=sso_cache("corp")),
    Case("sso-of-source", config=SESSION + "[default]\n" + role(source_profile="s") + "[profile s]\nsso_session = corp\n" + SSO_ROLE,
         files=sso_cache("corp")),
    Case("sso-beats-keys", config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE, files=sso_cache("corp"),
         credentials="[default]\n" + keys("AKIAFILE")),
    Case("sso-legacy", config=LEGACY, files=sso_cache(START)),
    Case("sso-legacy-utc", config=LEGACY, files=sso_cache(START, expiresAt="2999-01-01T00:00:00UTC")),
    Case("sso-legacy-expired", found=False, config=LEGACY, files=sso_cache(START, expiresAt=LONG_AGO, **REFRESHABLE)),
    Case("sso-legacy-no-region", found=False, config=f"[default]\nsso_start_url = {START}\n" + SSO_ROLE, files=sso_cache(START)),
    # Console sign-in
    Case("login", config=LOGIN, files=login_cache()),
    Case("login-no-cache", found=False, config=LOGIN),
    Case("login-half-cache", found=False, config=LOGIN, files=login_cache(clientId=None)),
    Case("login-elsewhere", env={"AWS_LOGIN_CACHE_DIRECTORY": "{home}/.aws/login/cache"}, config=LOGIN, files=login_cache()),
    Case("credentials-beat-login", config=LOGIN, credentials="[default]\n" + keys("AKIAFILE")),
    Case("login-beats-process", config=LOGIN + "credential_process = false\n", files=login_cache()),
    # Containers
    Case("container", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs"}),
    Case("container-localhost", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{localhost}/ecs"}),
    Case("container-token", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs", "AWS_CONTAINER_AUTHORIZATION_TOKEN": ECS_TOKEN}),
    Case("container-token-file",
         env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token",
              "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other"}, files={"token": ECS_TOKEN}),
    Case("container-token-lines", found=False,
         env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nb: c"}),
    Case("container-token-file-missing", found=False,
         env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token"}),
    Case("container-elsewhere", found=False, env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/ecs"}),
    Case("container-half", found=False, env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs/half"}),
    Case("container-beats-instance", env=imds("v2", AWS_CONTAINER_CREDENTIALS_FULL_URI="{services}/ecs")),
    Case("keys-beat-container", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{services}/ecs"}, credentials="[default]\n" + keys("AKIAFILE")),
    # Instance metadata
    Case("instance", env=imds("v2")),
    Case("instance-v1", env=imds("v1")),
    Case("instance-v1-disabled", found=False, env=imds("v1", AWS_EC2_METADATA_V1_DISABLED="true")),
    Case("instance-v1-disabled-by-profile", found=False, env=imds("v1"), config="[default]\nec2_metadata_v1_disabled = true\n"),
    Case("instance-no-role", found=False, env=imds("no-role")),
    Case("instance-failed", found=False, env=imds("failed")),
    Case("instance-forbidden", found=False, env=imds("forbidden")),
    Case("instance-disabled", found=False, env=imds("v2", AWS_EC2_METADATA_DISABLED="TRUE")),
    Case("instance-endpoint-of-profile", env={"AWS_EC2_METADATA_DISABLED": "false"},
         config="[default]\nec2_metadata_service_endpoint = {v2}\n"),
    Case("keys-beat-instance", env=imds("v2"), credentials="[default]\n" + keys("AKIAFILE")),
    # Endpoints
    Case("endpoint-of-sts", env={"AWS_ENDPOINT_URL_STS": "{services}", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
         config="[default]\n" + role(source_profile="base"), credentials=BASE),
    Case("endpoint-of-profile", env={"AWS_ENDPOINT_URL": ""},
         config="[default]\nendpoint_url = {services}\n" + role(source_profile="base"), credentials=BASE),
    Case("endpoint-of-services", env={"AWS_ENDPOINT_URL": ""},
         config="[services local]\nsts =\n  endpoint_url = {services}\n[default]\nservices = local\n" + role(source_profile="base"),
         credentials=BASE),
    Case("endpoint-of-missing-services", found=False, env={"AWS_ENDPOINT_URL": ""},
         config="[default]\nservices = local\n" + role(source_profile="base"), credentials=BASE),
]  # fmt: skip

# What botocore passes over and arngate refuses, so that nobody acts under an identity that they did not mean.
STRICTER = [
    Case("secret-without-key", env={"AWS_SECRET_ACCESS_KEY": "s"}, credentials="[default]\n" + keys("AKIAFILE")),
    Case("endpoint-with-fips", env={"AWS_USE_FIPS_ENDPOINT": "true"}, config="[default]\n" + role(source_profile="base"),
         credentials=BASE),
    Case("duration-no-number", config="[default]\n" + role(source_profile="base", duration_seconds="hour"), credentials=BASE),
    Case("keys-of-two-kinds", credentials="[default]\naws_secret_access_key = s\n", config="[default]\n" + keys("AKIACONFIG")),
]  # fmt: skip


@pytest.fixture(scope="session")
def fake_aws():
    fake = FakeAws()
    yield fake
    fake.stop()


class World:
    """A home directory and an environment."""

    def __init__(self, home, fake, case):
        self.home = home
        names = {kind: fake.url(kind) for kind in ("services", *fake.INSTANCES)}
        names["localhost"] = fake.url().replace("127.0.0.1", "localhost")
        names["home"] = str(home)

        def filled(text):
            for name, value in names.items():
                text = text.replace("{" + name + "}", value)
            return text

        (home / ".aws").mkdir(parents=True)
        files = {".aws/config": case.config, ".aws/credentials": case.credentials, **case.files}
        for name, text in files.items():
            if text:
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / name).write_text(filled(text))
        # A region for those that have none, as STS needs one.
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": fake.url(),
            "AWS_MAX_ATTEMPTS": "1",
        }
        if "\nregion =" not in case.config and "AWS_DEFAULT_REGION" not in case.env:
            self.env["AWS_DEFAULT_REGION"] = "us-east-2"
        self.env.update({name: filled(value) for name, value in case.env.items()})
        self.env = {name: value for name, value in self.env.items() if value != "" or name in case.env}


@contextlib.contextmanager
def process_environment(variables):
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def by_botocore(world, mfa, monkeypatch):
    cache = str(world.home / ".aws" / "sso" / "cache")
    monkeypatch.setattr(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache)
    monkeypatch.setattr(botocore.tokens.SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", cache)
    monkeypatch.setattr(botocore.utils.ContainerMetadataFetcher, "SLEEP_TIME", 0)
    # It wants a library for console sign-ins, of which reading the cache makes no use.
    monkeypatch.setattr(botocore.credentials, "EC", object())
    with process_environment(world.env):
        try:
            session = botocore.session.Session()
            session.get_component("credential_provider").get_provider("assume-role")._prompter = lambda _: mfa
            found = session.get_credentials()
            if found is None:
                return {"error": "none"}
            frozen = found.get_frozen_credentials()
            return {
                "region": session.get_config_variable("region") or "",
                "access_key": frozen.access_key,
                "secret_key": frozen.secret_key,
                "token": frozen.token or "",
            }
        except Exception as error:  # whatever it raises is its way to say no
            return {"error": f"{type(error).__name__}: {error}"}


def by_arngate(world, mfa=None, **options):
    command = [program("ARNGATE_RESOLVE_CREDENTIALS_BIN"), *([mfa] if mfa else [])]
    ran = subprocess.run(command, env=world.env, capture_output=True, text=True, timeout=120, check=True, **options)
    return json.loads(ran.stdout)


def no_secret_in(result, world):
    said = result.get("error", "") + " ".join(result["trace"])
    texts = [SSO_TOKEN, SSO_REFRESHED, ECS_TOKEN, "refresh-EXAMPLE", "client-secret", "a.b.c", "secret/", "token+"]
    assert not [text for text in texts if text in said], said


def test_there_are_enough_cases():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_as_botocore(case, fake_aws, tmp_path, monkeypatch):
    # A home each, as both may rewrite a cache.
    theirs = by_botocore(World(tmp_path / "theirs", fake_aws, case), case.mfa, monkeypatch)
    world = World(tmp_path / "ours", fake_aws, case)
    ours = by_arngate(world, case.mfa)
    no_secret_in(ours, world)
    assert ("error" not in theirs) == case.found, theirs
    assert ("error" not in ours) == case.found, ours
    if case.found:
        for name in ("access_key", "secret_key", "token", "region"):
            assert ours[name] == theirs[name].strip(), (name, ours)


@pytest.mark.parametrize("case", STRICTER, ids=lambda case: case.name)
def test_stricter_than_botocore(case, fake_aws, tmp_path, monkeypatch):
    assert "error" not in by_botocore(World(tmp_path / "theirs", fake_aws, case), case.mfa, monkeypatch)
    assert "error" in by_arngate(World(tmp_path / "ours", fake_aws, case), case.mfa)


def test_a_refreshed_sso_token_is_kept(fake_aws, tmp_path):
    case = Case(
        "",
        config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
        files=sso_cache("corp", expiresAt=LONG_AGO, ofTheTool={"kept": [1]}, **REFRESHABLE),
    )
    world = World(tmp_path, fake_aws, case)
    assert "error" not in by_arngate(world)
    (name,) = sso_cache("corp")
    file = tmp_path / name
    written = json.loads(file.read_text())
    assert written["accessToken"] == SSO_REFRESHED
    assert written["refreshToken"] == "refresh-next-EXAMPLE"
    assert written["clientSecret"] == "client-secret"
    assert written["ofTheTool"] == {"kept": [1]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]
    # The next one needs no exchange.
    fake_aws.seen.clear()
    assert "error" not in by_arngate(world)
    assert ("POST", "/token") not in fake_aws.seen


def test_a_sign_in_is_refreshed_with_a_proof(fake_aws, tmp_path):
    made = subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"], capture_output=True, text=True, check=True
    )
    case = Case("", config=LOGIN, files=login_cache(end=LONG_AGO, dpopKey=made.stdout))
    world = World(tmp_path, fake_aws, case)
    result = by_arngate(world)
    assert result["access_key"] == key_for("signin"), result
    header, payload, signature = fake_aws.proofs[-1].split(".")
    assert header
    assert payload
    assert len(signature) == 86  # 64 bytes
    (name,) = login_cache()
    written = json.loads((tmp_path / name).read_text())
    assert written["accessToken"]["secretAccessKey"] == secret_of(key_for("signin"))
    assert written["accessToken"]["accountId"] == "123456789012"
    assert written["refreshToken"] == "refresh-next-EXAMPLE"
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_tls_with_a_ca_bundle(fake_aws, tmp_path, monkeypatch):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key],
        capture_output=True,
        check=True,
    )
    url = fake_aws.over_tls(certificate, key)
    trusting = Case(
        "",
        env={"AWS_ENDPOINT_URL": url, "AWS_CA_BUNDLE": str(certificate)},
        config="[default]\n" + role(source_profile="base"),
        credentials=BASE,
    )
    theirs = by_botocore(World(tmp_path / "theirs", fake_aws, trusting), None, monkeypatch)
    ours = by_arngate(World(tmp_path / "ours", fake_aws, trusting))
    assert "error" not in ours, ours
    assert ours["access_key"] == theirs["access_key"]

    trusting.env["AWS_CA_BUNDLE"] = ""
    said = by_arngate(World(tmp_path / "system", fake_aws, trusting))["error"]
    assert "certificate verify failed" in said


def test_advice_names_the_next_step(fake_aws, tmp_path):
    sso = World(tmp_path / "sso", fake_aws, Case("", config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE))
    assert "run `aws sso login --profile default`" in by_arngate(sso)["error"]
    denied = Case("", config="[default]\n" + role("Denied", source_profile="base"), credentials=BASE)
    said = by_arngate(World(tmp_path / "denied", fake_aws, denied))["error"]
    assert "AccessDenied" in said
    assert "trust policy" in said
    nothing = by_arngate(World(tmp_path / "nothing", fake_aws, Case("")))["error"]
    assert "AWS_ACCESS_KEY_ID (not set)" in nothing
    assert "not asked, as AWS_EC2_METADATA_DISABLED is true" in nothing


def test_nothing_is_asked_where_files_answer(fake_aws, tmp_path):
    fake_aws.seen.clear()
    world = World(tmp_path, fake_aws, Case("", env=imds("v2"), credentials="[default]\n" + keys("AKIAFILE")))
    assert by_arngate(world)["access_key"] == "AKIAFILE"
    assert fake_aws.seen == []


def test_token_is_signed_with_what_the_chain_finds(arngate_bin, fake_aws, tmp_path):
    case = Case("", env={"AWS_ENDPOINT_URL_STS": "{services}"}, config="[default]\n" + role(source_profile="base"), credentials=BASE)
    world = World(tmp_path, fake_aws, case)
    found = by_arngate(world)
    ran = subprocess.run(
        [arngate_bin, "token", "-i", "cluster", "--token-only"],
        env=world.env, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    coded = ran.stdout.strip().removeprefix("k8s-aws-v1.")
    url = urllib.parse.urlsplit(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode())
    asked = dict(urllib.parse.parse_qsl(url.query))
    assert url.netloc == "sts.us-east-2.amazonaws.com"
    assert asked["X-Amz-Credential"].startswith(found["access_key"] + "/")
    assert asked["X-Amz-Security-Token"] == found["token"]


def test_services_that_never_answer_end_in_an_error(fake_aws, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        web = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/jwt", "AWS_ROLE_ARN": ROLE + "Pod", "AWS_ENDPOINT_URL": url}
        cases = [
            Case("instance", env={"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}),
            Case("container", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/ecs"}),
            Case("sts", env=web, files={"jwt": "a.b.c"}),
            Case("tls", env={**web, "AWS_ENDPOINT_URL": url.replace("http", "https")}, files={"jwt": "a.b.c"}),
            Case(
                "sso",
                env={"AWS_ENDPOINT_URL": url},
                config=SESSION + "[default]\nsso_session = corp\n" + SSO_ROLE,
                files=sso_cache("corp"),
            ),
        ]
        running = []
        for case in cases:
            world = World(tmp_path / case.name, fake_aws, case)
            running.append(
                subprocess.Popen(
                    [program("ARNGATE_RESOLVE_CREDENTIALS_BIN")], env=world.env, stdout=subprocess.PIPE, text=True
                )
            )
        for case, process in zip(cases, running):
            out, _ = process.communicate(timeout=120)
            assert "error" in json.loads(out), case.name
