"""A Kubernetes API server that has the ConfigMap kube-system/aws-auth and IAMIdentityMappings.

What the backends EKSConfigMap and CRD ask of it, no more: both can be listed and watched, an object's status can be
written, which watchers are told of, and events are taken and forgotten.
"""

import json
import threading
import urllib.parse

from tls_server import JsonHandler, TlsServer

CONFIG_MAPS = "/api/v1/namespaces/kube-system/configmaps"
GROUP = "iamauthenticator.k8s.aws/v1alpha1"
MAPPINGS = f"/apis/{GROUP}/iamidentitymappings"
LISTS = {CONFIG_MAPS: ("v1", "ConfigMapList"), MAPPINGS: (GROUP, "IAMIdentityMappingList")}
EVENT = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "default"}, "involvedObject": {}}


class _Store:
    """The objects of each kind, and every change in order, which watches read from where they began."""

    def __init__(self, config_map, mappings):
        self.changed = threading.Condition()
        self.version = 100
        self.ended = False
        self.objects = {CONFIG_MAPS: {}, MAPPINGS: {}}
        self.log = []  # (version, path of the kind, kind of change, object)
        data = {"metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": config_map}
        self.put(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", **data})
        for name, spec in mappings.items():
            head = {"apiVersion": GROUP, "kind": "IAMIdentityMapping", "metadata": {"name": name}}
            self.put(MAPPINGS, {**head, "spec": spec})

    def put(self, path, thing):
        with self.changed:
            self.version += 1
            name = thing["metadata"]["name"]
            known = self.objects[path].get(name)
            given = {"resourceVersion": str(self.version), "uid": f"uid-{name}", "generation": 1}
            made = {**thing, "metadata": {**thing["metadata"], **given}}
            self.objects[path][name] = made
            self.log.append((self.version, path, "MODIFIED" if known else "ADDED", made))
            self.changed.notify_all()
            return made

    def list(self, path):
        version, kind = LISTS[path]
        with self.changed:
            head = {"apiVersion": version, "kind": kind, "metadata": {"resourceVersion": str(self.version)}}
            return {**head, "items": list(self.objects[path].values())}

    def changes(self, path, since):
        """Those after the version `since`, as they come; without one the present objects are the first."""
        with self.changed:
            if since is None:
                yield from [("ADDED", each) for each in self.objects[path].values()]
                since = self.version
        at = 0
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.ended or len(self.log) > at)
                if self.ended:
                    return
                coming, at = self.log[at:], len(self.log)
            yield from [(change, thing) for version, of, change, thing in coming if of == path and version > since]

    def end(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()


class _Handler(JsonHandler):
    store = None

    def _refuse(self, code, reason):
        self.answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code})

    def do_GET(self):
        path, _, query = self.path.partition("?")
        asked = dict(urllib.parse.parse_qsl(query))
        if path not in LISTS:
            self._refuse(404, "NotFound")
        elif asked.get("watch") not in ("true", "1"):
            self.answer(200, self.store.list(path))
        elif asked.get("sendInitialEvents") == "true":
            self._refuse(422, "Invalid")  # as by a server without this feature, after which clients list
        else:
            self._watch(path, asked.get("resourceVersion"))

    def _watch(self, path, since):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for change, thing in self.store.changes(path, int(since) if since not in (None, "", "0") else None):
                line = json.dumps({"type": change, "object": thing}).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True  # the server under test has ended

    def _write_status(self, body, merge):
        path, _, name = self.path.partition("?")[0].removesuffix("/status").rpartition("/")
        known = self.store.objects.get(path, {}).get(name)
        version = body["metadata"].get("resourceVersion")
        if known is None or not self.path.partition("?")[0].endswith("/status"):
            self._refuse(404, "NotFound")
        elif version not in (None, known["metadata"]["resourceVersion"]):
            self._refuse(409, "Conflict")
        else:
            before = known.get("status", {})
            after = {**(before if merge else {}), **body.get("status", {})}
            # As in etcd: a write that changes nothing makes no version.
            self.answer(200, known if after == before else self.store.put(path, {**known, "status": after}))

    def do_PUT(self):
        self._write_status(json.loads(self.body()), merge=False)

    def do_PATCH(self):
        body = self.body()
        if "/events/" in self.path:
            self.answer(200, EVENT)
        else:
            self._write_status(json.loads(body), merge=True)

    def do_POST(self):
        self.body()
        self.answer(201, EVENT)


class FakeCluster:
    """`config_map`: data of aws-auth; `mappings`: {name: spec}."""

    def __init__(self, directory, config_map, mappings):
        self.store = _Store(config_map, mappings)
        self.server = TlsServer(directory, type("Handler", (_Handler,), {"store": self.store}))

    def kubeconfig(self):
        return self.server.kubeconfig({"u": "test"})

    def stop(self):
        self.store.end()
        self.server.stop()
