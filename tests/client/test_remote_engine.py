"""The engine behind an address: how it is found, and what a service may say to it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

import ringfence
from ringfence.model.guest_link import SUBPROTOCOL, WINDOW
from ringfence.runtime.registry import find_engine, parse_engines

HELLO = {
    "type": "hello",
    "engine": "native",
    "walls": [["landlock", "namespaces", "seccomp"]],
    "limits": ["wall", "cpu", "memory", "output", "display", "calls", "value", "host_wall"],
    "packages": False,
    "threads": True,
    "deterministic": False,
    "missing_modules": [],
    "standing": [["landlock", "namespaces", "seccomp"]],
    "missing": {},
    "remedy": "",
}
IMAGE = {"type": "image", "walls": HELLO["walls"][0], "enforced": {"memory": "said"}}  # type: ignore[index]
STARTED = {"type": "started", "counts": False}

Script = Callable[[ServerConnection], None]


@contextlib.contextmanager
def pretending(script: Script) -> Iterator[str]:
    """Something at an address that says what it likes."""
    with serve(
        script,
        "127.0.0.1",
        0,
        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
        compression=None,
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


def after_start(connection: ServerConnection, *said: Any) -> None:
    """Be a service until there is a guest, and then say these."""
    connection.send(json.dumps(HELLO))
    for message in connection:
        told = json.loads(message) if isinstance(message, str) else {"type": "bytes"}
        if told["type"] == "open":
            connection.send(json.dumps(IMAGE))
        elif told["type"] == "start":
            connection.send(json.dumps(STARTED))
        elif told["type"] == "bytes":
            for one in said:
                connection.send(one if isinstance(one, bytes) else json.dumps(one))


# --- how it is found ------------------------------------------------------------------------


def test_an_address_is_an_engine_of_its_own() -> None:
    (first,) = parse_engines("http://127.0.0.1:9")
    assert first is find_engine("http://127.0.0.1:9")
    assert first.name == "http://127.0.0.1:9"
    assert [one.name for one in parse_engines(["https://box.example", "native"])] == [
        "https://box.example",
        "native",
    ]
    assert "http://127.0.0.1:9" not in ringfence.engines()


@pytest.mark.parametrize("scheme", ["ftp", "ws", "file"])
def test_other_addresses_are_no_engines(scheme: str) -> None:
    with pytest.raises(ringfence.ConfigurationError, match="is not installed; there is"):
        ringfence.Sandbox(engine=f"{scheme}://127.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://a b",
        "http://:80",
        "http://a:99999",
        "http://a?x=1",
        "http://a#b",
        "http://ä",
        5,
    ],
)
def test_what_is_no_address_is_refused(url: Any) -> None:
    with pytest.raises(ringfence.ConfigurationError, match="is no address of a service"):
        ringfence.RemoteEngine(url)


def test_secrets_belong_into_no_address_and_no_message() -> None:
    with pytest.raises(ringfence.ConfigurationError, match="has no user and no password"):
        ringfence.RemoteEngine("http://" + "me:secret" + "@127.0.0.1")
    with pytest.raises(ringfence.ConfigurationError) as refused:
        ringfence.RemoteEngine("http://127.0.0.1", key="two words")
    assert "two words" not in str(refused.value)
    assert "secret" not in repr(ringfence.RemoteEngine("http://127.0.0.1", key="secret"))


def test_nobody_is_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        engine = ringfence.RemoteEngine(url)
        availability = engine.availability()
        assert availability.walls == ()
        assert list(availability.missing) == ["service"]
        assert availability.remedy == "is a service running there? (ringfence serve)"
        assert engine.capabilities == ringfence.Capabilities(walls=(), limits=frozenset())
        with pytest.raises(ringfence.EngineNotAvailable, match="ringfence serve"):
            ringfence.run("1", engine=engine)
        assert ringfence.run("6 * 7", engine=[engine, "native"]).engine == "native"


def test_the_name_remote_is_the_address_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from ringfence._engines.remote.engine import configured

    monkeypatch.delenv("RINGFENCE_URL", raising=False)
    missing = configured().availability()
    assert missing.missing == {"service": "RINGFENCE_URL does not say where a service is"}
    assert missing.remedy == "set RINGFENCE_URL=http://host:port"
    with pytest.raises(ringfence.EngineNotAvailable, match="remote: RINGFENCE_URL does not say"):
        ringfence.run("1", engine=configured())
    monkeypatch.setenv("RINGFENCE_URL", "nowhere")
    with pytest.raises(
        ringfence.ConfigurationError, match="RINGFENCE_URL: 'nowhere' is no address"
    ):
        configured()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"policy": ringfence.Policy(read=["/usr"])}, "read= cannot be granted: nothing of the"),
        ({"policy": ringfence.Policy(cpu_share=0.5)}, "cpu_share= cannot be enforced: it is the"),
        ({"policy": ringfence.Policy(isolation="tenant")}, "isolation='tenant' cannot be enforced: "),
        ({"policy": ringfence.Policy(walls=[{"v8"}])}, "none of the accepted sets of walls is one"),
        ({"python": "/usr/bin/python3"}, "python= cannot be chosen: the service has its own"),
    ],
)  # fmt: skip
def test_what_no_service_grants_is_refused_here(options: dict[str, Any], reason: str) -> None:
    with pretending(after_start) as url, pytest.raises(ringfence.PolicyNotEnforceable) as refused:
        ringfence.run("1", engine=url, **options)
    assert str(refused.value).startswith(f"{url}: {reason}")


# --- what a service may say -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        ("no JSON", "no JSON"),
        (b"bytes", "it did not say what it is"),
        (json.dumps({**HELLO, "walls": "all"}), "hello.walls: not what it should be"),
        (json.dumps({**HELLO, "packages": 1}), "hello.packages: not what it should be"),
        (json.dumps({**HELLO, "limits": ["x" * 9_000]}), "hello.limits: not what it should be"),
        (json.dumps({**HELLO, "more": 1}), "hello: other fields than"),
        (json.dumps(IMAGE), "it did not say what it is"),
        ("[" * 300_000, "too big"),
    ],
)
def test_a_service_that_greets_wrongly_is_none(greeting: str | bytes, reason: str) -> None:
    def script(connection: ServerConnection) -> None:
        connection.send(greeting)
        for _ in connection:
            pass

    with pretending(script) as url:
        (missing,) = ringfence.RemoteEngine(url).availability().missing.values()
    assert reason in missing


def test_walls_that_nobody_knows_stand_nowhere() -> None:
    def script(connection: ServerConnection) -> None:
        connection.send(json.dumps({**HELLO, "walls": [["moat"]], "standing": [["moat"], []]}))
        for _ in connection:
            pass

    with pretending(script) as url:
        engine = ringfence.RemoteEngine(url)
        assert (engine.capabilities.walls, engine.availability().walls) == ((), ())
        with pytest.raises(ringfence.PolicyNotEnforceable, match="one of its own: none"):
            ringfence.run("1", engine=engine)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([b"x" * 200_000] * (WINDOW // 200_000 + 1), "the service broke the protocol: more bytes than it was granted"),
        ([{"type": "credit", "bytes": 1 << 40}], "the service broke the protocol: more credit than it was sent"),
        ([{"type": "image", "walls": [], "enforced": {}}], "the service broke the protocol: image where it says nothing"),
        ([{"type": "usage", "cpu": -1, "memory": 0}], "the service broke the protocol: usage.cpu: not what it should be"),
        ([{"type": "pause"}], "the service broke the protocol: pause where it says nothing"),
    ],
    ids=range(5),
)  # fmt: skip
def test_a_service_that_breaks_the_protocol_ends_the_turn(said: Any, message: str) -> None:
    """Bytes beyond the window come only if nothing reads them: the shell does, so they are many."""
    with pretending(lambda connection: after_start(connection, *said)) as url:
        result = ringfence.run("1", engine=url)
    assert (result.status, result.alive) == ("crashed", False)
    assert result.error is not None
    if result.error.type == "Disconnected":
        assert result.error.message == message
    else:  # the bytes themselves were no frames, which was seen first
        assert said[0] == b"x" * 200_000


@pytest.mark.parametrize("said", [b"\x00" * 100, b'{"type":"done"}', os.urandom(3_000)])
def test_bytes_of_a_service_are_as_hostile_as_those_of_a_guest(said: bytes) -> None:
    with pretending(lambda connection: after_start(connection, said)) as url:
        result = ringfence.run("1", engine=url, limits=ringfence.Limits(wall=2))
    assert result.status in ("crashed", "limit")
    assert not result.alive


def test_how_a_guest_ended_is_what_the_service_says() -> None:
    ended = {"kind": "SIGSEGV", "message": "said", "limit": None, "cpu": 1.0, "memory": 2}

    def script(connection: ServerConnection) -> None:
        after_start(connection, {"type": "closed"}, {"type": "exit", **ended})

    with pretending(script) as url:
        result = ringfence.run("1", engine=url)
    assert result.error is not None
    assert (result.status, result.error.type, result.error.message) == (
        "crashed",
        "SIGSEGV",
        "said",
    )
    assert result.enforced["memory"] == f"native at {url}: said"


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("PackageNotAvailable", ringfence.ConfigurationError),
        ("PolicyNotEnforceable", ringfence.PolicyNotEnforceable),
        ("SystemExit", ringfence.EngineFailure),
    ],
)
def test_what_is_refused_is_one_of_a_few_errors(error: str, raised: type[Exception]) -> None:
    def script(connection: ServerConnection) -> None:
        connection.send(json.dumps(HELLO))
        for _ in connection:
            connection.send(json.dumps({"type": "refused", "error": error, "detail": "so it is"}))

    with pretending(script) as url, pytest.raises(raised, match=f"{url}: so it is"):
        ringfence.run("1", engine=url)
