"""HTTP/2 frame by frame, right or wrong: what a client library would not send. Frames and HPACK by hand (RFC 9113, RFC
7541); the `hpack` package reads the answers' headers."""

import socket
import struct
from dataclasses import dataclass, field

import hpack

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 0x1, 0x1, 0x4, 0x8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = 0, 1, 2, 3
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = 5, 6, 7, 8, 9
ENHANCE_YOUR_CALM = 11

BARRIER = b"barrier!"


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """`length` claims another one than the payload has."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A field as HPACK's literal without indexing, in plain text. So no field depends on one before."""

    def text(content):
        content = content if isinstance(content, bytes) else content.encode()
        assert len(content) < 127 + 128
        if len(content) < 127:
            return bytes([len(content)]) + content
        return bytes([127, len(content) - 127]) + content

    return b"\x00" + text(name) + text(value)


def block(fields):
    return b"".join(literal(name, value) for name, value in fields)


GET = ((":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/healthz"))
POST = ((":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", "/authenticate"))


def get(stream, fields=GET, flags=END_STREAM | END_HEADERS):
    return frame(HEADERS, flags, stream, block(fields))


def post(stream, extra=()):
    """The beginning of a POST; its body is to follow."""
    return frame(HEADERS, END_HEADERS, stream, block((*POST, *extra)))


def data(stream, payload=b"", flags=0):
    return frame(DATA, flags, stream, payload)


def rst(stream, error=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", error))


def settings(*entries):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", name, value) for name, value in entries))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def ping(payload=BARRIER, flags=0):
    return frame(PING, flags, 0, payload)


@dataclass
class Seen:
    """What a server has said so far."""

    statuses: dict = field(default_factory=dict)  # by stream
    bodies: dict = field(default_factory=dict)
    ended: list = field(default_factory=list)  # streams, in the order of their ends
    resets: dict = field(default_factory=dict)  # error by stream
    goaways: list = field(default_factory=list)  # errors
    pongs: list = field(default_factory=list)  # payloads
    settings: dict = field(default_factory=dict)
    acknowledged_settings: int = 0
    closed: bool = False


class RawHttp2:
    """One connection to `server`, which has tls() and port. Blocking; every wait ends after a while."""

    def __init__(self, server, preface=PREFACE, first=(), acknowledge=True):
        context = server.tls()
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.seen = Seen()
        self.acknowledge = acknowledge
        self._received = b""
        self._decoder = hpack.Decoder()
        if preface:
            self.send(preface + settings(*first))

    def send(self, *frames):
        """A server that ends the connection may have done so before it has read all."""
        try:
            self.socket.sendall(b"".join(frames))
        except OSError:
            pass

    def read(self):
        """Takes what comes next."""
        try:
            received = self.socket.recv(65536)
        except TimeoutError:
            raise
        except OSError:
            received = b""
        if not received:
            self.seen.closed = True
            return
        self._received += received
        while len(self._received) >= 9:
            length = int.from_bytes(self._received[:3], "big")
            if len(self._received) < 9 + length:
                return
            kind, flags, stream = struct.unpack(">BBI", self._received[3:9])
            payload = self._received[9 : 9 + length]
            self._received = self._received[9 + length :]
            self._take(kind, flags, stream, payload)

    def _take(self, kind, flags, stream, payload):
        seen = self.seen
        if kind == HEADERS:
            fields = dict(self._decoder.decode(payload))
            if fields.get(":status") != "100":
                seen.statuses[stream] = int(fields[":status"])
        elif kind == DATA:
            seen.bodies[stream] = seen.bodies.get(stream, b"") + payload
        elif kind == RST_STREAM:
            seen.resets[stream] = int.from_bytes(payload, "big")
        elif kind == GOAWAY:
            seen.goaways.append(int.from_bytes(payload[4:8], "big"))
        elif kind == PING and flags & ACK:
            seen.pongs.append(payload)
        elif kind == SETTINGS and flags & ACK:
            seen.acknowledged_settings += 1
        elif kind == SETTINGS:
            seen.settings.update(struct.unpack(">HI", payload[i : i + 6]) for i in range(0, len(payload), 6))
            if self.acknowledge:
                self.send(frame(SETTINGS, ACK))
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            seen.ended.append(stream)

    def read_until(self, condition):
        """Until the condition holds or the connection ends; whether it holds."""
        while not condition(self.seen):
            if self.seen.closed:
                return False
            self.read()
        return True

    def settle(self):
        """Until everything sent so far has been looked at: a PING comes back, or the connection ends."""
        before = self.seen.pongs.count(BARRIER)
        self.send(ping())
        self.read_until(lambda seen: seen.pongs.count(BARRIER) > before)
        return self.seen

    def close(self):
        self.socket.close()
