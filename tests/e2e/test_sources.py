"""The backends EKSConfigMap and CRD against a real kube-apiserver and etcd. Needs the environment of CMakeLists.txt."""

import os
import pathlib
import shutil
import sys
import time

import pytest

from api_server import MAP, ApiServer, kubectl_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/integration"))

from harness import keys, tokens  # noqa: E402
from harness.fake_sts import FakeSts  # noqa: E402
from harness.server import CLUSTER_ID, Server  # noqa: E402

ARNGATE = os.environ.get("ARNGATE_BIN", "")
FAKE_STS = os.environ.get("ARNGATE_FAKE_STS_BIN", "")
SERVER = os.environ.get("ARNGATE_KUBE_APISERVER", "")

pytestmark = pytest.mark.skipif(
    not (ARNGATE and FAKE_STS and SERVER and pathlib.Path(SERVER).exists() and shutil.which("etcd")
         and kubectl_of(SERVER)),
    reason="needs etcd, kubectl, and kube-apiserver named by ARNGATE_KUBE_APISERVER (tests/e2e/README.md)")

CRD = (ROOT / "deploy/crd/iamidentitymapping.yaml").read_text()
RBAC = (ROOT / "deploy/rbac/mapping-sources.yaml").read_text()
OBJECTS = "/apis/iamauthenticator.k8s.aws/v1alpha1/iamidentitymappings"
USER = "arn:aws:iam::123456789012:user/Alice"
ROLE = "arn:aws:iam::123456789012:role/KubernetesAdmin"


