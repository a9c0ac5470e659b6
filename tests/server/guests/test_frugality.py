"""What a client cannot have the service spend: frames, images, guests of one tenant, old keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

import ringfence
from tests.attacks.canaries import descendants, wait_until
from tests.server.guests.test_callers import command
from tests.server.guests.wire import WISH, Wire, wire
from tests.server.process import ServiceProcess, service

BROKEN = "the client broke the protocol: "


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A frame of a client's, masked with nothing."""
    return bytes([opcode | (0x80 if fin else 0), 0x80 | len(payload)]) + bytes(4) + payload


def flood(client: Wire, data: bytes) -> None:
    """Send bytes as they are; the service may hang up meanwhile."""
    try:
        client.socket.socket.sendall(data)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("pieces", frame(2, b"a", fin=False) + frame(0, b"b"), "a message in pieces"),
        ("empty pieces", frame(1, fin=False) + frame(0, fin=False) * 100_000, "a message in pieces"),
        ("a piece of nothing", frame(1, fin=False), "a message in pieces"),
        ("pings", frame(9) * 100_000, "more frames than a client needs"),
        ("pongs", frame(10) * 100_000, "more frames than a client needs"),
    ],
    ids=lambda case: case if isinstance(case, str) and len(case) < 20 else "",
)  # fmt: skip
def test_frames_that_cost_more_than_they_are_worth(
    lender: ServiceProcess, name: str, data: bytes, reason: str
) -> None:
    with wire(lender.url) as client:
        assert client.hear()[0] == "hello"
        flood(client, data)
        try:
            while True:
                client.socket.recv(30)
        except ConnectionClosed as closed:
            # Whoever is still sending may be told by a reset instead.
            assert closed.rcvd is None or (closed.rcvd.code, closed.rcvd.reason) == (
                1008,
                BROKEN + reason,
            )
    with wire(lender.url) as other:
        assert other.hear()[0] == "hello"


def test_tiny_messages_to_a_guest_are_counted_too(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.begin()
        flood(client, frame(2) * 50_000)
        with pytest.raises(ConnectionClosed):
            while True:
                client.socket.recv(30)


def test_messages_are_no_larger_than_they_have_to_be(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.begin()
        client.socket.send(b"x" * ((256 << 10) + 1))
        assert client.end()[0] == 1009


def test_one_image_is_made_for_a_connection(lender: ServiceProcess) -> None:
    with wire(lender.url) as client:
        client.hear()
        client.say("open", **WISH)
        assert client.hear()[0] == "image"
        client.say("open", **WISH)
        assert client.end() == (1008, f"{BROKEN}open where it is none")
    with wire(lender.url) as client:
        client.hear()
        for _ in range(9):
            client.say("open", **{**WISH, "packages": ["nothing"]})
        assert client.end() == (1008, f"{BROKEN}more questions than a client needs")


def test_an_image_of_a_tenant_s_own_ends_with_its_connection(home: Path) -> None:
    with service(home, pool_size="0", isolation="tenant", log_level="warning") as lender:
        with wire(lender.url) as first:
            first.hear()  # what is tried once for all is over now
        before = set(descendants(lender.process.pid))
        for _ in range(2):
            with wire(lender.url) as client:
                client.hear()
                client.say("open", **WISH)
                assert client.hear()[0] == "image"
                assert set(descendants(lender.process.pid)) - before
            wait_until(lambda: set(descendants(lender.process.pid)) <= before)
            assert set(descendants(lender.process.pid)) - before == set()


def test_a_tenant_is_lent_its_part(home: Path) -> None:
    with (
        service(home, pool_size="0", guests_per_tenant="1", log_level="warning") as lender,
        ringfence.Sandbox(engine=lender.url) as box,
    ):
        assert box.run("1").value == 1
        with pytest.raises(ringfence.EngineFailure, match="one tenant has at most 1 lent guests"):
            ringfence.run("1", engine=lender.url)


def test_a_key_that_is_revoked_ends_its_guests(home: Path) -> None:
    with service(home, pool_size="0", log_level="warning") as lender:
        key = command(lender, "keys", "create", "acme").split()[-1]
        engine = ringfence.RemoteEngine(lender.url, key=key)
        with ringfence.Sandbox(engine=engine) as box:
            assert box.run("1").value == 1
            command(lender, "keys", "revoke", key.split("_")[1])
            result = box.run("import time\ntime.sleep(20)")
    assert (result.status, result.alive) == ("crashed", False)
    assert result.error is not None
    assert result.error.message == (
        "the service ended the guest: its client's key does not hold any more"
    )


def test_the_audit_log_tells_what_was_lent_and_not_what_was_asked(home: Path) -> None:
    with service(home, pool_size="0", packages="numpy", log_level="warning") as lender:
        with wire(lender.url) as client:
            client.hear()
            client.say("open", **{**WISH, "packages": ["x" * 100] * 60})
            assert client.hear()[0] == "refused"
            client.say("open", **{**WISH, "packages": ["numpy", "numpy"]})
            assert client.hear()[0] == "image"
            client.say("start", limits=WISH["limits"])
            assert client.hear()[0] == "started"
        wait_until(lambda: bool(command(lender, "audit", "show", "--kind", "guest", "--json")))
        (row,) = command(lender, "audit", "show", "--kind", "guest", "--json").splitlines()
    assert '"packages": ["numpy"]' in row
    assert "xxx" not in row
