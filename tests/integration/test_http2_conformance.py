"""RFC 9113 on the webhook, frame by frame: what each kind of wrong frame is answered with. One case a rule; the number is
the RFC's section. After an error of a stream the connection goes on; after one of the connection there is a GOAWAY with
its code, and then the end."""

import os
import time

import pytest

from harness import keys
from harness.fake_sts import FakeSts
from harness.raw_http2 import (
    ACK,
    COMPRESSION_ERROR,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    ENHANCE_YOUR_CALM,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    GET,
    GOAWAY,
    HEADERS,
    NO_ERROR,
    PADDED,
    PING,
    POST,
    PREFACE,
    PRIORITY,
    PROTOCOL_ERROR,
    PUSH_PROMISE,
    REFUSED_STREAM,
    RST_STREAM,
    SETTINGS,
    STREAM_CLOSED,
    WINDOW_UPDATE,
    RawHttp2,
    block,
    data,
    frame,
    get,
    literal,
    ping,
    post,
    rst,
    settings,
    window_update,
)
from harness.server import Server

INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 4, 5
LARGEST_WINDOW = 2**31 - 1


@pytest.fixture(scope="module")
def server(arngate_bin, fake_sts_bin, tmp_path_factory):
    directory = tmp_path_factory.mktemp("conformance")
    fake_sts = FakeSts(fake_sts_bin, directory / "sts", keys.ALL)
    started = Server(arngate_bin, directory / "server", fake_sts)
    yield started
    assert started.stop() == 0
    fake_sts.stop()


@pytest.fixture
def connect(server):
    connections = []

    def make(**options):
        connections.append(RawHttp2(server, **options))
        return connections[-1]

    yield make
    for connection in connections:
        connection.close()


def split_block(stream, *pieces, flags=END_STREAM):
    """A header block in HEADERS and CONTINUATION frames."""
    frames = [frame(HEADERS, flags, stream, pieces[0])]
    frames += [frame(CONTINUATION, 0, stream, piece) for piece in pieces[1:-1]]
    return b"".join([*frames, frame(CONTINUATION, END_HEADERS, stream, pieces[-1])])


WHOLE = block(GET)

GOOD = {
    "4.1 a frame of an unknown type is passed over": frame(0xBB, 0xFF, 0, b"12345678") + get(1),
    "4.1 flags that a frame does not know are passed over": frame(PING, 0xF6, 0, b"\0" * 8) + get(1),
    "4.1 the reserved bit of a stream's number is passed over": frame(HEADERS, 5, 0x80000001, WHOLE),
    "4.2 a frame of 16,384 bytes": post(1) + data(1, b"{}" + b" " * 16382, END_STREAM),
    "4.3 a header block in pieces": split_block(1, WHOLE[:10], WHOLE[10:20], WHOLE[20:]),
    "5.1 PRIORITY on an idle stream": frame(PRIORITY, 0, 3, b"\0\0\0\0\x0f") + get(1),
    "5.1 PRIORITY on a closed stream": get(1) + rst(1) + frame(PRIORITY, 0, 1, b"\0\0\0\0\x0f") + get(3),
    "5.1.1 numbers of streams may be left out": get(1) + get(7) + get(23),
    "5.5 an unknown frame between two": get(1) + frame(0x7F, 0, 1, b"?") + get(3),
    "6.1 DATA with padding": post(1) + frame(DATA, END_STREAM | PADDED, 1, b"\x04{}" + b"\0" * 4),
    "6.2 HEADERS with padding": frame(HEADERS, END_STREAM | END_HEADERS | PADDED, 1, b"\x03" + WHOLE + b"\0" * 3),
    "6.2 HEADERS with a priority": frame(HEADERS, END_STREAM | END_HEADERS | 0x20, 1, b"\0\0\0\0\x0f" + WHOLE),
    "6.5 empty SETTINGS": settings() + get(1),
    "6.5.2 a setting that is not known is passed over": settings((0xFF, 1)) + get(1),
    "6.5.2 the largest values that may be": settings((INITIAL_WINDOW_SIZE, LARGEST_WINDOW), (MAX_FRAME_SIZE, 2**24 - 1))
    + get(1),
    "6.5.3 settings of one name are taken in their order": settings((INITIAL_WINDOW_SIZE, 0), (INITIAL_WINDOW_SIZE, 100))
    + get(1),
    "6.9 the window of a closed stream may be opened": get(1) + rst(1) + window_update(1, 1) + get(3),
    "6.9.1 the window of the connection may be opened to its end": window_update(0, LARGEST_WINDOW - 65535) + get(1),
    "8.1 trailers": post(1) + data(1, b"{}") + frame(HEADERS, END_STREAM | END_HEADERS, 1, literal("x-sum", "1")),
    "8.1 fields in their order": get(1, (*GET, ("accept", "*/*"), ("te", "trailers"))),
    "8.1.1 content-length that fits": post(1, (("content-length", "4"),)) + data(1, b"{}") + data(1, b"  ", END_STREAM),
    "8.2.3 cookies in pieces": get(1, (*GET, ("cookie", "a=b"), ("cookie", "c=d"))),
}

