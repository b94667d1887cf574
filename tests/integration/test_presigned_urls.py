"""The presigned URL of each program against botocore's own for the same keys, region, variant and moment.

botocore, under a clock that stands at the date of the token, is the referee: where it gives the same parameters, the
signature included, as arngate and as the Go program, both give the same as each other.
"""

import datetime
import urllib.parse
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.session
import pytest

from harness import keys, tokens

CLUSTER = "my-cluster"
VARIANTS = {
    "plain": {},
    "fips": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "dual-stack": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "both": {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
}
SESSION = botocore.session.Session()
RESOLVER = SESSION.get_component("endpoint_resolver")
PARTITIONS = RESOLVER.get_available_partitions()
REGIONS = {
    partition: sorted(RESOLVER.get_available_endpoints("sts", partition, allow_non_regional=False))
    for partition in PARTITIONS
}
ALL_REGIONS = [region for regions in REGIONS.values() for region in regions]
SAMPLE = [regions[-1] for regions in REGIONS.values() if regions]


def parameters(token):
    url = urllib.parse.urlsplit(tokens.decode(token))
    pairs = urllib.parse.parse_qsl(url.query, strict_parsing=True)
    assert len(pairs) == len(dict(pairs))
    return f"{url.scheme}://{url.netloc}{url.path}", dict(pairs)


def referee(key, region, host_url, date):
    """What botocore signs at that moment."""
    moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    request = botocore.awsrequest.AWSRequest(
        method="GET",
        url=f"{host_url}?Action=GetCallerIdentity&Version=2011-06-15",
        headers={"x-k8s-aws-id": CLUSTER},
    )
    credentials = botocore.credentials.Credentials(key.access_key_id, key.secret_access_key, key.session_token or None)
    with clock_at(moment):
        botocore.auth.SigV4QueryAuth(credentials, "sts", region, expires=60).add_auth(request)
    url = urllib.parse.urlsplit(request.url)
    return dict(urllib.parse.parse_qsl(url.query, strict_parsing=True))


def clock_at(moment):
    """botocore's clock, whose name differs between its versions."""
    if hasattr(botocore.auth, "get_current_datetime"):
        return mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: moment)
    clock = mock.Mock(wraps=datetime.datetime)
    clock.utcnow.return_value = moment
    return mock.patch.object(botocore.auth.datetime, "datetime", clock)


def endpoint(region, variant):
    """The host of botocore for that region, None where it has none."""
    config = {"use_fips_endpoint": variant in ("fips", "both"), "use_dualstack_endpoint": variant in ("dual-stack", "both")}
    try:
        client = SESSION.create_client(
            "sts",
            region_name=region,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=botocore.config.Config(**config),
        )
    except Exception:  # whatever it raises says that there is none
        return None
    return client.meta.endpoint_url.rstrip("/") + "/"


def check(binary, key, region, variant):
    command = [str(binary), "token", "-i", CLUSTER, "--region", region, "--token-only"]
    host_url, ours = parameters(tokens.run(command, tokens.environment(key, region, **VARIANTS[variant])).strip())
    theirs = referee(key, region, host_url, ours["X-Amz-Date"])
    assert ours == theirs, (region, variant)
    return host_url


@pytest.mark.parametrize("key", [keys.USER, keys.ROLE], ids=["long-lived key", "session token"])
def test_arngate_signs_as_botocore_in_every_region(arngate_bin, key):
    assert len(ALL_REGIONS) > 35
    for region in ALL_REGIONS:
        host_url = check(arngate_bin, key, region, "plain")
        assert host_url == endpoint(region, "plain"), region


@pytest.mark.parametrize("variant", ["fips", "dual-stack", "both"])
def test_arngate_signs_as_botocore_for_every_variant(arngate_bin, variant):
    for region in SAMPLE:
        host_url = check(arngate_bin, keys.ROLE, region, variant)
        # Of isolated partitions botocore and the Go SDK know different dual-stack names.
        if variant == "fips" or "-iso" not in region:
            expected = endpoint(region, variant)
            assert expected is None or host_url == expected, (region, variant)


@pytest.mark.go
def test_the_go_program_signs_as_botocore(arngate_bin, go_authenticator_bin):
    for region in ALL_REGIONS:
        for variant in VARIANTS if region in SAMPLE else ["plain"]:
            hosts = {check(binary, keys.ROLE, region, variant) for binary in (arngate_bin, go_authenticator_bin)}
            assert len(hosts) == 1, (region, variant)
