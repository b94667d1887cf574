"""A real kube-apiserver with its own etcd, on loopback, in a folder of its own."""

import json
import pathlib
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
import zlib

MAP = "/api/v1/namespaces/kube-system/configmaps"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class ApiServer:
    """Tokens: "admin" (system:masters), "reader" (may do nothing)."""

    def __init__(self, binary, folder):
        self.folder = pathlib.Path(folder)
        self.processes = []
        self.port, etcd, peer = free_ports(3)
        self._run("etcd", ["etcd", "--data-dir", str(self.folder / "etcd"),
                           "--listen-client-urls", f"http://127.0.0.1:{etcd}",
                           "--advertise-client-urls", f"http://127.0.0.1:{etcd}",
                           "--listen-peer-urls", f"http://127.0.0.1:{peer}"])
        key = self.folder / "sa.key"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        tokens = self.folder / "tokens.csv"
        tokens.write_text('admin,admin,1,"system:masters"\nreader,reader,2,\n')
        self._run("apiserver", [str(binary), f"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1",
                                f"--secure-port={self.port}", f"--cert-dir={self.folder / 'pki'}",
                                "--service-account-issuer=https://kubernetes.default.svc",
                                f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
                                f"--token-auth-file={tokens}", "--authorization-mode=RBAC",
                                "--service-cluster-ip-range=10.0.0.0/24", "--advertise-address=127.0.0.1",
                                "--endpoint-reconciler-type=none"])
        self._wait()

    def _run(self, name, command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder))

    def _wait(self):
        end = time.monotonic() + 180
        while time.monotonic() < end:
            if any(process.poll() is not None for process in self.processes):
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
        for process in reversed(self.processes):
            process.kill()  # the folder goes with them, and a graceful end takes a minute
        for process in self.processes:
            process.wait(timeout=60)
