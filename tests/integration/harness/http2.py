"""A client of HTTP/2 on the `h2` package: many requests at once on one connection, and what the server says between."""

import socket

import h2.config
import h2.connection
import h2.events
import h2.settings


class Http2:
    """One connection to `server`, which has tls() and port. Blocking; every wait ends after a while."""

    def __init__(self, server, protocols=("h2",), host="localhost"):
        context = server.tls()
        context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        self.socket = context.wrap_socket(plain, server_hostname=host)
        self.protocol = self.socket.selected_alpn_protocol()
        self.authority = f"localhost:{server.port}" if host == "localhost" else host
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.h2.initiate_connection()
        self.answers = {}  # by stream: [status, body, complete]
        self.pings_answered = 0
        self.goaways = []
        self.last_streams = []  # of the GOAWAYs
        self.resets = {}
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def request(self, method, path, body=b"", headers=()):
        stream = self.h2.get_next_available_stream_id()
        fields = [(":method", method), (":scheme", "https"), (":authority", self.authority), (":path", path), *headers]
        self.h2.send_headers(stream, fields, end_stream=not body)
        if body:
            self.h2.send_data(stream, body, end_stream=True)
        self.answers[stream] = [None, b"", False]
        return stream

    def ping(self):
        self.h2.ping(b"liveness")

    def read(self):
        """Takes what comes next. False at the end of the connection."""
        self.flush()
        received = self.socket.recv(65536)
        for event in self.h2.receive_data(received) if received else ():
            if isinstance(event, h2.events.ResponseReceived):
                self.answers[event.stream_id][0] = int(dict(event.headers)[b":status"])
            elif isinstance(event, h2.events.DataReceived):
                self.answers[event.stream_id][1] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.answers[event.stream_id][2] = True
            elif isinstance(event, h2.events.StreamReset):
                self.resets[event.stream_id] = event.error_code
            elif isinstance(event, h2.events.PingAckReceived):
                self.pings_answered += 1
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.goaways.append(event.error_code)
                self.last_streams.append(event.last_stream_id)
        self.flush()
        return bool(received)

    def read_until(self, condition):
        while not condition():
            if not self.read():
                raise AssertionError("the connection ended")

    def answer(self, stream):
        """Status and body."""
        self.read_until(lambda: self.answers[stream][2])
        return tuple(self.answers[stream][:2])

    def close(self):
        self.socket.close()
