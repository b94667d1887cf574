"""Tokens: one minter a program, and a hand-made one whose every part can be changed."""

import base64
import datetime
import hashlib
import hmac
import os
import subprocess
import urllib.parse

PREFIX = "k8s-aws-v1."


def encode(url):
    return PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def decode(token):
    text = token[len(PREFIX) :]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def flip_signature(token):
    """The same token with one hex digit of its signature changed."""
    url = decode(token)
    head, signature = url.split("X-Amz-Signature=")
    middle = len(signature) // 2
    other = "0" if signature[middle] != "0" else "1"
    return encode(head + "X-Amz-Signature=" + signature[:middle] + other + signature[middle + 1 :])


def signature_of(token):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(decode(token)).query)["X-Amz-Signature"][0]


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def presigned_url(
    key,
    cluster_id,
    *,
    region="us-east-1",
    host=None,
    scheme="https",
    path="/",
    age_seconds=0,
    action="GetCallerIdentity",
    expires="60",
    signed_cluster_id=True,
    extra_parameters=(),
):
    """SigV4 by its definition, with the standard library only."""
    host = host or f"sts.{region}.amazonaws.com"
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age_seconds)
    date = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{date[:8]}/{region}/sts/aws4_request"
    headers = {"host": host}
    if signed_cluster_id:
        headers["x-k8s-aws-id"] = cluster_id
    signed = ";".join(sorted(headers))
    parameters = {
        "Action": action,
        "Version": "2011-06-15",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key.access_key_id}/{scope}",
        "X-Amz-Date": date,
        "X-Amz-Expires": expires,
        "X-Amz-SignedHeaders": signed,
    }
    if key.session_token:
        parameters["X-Amz-Security-Token"] = key.session_token
    parameters.update(dict(extra_parameters))
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    query = "&".join(f"{quote(n)}={quote(v)}" for n, v in sorted(parameters.items()))
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    canonical = f"GET\n{path}\n{query}\n{lines}\n{signed}\n{hashlib.sha256(b'').hexdigest()}"
    to_sign = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = ("AWS4" + key.secret_access_key).encode()
    for part in (date[:8], region, "sts", "aws4_request"):
        secret = _hmac(secret, part)
    return f"{scheme}://{host}{path}?{query}&X-Amz-Signature={_hmac(secret, to_sign).hex()}"


def by_hand(key, cluster_id, **changes):
    return encode(presigned_url(key, cluster_id, **changes))


def environment(key, region="us-east-1", **more):
    """A clean environment for an AWS program: these credentials, nothing of the machine's own."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
        **key.environment(),
        **more,
    }


def run(command, env):
    """Standard output of a program that must succeed."""
    done = subprocess.run(
        [str(part) for part in command], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def by_arngate(binary, key, cluster_id, region="us-east-1"):
    return run([binary, "token", "-i", cluster_id, "--region", region, "--token-only"], environment(key, region)).strip()


def by_go(binary, key, cluster_id, region="us-east-1"):
    return run([binary, "token", "-i", cluster_id, "--region", region, "--token-only"], environment(key, region)).strip()


def by_awscli(binary, key, cluster_id, region="us-east-1"):
    import json

    # The credential never leaves this process tree: get-token signs, it does not call.
    text = run([binary, "eks", "get-token", "--cluster-name", cluster_id, "--region", region], environment(key, region))
    return json.loads(text)["status"]["token"]


def by_botocore(key, cluster_id, region="us-east-1"):
    """The recipe that is in wide use: botocore's RequestSigner."""
    import botocore.session
    from botocore.signers import RequestSigner

    session = botocore.session.Session()
    session.set_credentials(key.access_key_id, key.secret_access_key, key.session_token or None)
    client = session.create_client("sts", region_name=region)
    signer = RequestSigner(
        client.meta.service_model.service_id, region, "sts", "v4", session.get_credentials(), client.meta.events
    )
    url = signer.generate_presigned_url(
        {
            "method": "GET",
            "url": f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
            "body": {},
            "headers": {"x-k8s-aws-id": cluster_id},
            "context": {},
        },
        region_name=region,
        expires_in=60,
        operation_name="",
    )
    return encode(url)
