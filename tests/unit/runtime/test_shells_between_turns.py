"""Both shells, from one turn to the next: what is left of a guest, of a turn, and of limits."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import ringfence
from ringfence.errors import SandboxClosed
from ringfence.model import GuestErrorInfo, Limits
from ringfence.runtime.request import Request
from ringfence.runtime.session import Session
from tests.support import frames as say
from tests.support.facades import FACADES, Facade, open_box
from tests.support.guests import SocketChannel
from tests.support.peers import Peer, ScriptedEngine

QUICK = Limits(wall=0.3, host_wall=0.3)
PROTOCOL = "the guest broke the protocol: "


@pytest.mark.parametrize("facade", FACADES)
def test_a_guest_that_dies_between_two_turns(facade: Facade) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready(), say.done(1))
        peer.die()

    with open_box(facade, ScriptedEngine(script)) as box:
        assert box.run("1").value == 1
        result = box.run("2")
        assert (result.status, result.error) == ("crashed", GuestErrorInfo("SIGSEGV", "it crashed"))
        assert not box.alive


@pytest.mark.parametrize("facade", FACADES)
def test_a_guest_that_talks_between_two_turns(facade: Facade) -> None:
    """What it says then is read with the next turn, under that one's rules and budgets."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready(), say.done(1))
        peer.send(say.done(1))
        peer.silence()

    with open_box(facade, ScriptedEngine(script)) as box:
        assert box.run("1").value == 1
        result = box.run("2")
        assert (result.status, result.error) == (
            "crashed",
            GuestErrorInfo("Protocol", PROTOCOL + "the end of another turn"),
        )


def _answer_two(peer: Peer, heard: list[int]) -> None:
    for turn in (1, 2):
        heard.append(peer.request().header["turn"])
        peer.send((say.ready() if turn == 1 else b"") + say.done(turn, turn))