BAD_CONNECTIONS = {
    "4.2 DATA of more than 16,384 bytes": (post(1) + data(1, b" " * 16385), {FRAME_SIZE_ERROR}),
    "4.2 HEADERS of more than 16,384 bytes": (frame(HEADERS, 5, 1, b"\0" * 16385), {FRAME_SIZE_ERROR}),
    "4.2 a frame that claims 16 MB": (frame(SETTINGS, 0, 0, length=2**24 - 1), {FRAME_SIZE_ERROR}),
    "4.3 a header block that is not HPACK": (frame(HEADERS, 5, 1, b"\xff\xff\xff\xff\xff\xff"), {COMPRESSION_ERROR}),
    "4.3 an index of no table": (frame(HEADERS, 5, 1, b"\xbf"), {COMPRESSION_ERROR}),
    "4.3 index 0": (frame(HEADERS, 5, 1, b"\x80"), {COMPRESSION_ERROR}),
    "4.3 a table larger than allowed": (frame(HEADERS, 5, 1, b"\x3f\xe2\xff\x03" + WHOLE), {COMPRESSION_ERROR}),
    "4.3 a table's size after a field": (frame(HEADERS, 5, 1, WHOLE + b"\x20"), {COMPRESSION_ERROR}),
    "4.3 a block that ends in a field": (frame(HEADERS, 5, 1, WHOLE + b"\x00\x05abc"), {COMPRESSION_ERROR}),
    "4.3 Huffman code with padding of a byte": (
        frame(HEADERS, 5, 1, WHOLE + b"\x00\x01a\x82\x1f\xff"),
        {COMPRESSION_ERROR},
    ),
    "4.3 PRIORITY between the pieces of a block": (
        frame(HEADERS, 1, 1, WHOLE[:9]) + frame(PRIORITY, 0, 1, b"\0\0\0\0\x0f"),
        {PROTOCOL_ERROR},
    ),
    "4.3 PING between the pieces of a block": (frame(HEADERS, 1, 1, WHOLE[:9]) + ping(), {PROTOCOL_ERROR}),
    "4.3 HEADERS of another stream between the pieces": (frame(HEADERS, 1, 1, WHOLE) + get(3), {PROTOCOL_ERROR}),
    "4.3 CONTINUATION of another stream": (
        frame(HEADERS, 1, 1, WHOLE) + frame(CONTINUATION, END_HEADERS, 3, b""),
        {PROTOCOL_ERROR},
    ),
    "5.1 DATA on an idle stream": (data(1, b"x", END_STREAM), {PROTOCOL_ERROR}),
    "5.1 RST_STREAM on an idle stream": (rst(1), {PROTOCOL_ERROR}),
    "5.1 WINDOW_UPDATE on an idle stream": (window_update(1, 100), {PROTOCOL_ERROR}),
    "5.1 CONTINUATION on an idle stream": (frame(CONTINUATION, END_HEADERS, 1, WHOLE), {PROTOCOL_ERROR}),
    "5.1 DATA after the end of a request": (get(1) + data(1, b"x"), {STREAM_CLOSED}),
    "5.1 HEADERS after the end of a request": (get(1) + get(1), {STREAM_CLOSED, PROTOCOL_ERROR}),
    "5.1 CONTINUATION after the end of a request": (
        get(1) + frame(CONTINUATION, END_HEADERS, 1, WHOLE),
        {PROTOCOL_ERROR, STREAM_CLOSED},
    ),
    "5.1.1 a stream of an even number": (get(2), {PROTOCOL_ERROR}),
    "5.5 an unknown frame between the pieces of a block": (
        frame(HEADERS, 1, 1, WHOLE) + frame(0x7F, 0, 0, b"?") + frame(CONTINUATION, END_HEADERS, 1, b""),
        {PROTOCOL_ERROR},
    ),
    "6.1 DATA on stream 0": (data(0, b"x"), {PROTOCOL_ERROR}),
    "6.1 more padding than frame": (post(1) + frame(DATA, END_STREAM | PADDED, 1, b"\x05{}"), {PROTOCOL_ERROR}),
    "6.2 HEADERS on stream 0": (get(0), {PROTOCOL_ERROR}),
    "6.2 more padding than frame": (
        frame(HEADERS, END_STREAM | END_HEADERS | PADDED, 1, b"\xff" + WHOLE),
        {PROTOCOL_ERROR},
    ),
    "6.3 PRIORITY on stream 0": (frame(PRIORITY, 0, 0, b"\0\0\0\0\x0f"), {PROTOCOL_ERROR}),
    "6.4 RST_STREAM on stream 0": (rst(0), {PROTOCOL_ERROR}),
    "6.4 RST_STREAM of 3 bytes": (post(1) + frame(RST_STREAM, 0, 1, b"\0\0\0"), {FRAME_SIZE_ERROR}),
    "6.4 RST_STREAM of 5 bytes": (post(1) + frame(RST_STREAM, 0, 1, b"\0" * 5), {FRAME_SIZE_ERROR}),
    "6.5 an acknowledgement with settings": (frame(SETTINGS, ACK, 0, b"\0" * 6), {FRAME_SIZE_ERROR}),
    "6.5 SETTINGS on a stream": (frame(SETTINGS, 0, 1, b""), {PROTOCOL_ERROR}),
    "6.5 SETTINGS of 5 bytes": (frame(SETTINGS, 0, 0, b"\0" * 5), {FRAME_SIZE_ERROR}),
    "6.5.2 ENABLE_PUSH 2": (settings((2, 2)), {PROTOCOL_ERROR}),
    "6.5.2 INITIAL_WINDOW_SIZE one past the largest": (settings((4, 2**31)), {FLOW_CONTROL_ERROR}),
    "6.5.2 MAX_FRAME_SIZE one below the least": (settings((5, 2**14 - 1)), {PROTOCOL_ERROR}),
    "6.5.2 MAX_FRAME_SIZE one past the largest": (settings((5, 2**24)), {PROTOCOL_ERROR}),
    "6.6 PUSH_PROMISE of a client": (
        frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\x02" + WHOLE),
        {PROTOCOL_ERROR},
    ),
    "6.7 PING on a stream": (frame(PING, 0, 1, b"\0" * 8), {PROTOCOL_ERROR}),
    "6.7 PING of 6 bytes": (frame(PING, 0, 0, b"\0" * 6), {FRAME_SIZE_ERROR}),
    "6.8 GOAWAY on a stream": (frame(GOAWAY, 0, 1, b"\0" * 8), {PROTOCOL_ERROR}),
    "6.8 GOAWAY of 7 bytes": (frame(GOAWAY, 0, 0, b"\0" * 7), {FRAME_SIZE_ERROR}),
    "6.9 WINDOW_UPDATE of 3 bytes": (frame(WINDOW_UPDATE, 0, 0, b"\0\0\x01"), {FRAME_SIZE_ERROR}),
    "6.9 WINDOW_UPDATE of nothing on the connection": (window_update(0, 0), {PROTOCOL_ERROR}),
    "6.9.1 a window of the connection past the largest": (window_update(0, LARGEST_WINDOW), {FLOW_CONTROL_ERROR}),
    "6.9.2 a setting that makes the window of a stream too large": (
        post(1) + window_update(1, LARGEST_WINDOW - 65535) + settings((INITIAL_WINDOW_SIZE, LARGEST_WINDOW)),
        {FLOW_CONTROL_ERROR},
    ),
    "6.10 CONTINUATION on stream 0": (frame(HEADERS, 1, 1, WHOLE) + frame(CONTINUATION, 4, 0, b""), {PROTOCOL_ERROR}),
    "6.10 CONTINUATION after a whole block": (
        post(1) + frame(CONTINUATION, END_HEADERS, 1, literal("a", "b")),
        {PROTOCOL_ERROR},
    ),
    "6.10 CONTINUATION after DATA": (
        post(1) + data(1, b"x") + frame(CONTINUATION, END_HEADERS, 1, literal("a", "b")),
        {PROTOCOL_ERROR},
    ),
}