def until(question, what, timeout=60):
    """The first true answer."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not in {timeout} s: {what}")


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    one = ApiServer(SERVER, tmp_path_factory.mktemp("api"))
    one.apply(CRD, RBAC)
    until(lambda: one.ask("GET", OBJECTS)[0] == 200, "the definition is served")
    yield one
    one.stop()


@pytest.fixture
def clean(api):
    api.ask("DELETE", f"{MAP}/aws-auth")
    for item in api.ask("GET", OBJECTS)[1]["items"]:
        api.ask("DELETE", f"{OBJECTS}/{item['metadata']['name']}")


@pytest.fixture
def sts(tmp_path):
    one = FakeSts(FAKE_STS, tmp_path / "sts", keys.ALL)
    yield one
    one.stop()


@pytest.fixture
def start(sts, tmp_path):
    """Daemons whose only mappings are those of the backends."""
    servers = []

    def run(kubeconfig, backends, name=None, **more):
        changes = {"server": {"kubeconfig": str(kubeconfig), "backendMode": backends, "mapRoles": [], "mapUsers": [],
                              **more.pop("server", {})}, **more}
        servers.append(Server(ARNGATE, tmp_path / (name or f"server-{len(servers)}"), sts, changes))
        return servers[-1]

    yield run
    assert [one.stop() for one in servers] == [0] * len(servers)


def token(key):
    return tokens.by_arngate(ARNGATE, key, CLUSTER_ID)


def name_of(server, key):
    """The username that a review gives, or None."""
    return server.review(token(key)).user.get("username")


def until_named(server, key, username, timeout=60):
    until(lambda: name_of(server, key) == username, f"{key.arn} is {username}; log:\n{server.log[-3000:]}", timeout)


def user_entry(username, arn=USER):
    return f"- userarn: {arn}\n  username: {username}\n  groups: [g]\n"


def config_map(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"},
            "data": data}


def mapping(name, username, arn=USER):
    return {"apiVersion": "iamauthenticator.k8s.aws/v1alpha1", "kind": "IAMIdentityMapping", "metadata": {"name": name},
            "spec": {"arn": arn, "username": username, "groups": ["g"]}}


def service_account_kubeconfig(api, folder):
    """A kubeconfig of service account arngate, and the file of its token."""
    file = folder / "sa-token"
    file.write_text(api.kubectl("create", "token", "arngate", "-n", "kube-system").stdout)
    return api.kubeconfig(f"{{tokenFile: '{file}'}}"), file


def test_config_map_is_made_changed_broken_and_deleted(api, clean, start, tmp_path):
    kubeconfig, _ = service_account_kubeconfig(api, tmp_path)
    server = start(kubeconfig, ["EKSConfigMap"])
    server.process.wait_for(r"a source of mappings has no document")
    assert name_of(server, keys.USER) is None
    api.apply(config_map(mapUsers=user_entry("one")))
    until_named(server, keys.USER, "one")
    api.apply(config_map(mapUsers=user_entry("two") + "- username: nobody\n"))
    until_named(server, keys.USER, "two")
    mark = server.process.mark()
    api.apply(config_map(mapUsers="- userarn: [\n"))
    server.process.wait_for(r"kube-system/aws-auth mapUsers", since=mark)
    assert name_of(server, keys.USER) == "two"
    api.apply(config_map(mapUsers=user_entry("three")))
    until_named(server, keys.USER, "three")
    mark = server.process.mark()
    api.kubectl("delete", "configmap", "aws-auth", "-n", "kube-system")
    server.process.wait_for(r"EKSConfigMap", since=mark)
    assert name_of(server, keys.USER) == "three", "a deletion waits for the grace period"
    api.apply(config_map(mapUsers=user_entry("four")))
    until_named(server, keys.USER, "four")


def test_a_deletion_counts_at_once_without_grace(api, clean, start):
    api.apply(config_map(mapUsers=user_entry("one")))
    server = start(api.kubeconfig(), ["EKSConfigMap"], mapping={"gracePeriod": "0s"})
    until_named(server, keys.USER, "one")
    api.kubectl("delete", "configmap", "aws-auth", "-n", "kube-system")
    until_named(server, keys.USER, None)


def test_servers_that_die_during_a_watch(api, clean, start):
    api.apply(config_map(mapUsers=user_entry("one")))
    server = start(api.kubeconfig(), ["EKSConfigMap"])
    until_named(server, keys.USER, "one")
    mark = server.process.mark()
    api.kill_api()
    server.process.wait_for(r"EKSConfigMap", since=mark)
    assert name_of(server, keys.USER) == "one"
    api.start_api()
    api.apply(config_map(mapUsers=user_entry("two")))
    until_named(server, keys.USER, "two")
    api.kill_etcd()
    assert name_of(server, keys.USER) == "two"
    api.start_etcd()
    until(lambda: api.kubectl("get", "configmap", "aws-auth", "-n", "kube-system", check=False).returncode == 0, "etcd")
    api.apply(config_map(mapUsers=user_entry("three")))
    until_named(server, keys.USER, "three")
    # Both are away while the object goes; the version that the watch had is compacted away, too.
    api.kill_api()
    api.start_api()
    api.apply(config_map(mapUsers=user_entry("four")))
    api.compact()
    until_named(server, keys.USER, "four")


def test_a_version_that_is_gone_while_the_server_hangs(api, clean, start):
    api.apply(config_map(mapUsers=user_entry("one")))
    server = start(api.kubeconfig(), ["EKSConfigMap"])
    until_named(server, keys.USER, "one")
    api.kill_api()
    api.start_api()
    for number in range(5):
        api.apply(config_map(mapUsers=user_entry(f"n{number}")))
    api.compact()
    api.kill_api()
    api.start_api()
    until_named(server, keys.USER, "n4")


def test_rights_denied_then_granted(api, clean, start):
    api.apply(config_map(mapUsers=user_entry("one")))
    server = start(api.kubeconfig("{token: reader}"), ["EKSConfigMap"])
    server.process.wait_for(r"verb list on configmaps in namespace kube-system")
    assert name_of(server, keys.USER) is None
    api.kubectl("create", "rolebinding", "reader", "--role=arngate-aws-auth", "--user=reader", "-n", "kube-system")
    try:
        until_named(server, keys.USER, "one")
    finally:
        api.kubectl("delete", "rolebinding", "reader", "-n", "kube-system")


def test_a_service_account_token_that_rotates(api, clean, start, tmp_path):
    api.apply(config_map(mapUsers=user_entry("one")))
    kubeconfig, file = service_account_kubeconfig(api, tmp_path)
    server = start(kubeconfig, ["EKSConfigMap"])
    until_named(server, keys.USER, "one")
    # A token is of one incarnation of its account: the old one is refused from now on.
    api.kubectl("delete", "serviceaccount", "arngate", "-n", "kube-system")
    api.apply(RBAC)
    mark = server.process.mark()
    api.kill_api()
    api.start_api()
    server.process.wait_for(r"does not accept the credentials", since=mark)
    assert name_of(server, keys.USER) == "one"
    api.apply(config_map(mapUsers=user_entry("two")))
    file.write_text(api.kubectl("create", "token", "arngate", "-n", "kube-system").stdout)
    until_named(server, keys.USER, "two")


def test_objects_with_two_servers_that_write_their_status(api, clean, start, tmp_path):
    kubeconfig, _ = service_account_kubeconfig(api, tmp_path)
    servers = [start(kubeconfig, ["CRD"]) for _ in range(2)]
    api.apply(mapping("alice", "one"), mapping("role", "admin", arn=ROLE), mapping("wrong", "x", arn="no ARN"))
    for server in servers:
        until_named(server, keys.USER, "one")
        until_named(server, keys.ROLE, "admin")
    path = f"{OBJECTS}/role"
    until(lambda: api.ask("GET", path)[1].get("status", {}).get("canonicalARN") == ROLE.lower(), "a status")
    until(lambda: api.ask("GET", f"{OBJECTS}/alice")[1].get("status"), "the other status")
    assert "status" not in api.ask("GET", f"{OBJECTS}/wrong")[1]
    events = until(lambda: [item for item in api.ask("GET", "/api/v1/namespaces/default/events")[1]["items"]
                            if item["involvedObject"]["name"] == "role"], "an event")
    assert (events[0]["reason"], events[0]["source"]["component"]) == ("Synced", "aws-iam-authenticator")
    # A forged status changes nobody's name, and is put right once.
    before = api.ask("GET", path)[1]
    api.ask("PUT", f"{path}/status", {**before, "status": {"canonicalARN": USER.lower(), "userID": "kept"}})
    after = until(lambda: (lambda one: one if one["status"].get("canonicalARN") == ROLE.lower() else None)(
        api.ask("GET", path)[1]), "the status is right again")
    assert after["status"]["userID"] == "kept"
    assert name_of(servers[0], keys.USER) == "one"
    # Of two objects for one ARN the first name counts; they come, change and go.
    api.apply(mapping("aaa", "zero"))
    for server in servers:
        until_named(server, keys.USER, "zero")
    api.kubectl("delete", "iamidentitymapping", "aaa")
    for server in servers:
        until_named(server, keys.USER, "one")
    api.apply(mapping("alice", "two"))
    for server in servers:
        until_named(server, keys.USER, "two")
    # Nobody writes any more: the version stands still while another object goes through both servers.
    version = api.ask("GET", path)[1]["metadata"]["resourceVersion"]
    api.apply(mapping("role2", "x", arn=ROLE + "2"))
    until(lambda: api.ask("GET", f"{OBJECTS}/role2")[1].get("status"), "a status")
    assert api.ask("GET", path)[1]["metadata"]["resourceVersion"] == version


def test_objects_count_without_rights_on_their_status(api, clean, start):
    api.kubectl("create", "clusterrole", "objects-only", "--verb=list,watch", "--resource=iamidentitymappings")
    api.kubectl("create", "clusterrolebinding", "objects-only", "--clusterrole=objects-only", "--user=reader")
    try:
        server = start(api.kubeconfig("{token: reader}"), ["CRD"])
        api.apply(mapping("alice", "one"))
        until_named(server, keys.USER, "one")
        server.process.wait_for(r"cannot write the status of IAMIdentityMapping objects")
    finally:
        api.kubectl("delete", "clusterrolebinding,clusterrole", "objects-only")




def whoami(api, arn_token):
    """The username that the API server gives a bearer of this token, or None."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    status, answer = api.ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body, token=arn_token)
    return answer["status"]["userInfo"]["username"] if status == 201 else None


@pytest.mark.parametrize("first", ["daemon", "api"])
def test_cold_boot_with_an_api_server_that_asks_the_daemon(first, start, tmp_path):
    api = ApiServer(SERVER, tmp_path / "api", start=False)
    webhook = tmp_path / "webhook.yaml"
    api.webhook = webhook
    try:
        if first == "daemon":
            server = start(api.kubeconfig(), ["EKSConfigMap"], name="server")
            server.process.wait_for(r"EKSConfigMap")
            shutil.copy(server.kubeconfig, webhook)
            api.start()
        else:
            # Whoever made the files ran before; then the API server is alone.
            early = start(api.kubeconfig(), ["EKSConfigMap"], name="server")
            port = early.port
            shutil.copy(early.kubeconfig, webhook)
            assert early.stop() == 0
            api.start()
            assert whoami(api, token(keys.USER)) is None
            server = start(api.kubeconfig(), ["EKSConfigMap"], name="server", server={"port": port})
        assert whoami(api, token(keys.USER)) is None
        api.apply(config_map(mapUsers=user_entry("alice")))
        until(lambda: whoami(api, token(keys.USER)) == "alice", f"the API server knows alice; {server.log[-2000:]}")
    finally:
        api.stop()