@pytest.mark.parametrize("facade", FACADES)
def test_a_turn_that_is_broken_off_as_it_begins_ends_its_guest(
    facade: Facade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, since no clock runs for it."""
    killed = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready(), say.done(1))
        peer.await_stop("kill")
        killed.set()

    def handler(*_: Any, **__: Any) -> None:
        raise InterruptedError("by a signal")

    with open_box(facade, ScriptedEngine(script)) as box:
        assert box.run("1").value == 1
        with monkeypatch.context() as patched:
            patched.setattr("ringfence.runtime.session.Turn", handler)
            with pytest.raises(InterruptedError):
                box.run("2")
        assert killed.wait(30)
        assert not box.alive
        with pytest.raises(SandboxClosed, match=r"^the guest of this sandbox has ended"):
            box.run("3")


@pytest.mark.parametrize("facade", FACADES)
def test_a_turn_that_nobody_follows_is_the_last(
    facade: Facade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal handler may raise when a turn has begun, and before anybody follows it."""
    heard: list[int] = []

    def script(peer: Peer) -> None:
        _answer_two(peer, heard)
        peer.silence()

    begin = Session.begin

    def interrupted(session: Session, request: Request) -> None:
        begin(session, request)
        raise InterruptedError("by a signal")

    with open_box(facade, ScriptedEngine(script)) as box:
        assert box.run("1").value == 1
        with monkeypatch.context() as patched:
            patched.setattr(Session, "begin", interrupted)
            with pytest.raises(InterruptedError):
                box.run("2")
        with pytest.raises(
            SandboxClosed, match=r"^the last turn of this sandbox was broken off as"
        ):
            box.run("3")
        assert not box.alive
        with pytest.raises(SandboxClosed, match=r"^the guest of this sandbox has ended"):
            box.run("4")
    assert heard == [1, 2]


@pytest.mark.parametrize("facade", FACADES)
@pytest.mark.parametrize(
    ("step", "inputs"),
    [("send", {}), ("send", {"large": bytes(1 << 20)}), ("receive", {})],
    ids=["as the request leaves", "as a large one does", "as the answer comes"],
)
def test_what_a_signal_handler_raises_is_the_callers(
    facade: Facade, step: str, inputs: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is an OSError, as a TimeoutError is: nothing is asked of the guest twice."""
    heard: list[int] = []

    def script(peer: Peer) -> None:
        _answer_two(peer, heard)
        heard.append(peer.request().header["turn"])

    move = getattr(SocketChannel, step)

    def interrupted(channel: SocketChannel, data: Any) -> int:
        monkeypatch.setattr(SocketChannel, step, move)
        move(channel, data)
        raise TimeoutError("of a handler")

    with open_box(facade, ScriptedEngine(script, packets=False)) as box:
        assert box.run("1").value == 1
        monkeypatch.setattr(SocketChannel, step, interrupted)
        with pytest.raises(TimeoutError, match=r"^of a handler$"):
            box.run("2", inputs=inputs)
        with pytest.raises(SandboxClosed):
            box.run("3")
        assert not box.alive
    assert heard in ([1], [1, 2])


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("facade", FACADES)
def test_a_turn_after_a_limit_starts_afresh(facade: Facade) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready(), *[say.output("x")] * 3)
        peer.await_stop("interrupt")
        peer.send(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))
        peer.request()
        peer.send(say.output("y"), say.done(2, turn=2))

    with open_box(facade, ScriptedEngine(script), limits=Limits(output=1_024)) as box:
        first = box.run("1")
        assert (first.status, first.stdout, first.alive) == ("limit", "xx", True)
        second = box.run("2")
        assert (second.status, second.stdout, second.value) == ("ok", "y", 2)
        assert second.usage.output == 512


@pytest.mark.parametrize("facade", FACADES)
def test_limits_of_one_turn(facade: Facade) -> None:
    told: list[Any] = []

    def script(peer: Peer) -> None:
        for turn in range(1, 5):
            told.append(peer.request().header.get("value"))
            peer.send((say.ready() if turn == 1 else b"") + say.done(b"x" * 2_000, turn))

    with open_box(facade, ScriptedEngine(script), limits=Limits(value=10_000)) as box:
        assert box.run("1").value == b"x" * 2_000
        assert box.run("2", limits=box.limits.replace(value=5_000)).status == "ok"
        assert box.run("3").status == "ok"
        result = box.run("4", limits=box.limits.replace(value=1_024))
        assert (result.status, result.error) == (
            "crashed",
            GuestErrorInfo("Protocol", PROTOCOL + "a value larger than the limit of 1024 bytes"),
        )
    assert told == [10_000, 5_000, 10_000, 1_024]


@pytest.mark.parametrize("facade", FACADES)
def test_limits_of_a_year(facade: Facade) -> None:
    year = 366 * 86_400

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready(), say.done(1))

    limits = Limits(wall=year, host_wall=year, cpu=year, threads=0)
    with open_box(facade, ScriptedEngine(script), limits=limits) as box:
        assert box.run("1").value == 1


@pytest.mark.parametrize("facade", FACADES)
def test_a_number_that_an_abandoned_call_had_may_be_used_again(facade: Facade) -> None:
    """The answer of the old call must not be taken for the answer of the new one."""
    import threading

    release, answered = threading.Event(), threading.Event()

    def slow() -> str:
        release.wait(30)
        return "secret of the first turn"

    def quick() -> str:
        release.set()
        for thread in threading.enumerate():
            if thread.name == "ringfence-slow":
                thread.join(30)
        answered.set()
        return "second"

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.call(7, "slow") + say.done())
        peer.request()
        peer.send(say.call(7, "quick"))
        peer.send(say.done(say.heard(peer.hear()), turn=2))

    functions = [
        ringfence.host_function(slow, threaded=True),
        ringfence.host_function(quick, threaded=True),
    ]
    with open_box(facade, ScriptedEngine(script), functions=functions) as box:
        first = box.run("1")
        assert (first.status, first.abandoned) == ("ok", ("slow",))
        second = box.run("2")
        assert (second.value, second.abandoned) == (["reply", True, "second"], ())
    assert answered.is_set()
