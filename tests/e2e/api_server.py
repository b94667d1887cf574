"""A real kube-apiserver with its own etcd, on loopback, in a folder of its own."""

import json
import pathlib
import random
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
import zlib

MAP = "/api/v1/namespaces/kube-system/configmaps"


def free_ports(count):
    """Ports that stay free while those who listen there are away: below those that the kernel gives to connections."""
    free = []
    for port in random.sample(range(20000, 32000), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free.append(port)
        if len(free) == count:
            return free
    raise RuntimeError("no free ports")


def kubectl_of(binary):
    """The kubectl beside this kube-apiserver (scripts/kube-apiserver), else the one on the PATH."""
    beside = pathlib.Path(binary).with_name("kubectl")
    return str(beside) if beside.exists() else shutil.which("kubectl")


class ApiServer:
    """Tokens: "admin" (system:masters), "reader" (may do nothing). Each of the two programs can be ended and started
    again; ports, keys and data stay."""

    def __init__(self, binary, folder, webhook=None, start=True):
        """`webhook`: a kubeconfig for --authentication-token-webhook-config-file."""
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.webhook = webhook
        self.etcd = None
        self.api = None
        self.port, self.etcd_port, self.peer_port = free_ports(3)
        subprocess.run(["openssl", "genrsa", "-out", str(self.folder / "sa.key"), "2048"], check=True,
                       capture_output=True)
        (self.folder / "tokens.csv").write_text('admin,admin,1,"system:masters"\nreader,reader,2,\n')
        if start:
            self.start()

    def start(self):
        self.start_etcd()
        self.start_api()

    def start_etcd(self):
        url = f"http://127.0.0.1:{self.etcd_port}"
        peer = f"http://127.0.0.1:{self.peer_port}"
        self.etcd = self._run("etcd", ["etcd", "--data-dir", str(self.folder / "etcd"), "--listen-client-urls", url,
                                       "--advertise-client-urls", url, "--listen-peer-urls", peer,
                                       "--initial-advertise-peer-urls", peer,
                                       "--initial-cluster", f"default={peer}", "--unsafe-no-fsync"])

    def start_api(self):
        key = self.folder / "sa.key"
        command = [str(self.binary), f"--etcd-servers=http://127.0.0.1:{self.etcd_port}", "--bind-address=127.0.0.1",
                   f"--secure-port={self.port}", f"--cert-dir={self.folder / 'pki'}",
                   "--service-account-issuer=https://kubernetes.default.svc",
                   f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
                   f"--token-auth-file={self.folder / 'tokens.csv'}", "--authorization-mode=RBAC",
                   "--service-cluster-ip-range=10.0.0.0/24", "--advertise-address=127.0.0.1",
                   "--endpoint-reconciler-type=none"]
        if self.webhook:
            command += [f"--authentication-token-webhook-config-file={self.webhook}",
                        "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=0s"]
        self.api = self._run("apiserver", command)
        self._wait()

    def kill_etcd(self):
        self._kill(self.etcd)
        self.etcd = None

    def kill_api(self):
        self._kill(self.api)
        self.api = None

    @staticmethod
    def _kill(process):
        if process is not None:
            process.kill()  # the folder goes with them, and a graceful end takes a minute
            process.wait(timeout=60)

    def _run(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def _wait(self):
        end = time.monotonic() + 180
        while time.monotonic() < end:
            if self.etcd.poll() is not None or self.api.poll() is not None:
                break
            try:
                status, _ = self.ask("GET", "/api/v1/namespaces/kube-system")
                if status == 200:
                    return
            except (OSError, urllib.error.URLError):
                pass
            time.sleep(0.2)
        log = (self.folder / "apiserver.log").read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError("kube-apiserver did not start: " + log)

    def compact(self):
        """Has etcd forget every version but the newest."""
        def post(path, body):
            request = urllib.request.Request(f"http://127.0.0.1:{self.etcd_port}{path}", data=json.dumps(body).encode())
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        revision = post("/v3/kv/range", {"key": "AA=="})["header"]["revision"]
        post("/v3/kv/compaction", {"revision": revision, "physical": True})

    def kubectl(self, *words, stdin=None, check=True):
        result = subprocess.run([kubectl_of(self.binary), "--kubeconfig", str(self.kubeconfig()), *words], input=stdin, text=True,
                                capture_output=True, timeout=120)
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result

    def apply(self, *objects):
        """Made, or changed with all of their fields."""
        for one in objects:
            self.kubectl("apply", "-f", "-", stdin=one if isinstance(one, str) else json.dumps(one))

    @property
    def authority(self):
        return self.folder / "pki" / "apiserver.crt"

    def ask(self, method, path, body=None, token="admin"):
        context = ssl.create_default_context(cafile=str(self.authority))
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {token}",
                                                  "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def put_map(self, data):
        self.ask("DELETE", f"{MAP}/aws-auth")
        body = {"metadata": {"name": "aws-auth", "annotations": {"keep": "me"}}, "data": data}
        status, answer = self.ask("POST", MAP, body)
        assert status == 201, answer

    def data(self):
        status, answer = self.ask("GET", f"{MAP}/aws-auth")
        assert status == 200, answer
        return answer["data"]

    def kubeconfig(self, user="{token: admin}"):
        file = self.folder / f"kubeconfig-{zlib.crc32(user.encode()):08x}"
        if file.exists():
            return file
        file.write_text(
            "current-context: one\ncontexts: [{name: one, context: {cluster: one, user: one}}]\n"
            f"clusters: [{{name: one, cluster: {{server: 'https://127.0.0.1:{self.port}', "
            f"certificate-authority: {self.authority}}}}}]\nusers: [{{name: one, user: {user}}}]\n")
        return file

    def stop(self):
        self.kill_api()
        self.kill_etcd()
