"""What a client may say on a guest's WebSocket, and what becomes of the others."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ringfence.model.guest_link import SUBPROTOCOL, WINDOW
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.framing import frame_buffers
from tests.attacks.canaries import descendants, wait_until
from tests.server.guests.wire import LIMITS, WISH, wire
from tests.server.process import ServiceProcess


def request(code: str) -> bytes:
    """The bytes of a turn that runs code, as a host sends it."""
    packed = codec.encode([code, None, None, None], limit=1 << 30)
    header = {"type": "run", "turn": 1}
    return b"".join(map(bytes, frame_buffers(header, packed.body, packed.blob, packed.blob_size)))


def test_the_service_speaks_first_and_says_what_its_guests_can(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        assert client.socket.subprotocol == SUBPROTOCOL
        kind, told = client.hear()
    assert kind == "hello"
    assert told["engine"] == "native"
    assert told["walls"] == [["landlock", "namespaces", "seccomp"]]
    assert (told["packages"], told["threads"], told["deterministic"]) == (True, True, False)
    assert {"memory", "threads", "disk", "files", "cpu"} <= set(told["limits"])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("no JSON", "no JSON (JSONDecodeError)"),
        ("[]", "type: none of ringfence.guest.v1"),
        ('{"type": "read", "path": "/etc"}', "type: none of ringfence.guest.v1"),
        ('{"type": "hello"}', "hello: other fields than"),
        ('{"type": "pause"}', "pause where it is none"),
        (json.dumps({"type": "start", "limits": LIMITS}), "start where it is none"),
        (json.dumps({"type": "open", **WISH, "read": ["/etc"]}), "open: other fields than"),
        (json.dumps({"type": "open", **WISH, "walls": "namespaces"}), "open.walls: not what it"),
        (json.dumps({"type": "open", **WISH, "limits": {"memory": 1}}), "limits: other names than"),
        (json.dumps({"type": "open", **WISH, "limits": {**LIMITS, "x": 1}}), "limits: other names"),
        ('{"type": "pause", "type": "pause"}', "an object that has a name twice"),
        ("[" * 100_000, "JSON of too many parts"),
    ],
)
def test_what_is_no_order_ends_the_connection(
    lender: ServiceProcess, said: str, reason: str
) -> None:
    with wire(lender.url) as client:
        client.socket.send(said)
        code, told = client.end()
    assert code == 1008
    assert told.startswith(f"the client broke the protocol: {reason}"[:100])


def test_bytes_before_there_is_a_guest_end_the_connection(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.socket.send(b"bytes")
        assert client.end() == (
            1008,
            "the client broke the protocol: bytes where there is no guest",
        )


@pytest.mark.parametrize(
    ("wish", "error", "detail"),
    [
        (
            {"packages": ["pandas"]},
            "PackageNotAvailable",
            "packages='pandas' is none of those that this service lends: numpy; an operator installs "
            "it and names it in RINGFENCE_PACKAGES",
        ),
        (
            {"limits": {**LIMITS, "memory": 1 << 40}},
            "PolicyNotEnforceable",
            "memory=1.09951e+12 is more than the operator of this service allows: 2.68435e+08",
        ),
        (
            {"limits": {**LIMITS, "threads": 9}},
            "PolicyNotEnforceable",
            "threads=9 is more than the operator of this service allows: 8",
        ),
        (
            {"walls": [["seccomp"]]},
            "PolicyNotEnforceable",
            "none of the accepted sets of walls stands here",
        ),
        (
            {"deterministic": True},
            "PolicyNotEnforceable",
            "deterministic=True cannot be enforced",
        ),
        ({"limits": {**LIMITS, "memory": 10}}, "ConfigurationError", "memory=10 must be from"),
        ({"limits": {**LIMITS, "memory": 1e7}}, "ConfigurationError", "memory=10000000.0 is not"),
    ],
)  # fmt: skip
def test_a_wish_only_narrows_what_the_operator_decided(
    lender: ServiceProcess, wish: dict[str, Any], error: str, detail: str
) -> None:
    with wire(lender.url) as client:
        assert client.hear()[0] == "hello"
        client.say("open", **{**WISH, **wish})
        kind, told = client.hear()
        assert (kind, told["error"]) == ("refused", error)
        assert told["detail"].startswith(detail)
        client.say("open", **WISH)  # one that is refused may ask for less
        assert client.hear()[0] == "image"


def test_an_engine_that_the_operator_does_not_name_is_a_problem(lender: ServiceProcess) -> None:
    with pytest.raises(InvalidStatus) as refused, wire(lender.url, engine="wasi"):
        pass
    answer = refused.value.response
    assert answer.status_code == 422
    assert json.loads(answer.body)["type"] == "urn:ringfence:problem:not-allowed"
    assert json.loads(answer.body)["errors"] == [
        {"field": "query:engine", "expected": "one of native", "got": "'wasi'"}
    ]


def test_a_client_that_takes_nothing_is_sent_a_window_and_no_more(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.begin()
        client.socket.send(request("while True: print('x' * 10_000)"))
        got = 0
        while got < WINDOW:
            kind, told = client.hear()
            got += len(told) if kind == "bytes" else 0
        client.say("measure")
        assert client.hear()[0] == "usage"  # orders pass, and what was printed has to wait
        client.say("credit", bytes=1_000)
        kind, told = client.hear_any("bytes", "exit")
    assert (got, kind, len(told)) == (WINDOW, "bytes", 1_000)


@pytest.mark.parametrize(
    ("orders", "reason"),
    [
        ([{"type": "credit", "bytes": 1}], "more credit than bytes were sent"),
        ([{"type": "fuel", "budget": 1}], "fuel where it is none"),
        ([{"type": "start", "limits": LIMITS}], "start where it is none"),
        ([{"type": "exit", "kind": "", "message": "", "limit": None, "cpu": None, "memory": None}], "exit where it is none"),
        ([{"type": "measure"}] * 3_000, "more orders than a client needs"),
    ],
)  # fmt: skip
def test_orders_that_nobody_gives_end_the_guest(
    lender: ServiceProcess, orders: list[dict[str, Any]], reason: str
) -> None:
    with wire(lender.url) as client:
        client.begin()
        with contextlib.suppress(ConnectionClosed):  # it need not hear the last of them
            for order in orders:
                client.socket.send(json.dumps(order))
        assert client.end() == (1008, f"the client broke the protocol: {reason}")


def test_more_bytes_than_were_granted_end_the_guest(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.begin()
        client.say("pause")  # it takes nothing now, so that nothing is granted
        for _ in range(12):
            client.socket.send(b"x" * (WINDOW // 8))
        assert client.end() == (
            1008,
            "the client broke the protocol: more bytes than were granted",
        )


@pytest.mark.parametrize("code", ["while True: pass", "import time\ntime.sleep(1000)"])
def test_the_guest_of_a_client_that_is_gone_ends(lender: ServiceProcess, code: str) -> None:
    before = descendants(lender.process.pid)
    with wire(lender.url) as client:
        client.begin()
        client.socket.send(request(code))
        wait_until(lambda: bool(_since(lender, before)))
        (guest,) = _since(lender, before)
        # Not a word: the connection is reset, as when a machine goes.
        client.socket.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        client.socket.socket.close()
        wait_until(lambda: guest not in descendants(lender.process.pid))
        assert guest not in descendants(lender.process.pid)


def _since(lender: ServiceProcess, before: set[int]) -> set[int]:
    """The processes of a service that were not there before."""
    return set(descendants(lender.process.pid)) - set(before)


def test_a_guest_that_ends_says_how(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.begin()
        client.socket.send(request("import os\nos._exit(7)"))
        ended = client.hear_until("exit")
        assert client.end() == (1000, "")
    assert (ended["kind"], ended["limit"]) == ("Exit", None)
    assert ended["message"] == "the guest process ended with exit code 7"


def test_what_confines_a_guest_is_told(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.hear()
        client.say("open", **WISH)
        client.hear()
        client.say("explain", limits=LIMITS)
        kind, told = client.hear()
    assert kind == "explained"
    assert told["profile"].keys() == {"profile", "system_calls"}