MALFORMED = {
    "8.1 a second header block that is not the end": post(1)
    + frame(HEADERS, END_HEADERS, 1, literal("x-sum", "1"))
    + data(1, b"", END_STREAM),
    "8.1 a pseudo-header in trailers": post(1) + frame(HEADERS, 5, 1, literal(":path", "/")),
    "8.1.1 content-length larger than the body": post(1, (("content-length", "5"),)) + data(1, b"{}", END_STREAM),
    "8.1.1 content-length smaller than the body": post(1, (("content-length", "1"),)) + data(1, b"{}", END_STREAM),
    "8.1.1 content-length smaller than two pieces": post(1, (("content-length", "3"),))
    + data(1, b"{}")
    + data(1, b"{}", END_STREAM),
    "8.1.1 content-length without a body": get(1, (*POST, ("content-length", "2"))),
    "8.1.1 two content-lengths": post(1, (("content-length", "2"), ("content-length", "3"))) + data(1, b"{}", END_STREAM),
    "8.1.1 content-length that is no number": post(1, (("content-length", "+2"),)) + data(1, b"{}", END_STREAM),
    "8.2.1 an upper-case name": get(1, (*GET, ("X-Name", "1"))),
    "8.2.1 a blank in a name": get(1, (*GET, ("x name", "1"))),
    "8.2.1 a colon in a name": get(1, (*GET, ("x:name", "1"))),
    "8.2.1 a control character in a name": get(1, (*GET, (b"x\x7f", "1"))),
    "8.2.1 an empty name": get(1, (*GET, ("", "1"))),
    "8.2.1 a line feed in a value": get(1, (*GET, ("x", "a\nb"))),
    "8.2.1 a carriage return in a value": get(1, (*GET, ("x", "a\rb"))),
    "8.2.1 a NUL in a value": get(1, (*GET, ("x", b"a\0b"))),
    "8.2.2 connection": get(1, (*GET, ("connection", "close"))),
    "8.2.2 proxy-connection": get(1, (*GET, ("proxy-connection", "keep-alive"))),
    "8.2.2 keep-alive": get(1, (*GET, ("keep-alive", "timeout=5"))),
    "8.2.2 transfer-encoding": post(1, (("transfer-encoding", "chunked"),)) + data(1, b"{}", END_STREAM),
    "8.2.2 upgrade": get(1, (*GET, ("upgrade", "h2c"))),
    "8.2.2 te of anything but trailers": get(1, (*GET, ("te", "gzip"))),
    "8.3 a pseudo-header that is not known": get(1, (*GET, (":test", "x"))),
    "8.3 a pseudo-header of answers": get(1, (*GET, (":status", "200"))),
    "8.3 a pseudo-header after others": get(1, (*GET[:3], ("accept", "*/*"), GET[3])),
    "8.3 a pseudo-header twice": get(1, (*GET, (":path", "/healthz"))),
    "8.3.1 no :method": get(1, GET[1:]),
    "8.3.1 no :scheme": get(1, (GET[0], *GET[2:])),
    "8.3.1 no :path": get(1, GET[:3]),
    "8.3.1 an empty :path": get(1, (*GET[:3], (":path", ""))),
    "8.3.1 a :path that does not begin with /": get(1, (*GET[:3], (":path", "healthz"))),
    "8.3.1 a :method that is none": get(1, ((":method", "GE T"), *GET[1:])),
    "8.3.1 neither :authority nor host": get(1, (*GET[:2], GET[3])),
    "8.3.1 an :authority with a user": get(1, (*GET[:2], (":authority", "me@localhost"), GET[3])),
    "8.5 CONNECT with a path": get(1, ((":method", "CONNECT"), *GET[1:])),
}

