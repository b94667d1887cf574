"""A Kubernetes API server that has one ConfigMap, kube-system/aws-auth, over TLS on loopback."""

import copy
import json

from tls_server import JsonHandler, TlsServer

PATH = "/api/v1/namespaces/kube-system/configmaps/aws-auth"
PROTOBUF = b"k8s\0"  # in front of a runtime.Unknown (k8s.io/apimachinery, runtime/generated.proto)


def _fields(message):
    """(number, bytes) of each length-delimited field (protobuf.dev, encoding)."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        length = varint()
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + length]
            at += length
        elif tag & 7 != 0:
            raise ValueError("a field of a type that no ConfigMap has")


def _written_data(body):
    """`data` of the ConfigMap in the body of an update, in either of the forms that clients write."""
    if not body.startswith(PROTOBUF):
        return json.loads(body).get("data") or {}
    config_map = dict(_fields(body[len(PROTOBUF) :]))[2]
    pairs = [dict(_fields(entry)) for number, entry in _fields(config_map) if number == 2]
    return {pair[1].decode(): pair.get(2, b"").decode() for pair in pairs}


class FakeApi:
    """Keeps the map. `refusals`: for each coming update the status that refuses it, the first first."""

    def __init__(self, directory):
        self.reset(None)
        api = self

        class Handler(JsonHandler):
            def do_GET(self):
                self.answer(*api.read(self.path, self.headers["Authorization"]))

            def do_PUT(self):
                self.answer(*api.update(self.path, self.headers["Authorization"], self.body()))

        self.server = TlsServer(directory, Handler)

    def reset(self, data, refusals=()):
        """`data`: of the map; None: there is no map."""
        self.data = copy.copy(data)
        self.refusals = list(refusals)
        self.version = 1
        self.updates = 0

    def _object(self):
        metadata = {"name": "aws-auth", "namespace": "kube-system", "resourceVersion": str(self.version)}
        metadata |= {"uid": "11111111-2222-3333-4444-555555555555", "annotations": {"keep": "me"}}
        return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": self.data}

    @staticmethod
    def _status(code, reason, message):
        details = {"name": "aws-auth", "kind": "configmaps"}
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
        return code, {**status, "reason": reason, "details": details, "code": code}

    def _refused(self, path, authorization):
        if authorization != "Bearer test":
            return self._status(401, "Unauthorized", "Unauthorized")
        if path != PATH or self.data is None:
            return self._status(404, "NotFound", 'configmaps "aws-auth" not found')
        return None

    def read(self, path, authorization):
        return self._refused(path, authorization) or (200, self._object())

    def update(self, path, authorization, body):
        refused = self._refused(path, authorization)
        if refused:
            return refused
        if self.refusals:
            code = self.refusals.pop(0)
            self.version += 1
            reason = {409: "Conflict", 403: "Forbidden"}[code]
            return self._status(code, reason, f'configmaps "aws-auth" is refused: {reason}')
        self.data = _written_data(body)
        self.version += 1
        self.updates += 1
        return 200, self._object()

    def kubeconfig(self, token="test"):
        return self.server.kubeconfig({"u": token, "nobody": "other"})

    def stop(self):
        self.server.stop()