BAD_STREAMS = {
    "6.3 PRIORITY of 4 bytes": (post(1) + frame(PRIORITY, 0, 1, b"\0" * 4), FRAME_SIZE_ERROR),
    "6.9 WINDOW_UPDATE of nothing on a stream": (post(1) + window_update(1, 0), PROTOCOL_ERROR),
    "6.9.1 a window past the largest": (post(1) + window_update(1, LARGEST_WINDOW), FLOW_CONTROL_ERROR),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_allowed(connect, name):
    connection = connect()
    connection.send(GOOD[name])
    seen = connection.settle()
    assert connection.read_until(lambda seen: seen.ended), seen
    assert set(seen.statuses.values()) <= {200, 400}
    assert (seen.goaways, seen.resets, seen.closed) == ([], {}, False)


@pytest.mark.parametrize("name", BAD_CONNECTIONS)
def test_what_ends_the_connection(connect, name):
    frames, errors = BAD_CONNECTIONS[name]
    connection = connect()
    connection.send(frames)
    seen = connection.settle()
    assert seen.closed
    assert len(seen.goaways) == 1
    assert seen.goaways[0] in errors


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_ends_its_stream(connect, name):
    connection = connect()
    connection.send(MALFORMED[name])
    connection.settle()
    assert connection.read_until(lambda seen: 1 in seen.resets or 1 in seen.ended)
    seen = connection.seen
    assert seen.resets.get(1, PROTOCOL_ERROR) in {PROTOCOL_ERROR, NO_ERROR}
    assert seen.statuses.get(1, 400) == 400
    connection.send(get(3))
    assert connection.read_until(lambda seen: 3 in seen.ended)
    assert seen.statuses[3] == 200
    assert seen.goaways == []


@pytest.mark.parametrize("name", BAD_STREAMS)
def test_what_ends_a_stream(connect, name):
    frames, error = BAD_STREAMS[name]
    connection = connect()
    connection.send(frames)
    seen = connection.settle()
    if seen.closed:  # an error of a stream may be taken for one of the connection (section 5.4.1)
        assert seen.goaways == [error]
        return
    assert seen.resets == {1: error}
    connection.send(get(3))
    assert connection.read_until(lambda seen: 3 in seen.ended)
    assert seen.statuses[3] == 200


@pytest.mark.parametrize(
    "bytes_sent", [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", PREFACE[:-1] + b"x", b"\0" * 24, PREFACE + get(1)]
)
def test_3_4_a_wrong_preface_ends_the_connection(connect, bytes_sent):
    connection = connect(preface=b"")
    connection.send(bytes_sent)
    assert connection.read_until(lambda seen: seen.closed)
    assert connection.seen.statuses == {}
    assert set(connection.seen.goaways) <= {PROTOCOL_ERROR}


def test_6_5_settings_are_said_first_and_acknowledged(connect):
    connection = connect()
    connection.send(settings((INITIAL_WINDOW_SIZE, 1000)))
    seen = connection.settle()
    assert seen.acknowledged_settings == 2
    assert seen.settings[3] == 250  # SETTINGS_MAX_CONCURRENT_STREAMS
    assert seen.settings[6] == 16384  # SETTINGS_MAX_HEADER_LIST_SIZE


def test_6_7_pings_come_back_as_they_were_and_answers_to_none_do_not(connect):
    connection = connect()
    connection.send(ping(b"\x01\x02\x03\x04\xfd\xfe\xff\x00"), ping(b"answered", ACK))
    assert connection.settle().pongs == [b"\x01\x02\x03\x04\xfd\xfe\xff\x00", b"barrier!"]


def test_6_9_an_answer_waits_for_its_window(connect):
    connection = connect(first=[(INITIAL_WINDOW_SIZE, 0)])
    connection.send(get(1))
    seen = connection.settle()
    assert connection.read_until(lambda seen: seen.statuses.get(1) == 200)
    assert seen.bodies == {}
    connection.send(window_update(1, 1))
    assert connection.read_until(lambda seen: seen.bodies.get(1) == b"o")
    connection.send(settings((INITIAL_WINDOW_SIZE, 1)))
    assert connection.read_until(lambda seen: seen.bodies.get(1) == b"ok" and seen.ended == [1])


def test_6_9_2_a_window_may_become_negative(connect):
    connection = connect(first=[(INITIAL_WINDOW_SIZE, 1)])
    connection.send(get(1))
    assert connection.read_until(lambda seen: seen.bodies.get(1) == b"o")
    connection.send(settings((INITIAL_WINDOW_SIZE, 0)), window_update(1, 1))
    connection.settle()
    assert connection.seen.bodies[1] == b"o"
    connection.send(window_update(1, 1))
    assert connection.read_until(lambda seen: seen.bodies.get(1) == b"ok")


def test_6_9_1_more_than_the_window_of_a_stream(connect):
    connection = connect()
    connection.settle()
    window = connection.seen.settings.get(INITIAL_WINDOW_SIZE, 65535)
    connection.send(post(1), *(data(1, b" " * 16384) for _ in range(window // 16384 + 1)))
    seen = connection.settle()
    assert seen.closed or 1 in seen.resets or seen.statuses.get(1) == 413


def test_5_1_2_as_many_streams_as_may_be_and_one_more(connect):
    connection = connect(first=[(INITIAL_WINDOW_SIZE, 0)])  # an answer that waits keeps its stream open
    connection.settle()
    connection.send(*(get(1 + 2 * i) for i in range(250)))
    seen = connection.settle()
    assert connection.read_until(lambda seen: len(seen.statuses) == 250)
    assert seen.resets == {}
    connection.send(get(501))
    seen = connection.settle()
    assert not seen.closed, "one stream too many must not cost the other 250"
    assert seen.resets == {501: REFUSED_STREAM}
    connection.send(settings((INITIAL_WINDOW_SIZE, 65535)))
    assert connection.read_until(lambda seen: len(seen.ended) == 250)
    connection.send(get(503))
    assert connection.read_until(lambda seen: 503 in seen.ended)
    assert seen.statuses[503] == 200


def limit(server, name):
    return server.metric("arngate_http_limit_total", limit=name)


FLOODS = {
    "requests that are reset at once": ("stream_resets", b"".join(get(1 + 2 * i) + rst(1 + 2 * i) for i in range(800))),
    "requests that make the server reset": (
        "stream_resets",
        b"".join(get(1 + 2 * i, (*GET, ("X", "1"))) for i in range(800)),
    ),
    "streams beyond the limit": ("stream_resets", b"".join(post(1 + 2 * i) for i in range(800))),
    "empty DATA": ("control_frames", post(1) + data(1) * 3000),
    "DATA of nothing but padding": ("control_frames", post(1) + frame(DATA, PADDED, 1, b"\x05" + b"\0" * 5) * 3000),
    "PING": ("control_frames", ping(b"\0" * 8) * 3000),
    "answers to PING": ("control_frames", ping(b"\0" * 8, ACK) * 3000),
    "SETTINGS": ("control_frames", settings((INITIAL_WINDOW_SIZE, 65535)) * 3000),
    "PRIORITY": ("control_frames", frame(PRIORITY, 0, 1, b"\0\0\0\0\x0f") * 3000),
    "frames of an unknown type": ("control_frames", frame(0xBB, 0, 0, b"") * 3000),
    "WINDOW_UPDATE": ("control_frames", window_update(0, 1) * 3000),
}


@pytest.mark.parametrize("name", FLOODS)
def test_floods_end_their_connection_and_no_other(server, connect, name):
    counter, frames = FLOODS[name]
    other = connect()
    before = limit(server, counter)
    connection = connect()
    connection.send(frames)
    assert connection.read_until(lambda seen: seen.closed)
    assert connection.seen.goaways == [ENHANCE_YOUR_CALM]
    assert limit(server, counter) == before + 1
    other.send(get(1))
    assert other.read_until(lambda seen: seen.ended)
    assert other.seen.statuses == {1: 200}


@pytest.mark.parametrize("piece", [b"", literal("x", "y" * 100)])
def test_a_header_block_without_an_end(server, connect, piece):
    other = connect()
    connection = connect()
    connection.send(frame(HEADERS, END_STREAM, 1, WHOLE), frame(CONTINUATION, 0, 1, piece) * 20000)
    assert connection.read_until(lambda seen: seen.closed)
    assert connection.seen.statuses == {}
    other.send(get(1))
    assert other.read_until(lambda seen: seen.ended)


METRICS = (*GET[:3], (":path", "/metrics"))


def test_a_client_that_reads_nothing_is_given_a_bounded_number_of_answers(server, connect):
    before = limit(server, "pipelined_bytes")
    rss = server.rss_kib()
    slow = connect(first=[(INITIAL_WINDOW_SIZE, 0)])
    slow.send(*(get(1 + 2 * i, METRICS) for i in range(250)))
    # The page is written in the background.
    deadline = time.monotonic() + 30
    while limit(server, "pipelined_bytes") == before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert limit(server, "pipelined_bytes") == before + 1
    slow.settle()
    assert 1 <= len(slow.seen.statuses) < 50
    other = connect()
    other.send(get(1))
    assert other.read_until(lambda seen: seen.ended)
    assert server.rss_kib() - rss < 8192
    slow.send(settings((INITIAL_WINDOW_SIZE, 2**20)), window_update(0, 2**30))
    assert slow.read_until(lambda seen: len(seen.ended) == 250)
    assert set(slow.seen.statuses.values()) == {200}


def test_ten_thousand_streams_leave_nothing_behind_and_starve_nobody(server, connect):
    busy = connect(first=[(INITIAL_WINDOW_SIZE, 2**20)])
    busy.settle()
    other = connect()
    other.settle()

    def batch(number):
        first = 1 + 500 * number
        busy.send(*(get(first + 2 * i) for i in range(250)))
        other.send(get(1 + 2 * number))
        assert other.read_until(lambda seen: len(seen.ended) == number + 1)
        assert busy.read_until(lambda seen: len(seen.ended) == 250 * (number + 1))

    for number in range(4):
        batch(number)
    rss = server.rss_kib()
    for number in range(4, 40):
        batch(number)
    # A sanitizer keeps what was freed, to catch who still uses it.
    if not os.environ.get("ARNGATE_SANITIZE"):
        assert server.rss_kib() - rss < 2048
    assert set(busy.seen.statuses.values()) == {200}
    assert (busy.seen.goaways, busy.seen.resets) == ([], {})


def test_a_ping_is_answered_before_the_requests_that_came_with_it(connect):
    connection = connect(first=[(INITIAL_WINDOW_SIZE, 2**20)])
    connection.settle()
    connection.send(window_update(0, 2**30), *(get(1 + 2 * i, METRICS) for i in range(250)), ping(b"at once!"))
    assert connection.read_until(lambda seen: b"at once!" in seen.pongs)
    assert len(connection.seen.ended) < 250
    assert connection.read_until(lambda seen: len(seen.ended) == 250)
