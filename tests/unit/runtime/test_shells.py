"""One machine, two shells: whatever a guest does, both say the same.

Each case is a script for a guest, honest or hostile, and exactly what must come of it; it runs on
the sync and on the async façade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

import ringfence
from ringfence.errors import SandboxClosed
from ringfence.model import Limits, Result
from tests.support import frames as say
from tests.support.facades import FACADES, Facade, open_box
from tests.support.peers import Gone, Peer, ScriptedEngine

QUICK = Limits(wall=0.3, host_wall=0.3)
PROTOCOL = "the guest broke the protocol: "


def double(x: int) -> int:
    return 2 * x


def fail() -> None:
    raise RuntimeError("postgres://user:secret@host")


def large(size: int) -> bytes:
    return b"x" * size


FUNCTIONS = [double, fail, large]


@dataclass
class Case:
    """A script, and what comes of it: (status, alive, limit) and more where there is more."""

    script: Callable[[Peer], None]
    ending: tuple[str, bool, str | None]
    error: tuple[str, str] | None = None
    value: Any = None
    stdout: str = ""
    stderr: str = ""
    events: list[Any] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    packets: bool = True
    code: str = "code"
    inputs: dict[str, Any] = field(default_factory=dict)


def protocol(message: str) -> tuple[str, str]:
    return ("Protocol", PROTOCOL + message)


def reached(limit: str) -> tuple[str, str]:
    return ("LimitExceeded", f"the guest reached its limit {limit}")


CASES: dict[str, Case] = {}


def case(ending: tuple[str, bool, str | None], **expected: Any) -> Callable[..., Any]:
    def add(script: Callable[[Peer], None]) -> Callable[[Peer], None]:
        CASES[script.__name__] = Case(script, ending, **expected)
        return script

    return add


# --- honest guests -------------------------------------------------------------------------

ALL_KINDS = [
    ringfence.Output("stdout", "out\n"),
    ringfence.Output("stderr", "err\n"),
    ringfence.Progress(0.5, "half"),
    ringfence.Display({"text/plain": "shown"}),
]
SAID = [
    say.ready(),
    say.output("out\n"),
    say.output("err\n", "stderr"),
    say.progress(0.5, "half"),
    say.display({"text/plain": "shown"}),
    say.done({"value": [1, 2.5]}),
]
WHOLE: dict[str, Any] = {
    "value": {"value": [1, 2.5]}, "stdout": "out\n", "stderr": "err\n", "events": ALL_KINDS,
}  # fmt: skip


@case(("ok", True, None), **WHOLE)
def says_everything_at_once(peer: Peer) -> None:
    peer.request()
    peer.send(b"".join(SAID))


@case(("ok", True, None), **WHOLE)
def says_one_frame_after_the_other(peer: Peer) -> None:
    peer.request()
    peer.send(*SAID)


@case(("ok", True, None), **WHOLE)
def says_one_byte_after_the_other(peer: Peer) -> None:
    peer.request()
    peer.send(*(bytes([byte]) for byte in b"".join(SAID)))


@case(("ok", True, None), **WHOLE)
def answers_before_it_was_asked(peer: Peer) -> None:
    peer.send(b"".join(SAID))
    peer.request()


@case(("error", True, None), error=("ValueError", "bad"))
def raises(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.done(["ValueError", "bad", "Traceback"], status="error"))


@case(("limit", True, "memory"), error=("MemoryError", ""))
def runs_out_of_memory(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.done(["MemoryError", "", ""], status="limit", limit="memory"))


@case(("ok", True, None), value=b"x" * 3_000_000, packets=False)
def returns_much(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.done(b"x" * 3_000_000))


@case(("ok", True, None), value=3_000_000, packets=False, inputs={"data": b"y" * 3_000_000})
def is_given_much(peer: Peer) -> None:
    frame = peer.request()
    peer.send(say.ready(), say.done(len(frame.blob)))


@case(("ok", True, None), value=[["reply", True, 42], ["reply", True, 4]], stdout="then")
def calls(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.call(0, "double", (21,)), say.output("then"))
    first = peer.hear()
    peer.send(say.call(1, "double", (), {"x": 2}, waits=True))
    peer.send(say.done([say.heard(first), say.heard(peer.hear())]))


@case(
    ("ok", True, None),
    value=[
        ["reply", False, ["HostFunctionError", "fail"]],
        ["reply", False, ["TypeError", "double(): args.x: expected int, got str 'a'"]],
        [
            "reply",
            False,
            ["TypeError", "double(): args: expected at most 1 positional argument, got 2"],
        ],
    ],
)
def calls_what_fails(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.call(0, "fail"))
    heard = [say.heard(peer.hear())]
    peer.send(say.call(1, "double", ("a",)))
    heard.append(say.heard(peer.hear()))
    peer.send(say.call(2, "double", (1, 2)))
    heard.append(say.heard(peer.hear()))
    peer.send(say.done(heard))


@case(("ok", True, None), value=None)
def calls_and_does_not_wait_for_the_answer(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready() + say.call(0, "double", (1,)) + say.done())


# --- limits --------------------------------------------------------------------------------


@case(("limit", False, "wall"), error=reached("wall=0.3 s"), limits=QUICK)
def is_silent_from_the_start(peer: Peer) -> None:
    peer.silence()


@case(("limit", False, "wall"), error=reached("wall=0.3 s"), limits=QUICK, stdout="busy")
def is_silent_in_the_middle_of_a_frame(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready() + say.output("busy"), say.done()[:20])
    peer.silence()


@case(("limit", True, "wall"), error=reached("wall=0.3 s"), stdout="late", limits=QUICK)
def heeds_the_interrupt(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    peer.await_stop("interrupt")
    peer.send(say.output("late"), say.done(["KeyboardInterrupt", "", ""], status="interrupted"))


@case(("limit", True, "wall"), error=reached("wall=0.3 s"), limits=QUICK)
def has_a_value_after_its_time(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    peer.await_stop("interrupt")
    peer.send(say.done(5))


@case(("limit", False, "wall"), error=reached("wall=0.3 s"), limits=QUICK)
def dies_of_the_interrupt(peer: Peer) -> None:
    peer.request()
    peer.await_stop("interrupt")
    peer.die("SIGINT")


@case(
    ("limit", False, "output"), error=reached("output=2,048"), limits=Limits(output=2_048),
    stdout="x" * 4, events=[ringfence.Output("stdout", "x")] * 4,
)  # fmt: skip
def floods_with_output(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    while True:
        peer.send(say.output("x"))


@case(
    ("limit", True, "output"), error=reached("output=2,048"), limits=Limits(output=2_048),
    stdout="x" * 4, events=[ringfence.Output("stdout", "x")] * 4,
)  # fmt: skip
def floods_with_output_until_it_is_told(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), *[say.output("x")] * 5)
    peer.await_stop("interrupt")
    peer.send(say.done(["KeyboardInterrupt", "", ""], status="interrupted"))


@case(
    ("limit", False, "output"), error=reached("output=1,000,000"), packets=False,
    limits=Limits(output=1_000_000), stdout="x" * 960_000,
    events=[ringfence.Output("stdout", "x" * 60_000)] * 16,
)  # fmt: skip
def floods_with_large_output(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    while True:
        peer.send(say.output("x" * 60_000))


@case(
    ("limit", False, "display"), error=reached("display=2,048"), limits=Limits(display=2_048),
    events=[ringfence.Display({"a": "b"})] * 4,
)  # fmt: skip
def floods_with_displays(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    while True:
        peer.send(say.display({"a": "b"}))


@case(("limit", False, "output"), error=reached("output=512"), limits=Limits(output=512),
      events=[ringfence.Progress(None, "")])  # fmt: skip
def floods_with_progress(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    while True:
        peer.send(say.progress(None))


@case(("limit", False, "calls"), error=reached("calls=3"), limits=Limits(calls=3))
def floods_with_calls(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    number = 0
    while True:
        peer.send(say.call(number, "double", (1,)))
        number += 1


@case(("limit", False, "cpu"), error=reached("cpu=5 s"), limits=Limits(cpu=5, threads=1_000))
def spends_its_cpu(peer: Peer) -> None:
    peer.cpu = 5.0
    peer.request()
    peer.silence()


# --- broken guests -------------------------------------------------------------------------


@case(("crashed", False, None), error=protocol("a header of 1414812756 bytes"))
def says_rubbish(peer: Peer) -> None:
    peer.request()
    peer.send(b"TTTTTTTTTTTTTTTT")


@case(("crashed", False, None), error=protocol("ready at the wrong time"))
def is_not_ready(peer: Peer) -> None:
    peer.request()
    peer.send(say.done())


@case(("crashed", False, None), error=protocol("the end of another turn"), stdout="a")
def ends_another_turn(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready() + say.output("a") + say.done(turn=2))


@case(("crashed", False, None), error=protocol("a call of a function that was not lent"))
def calls_what_it_was_not_lent(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.call(0, "open", ("/etc/passwd",)))


@case(("crashed", False, None), error=protocol("a stream that is not open"))
def writes_to_a_stream_that_it_was_not_lent(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.data(0, b"x"))


@case(("crashed", False, None), error=protocol("a frame after the end of the turn"))
def goes_on_after_the_end(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready() + say.done(1) + say.output("more"))


@case(
    ("crashed", False, None), packets=False,
    error=protocol("a frame of 67174401 bytes; at most 67174400"),
)  # fmt: skip
def announces_more_than_it_may_say(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.done(b"x" * ((64 << 20) + 65_537 - 18))[:100])
    peer.silence()


@case(("crashed", False, None), error=protocol("it does not read"), packets=False,
      limits=Limits(value="1MiB"))  # fmt: skip
def calls_and_never_reads(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    for number in range(1_000):
        peer.send(say.call(number, "large", (1_000_000,)))
    peer.silence()


@case(
    ("limit", False, "wall"), error=reached("wall=0.3 s"), limits=QUICK, packets=False,
    inputs={"data": b"x" * 10_000_000},
)  # fmt: skip
def refuses_to_read(peer: Peer) -> None:
    peer.send(say.ready())
    peer.silence()


# --- guests that die -----------------------------------------------------------------------

DEAD = {"error": ("SIGSEGV", "it crashed")}


@case(("crashed", False, None), **DEAD)
def dies_before_it_reads(peer: Peer) -> None:
    peer.die()


@case(("crashed", False, None), packets=False, inputs={"data": b"x" * 10_000_000}, **DEAD)
def dies_while_it_reads(peer: Peer) -> None:
    peer.die()


@case(("crashed", False, None), **DEAD)
def dies_when_it_is_ready(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())
    peer.die()


@case(("crashed", False, None), stdout="last words", **DEAD)
def dies_after_it_printed(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.output("last words"))
    peer.die()


@case(("crashed", False, None), stdout="before", **DEAD)
def dies_in_the_middle_of_a_frame(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready() + say.output("before") + say.output("after")[:-1])
    peer.die()


@case(("crashed", False, None), **DEAD)
def dies_after_a_call(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready(), say.call(0, "double", (1,), waits=True))
    peer.hear()
    peer.die()


@case(("crashed", False, None), error=("Exit", "the script is over"))
def leaves(peer: Peer) -> None:
    peer.request()
    peer.send(say.ready())


@case(("crashed", False, None), error=("Disconnected", "the guest closed its channel"))
def hangs_up_and_says_nothing_of_its_end(peer: Peer) -> None:
    peer.ending = None


# --- the corpus, on both shells ------------------------------------------------------------


def outcome(result: Result) -> dict[str, Any]:
    """What a turn came to, without what differs from run to run (times)."""
    return {
        "ending": (result.status, result.alive, result.limit),
        "error": None if result.error is None else (result.error.type, result.error.message),
        "value": result.value,
        "stdout": result.stdout,
        "stderr": result.stderr,
        "displays": result.displays,
        "abandoned": result.abandoned,
        "output": result.usage.output,
        "calls": result.usage.calls if result.status != "crashed" else None,
        "engine": (result.engine, result.walls),
    }


@pytest.mark.parametrize("name", CASES)
def test_what_comes_of_a_guest(name: str, request: pytest.FixtureRequest) -> None:
    expected = CASES[name]
    _, alive, _ = expected.ending
    if alive:
        request.getfixturevalue("patient")
    seen = []
    for facade in FACADES:
        engine = ScriptedEngine(expected.script, packets=expected.packets)
        with open_box(facade, engine, limits=expected.limits, functions=FUNCTIONS) as box:
            *events, result = box.stream(expected.code, inputs=expected.inputs)
            assert (result.status, result.alive, result.limit) == expected.ending
            error = None if result.error is None else (result.error.type, result.error.message)
            assert error == expected.error
            assert result.value == expected.value
            assert (result.stdout, result.stderr) == (expected.stdout, expected.stderr)
            if expected.events:
                assert events == expected.events
            assert box.alive == result.alive
            seen.append((outcome(result), events))
            if not result.alive:
                with pytest.raises(SandboxClosed):
                    box.run("1")
    assert seen[0] == seen[1]


@pytest.mark.parametrize("facade", FACADES)
def test_every_cut_of_an_honest_stream(facade: Facade) -> None:
    stream = b"".join(SAID)
    cuts = range(1, len(stream), 5)

    def cut_at(cut: int) -> Callable[[Peer], None]:
        def script(peer: Peer) -> None:
            peer.request()
            peer.send(stream[:cut], stream[cut:])

        return script

    for cut in cuts:
        with open_box(facade, ScriptedEngine(cut_at(cut))) as box:
            *events, result = box.stream("code")
            assert events == ALL_KINDS
            assert result.value == {"value": [1, 2.5]}


@pytest.mark.parametrize("facade", FACADES)
def test_the_sandbox_beside_a_hostile_one_keeps_working(facade: Facade) -> None:
    def honest(peer: Peer) -> None:
        for turn in (1, 2):
            peer.request()
            peer.send((say.ready() if turn == 1 else b"") + say.done(turn, turn))

    with open_box(facade, ScriptedEngine(honest)) as beside:
        assert beside.run("1").value == 1
        for name in ("says_rubbish", "is_silent_from_the_start", "dies_after_a_call"):
            hostile = CASES[name]
            with open_box(
                facade, ScriptedEngine(hostile.script), limits=QUICK, functions=FUNCTIONS
            ) as box:
                assert not box.run("code").alive
        assert beside.run("2").value == 2


# --- descriptors ---------------------------------------------------------------------------


@pytest.mark.parametrize("facade", FACADES)
def test_nothing_is_left_open(facade: Facade) -> None:
    import os

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready(), say.done(1))

    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    with open_box(facade, ScriptedEngine(script)) as box:
        box.run("1")
    before = count()
    for _ in range(5):
        with open_box(facade, ScriptedEngine(script)) as box:
            box.run("1")
    assert count() == before


def test_a_script_that_the_host_leaves_ends() -> None:
    gone: list[bool] = []

    def script(peer: Peer) -> None:
        try:
            peer.request()
            peer.hear()
        except Gone:
            gone.append(True)
            raise

    engine = ScriptedEngine(script)
    with engine.sandbox(limits=QUICK) as box:
        box.run("1")
    assert gone == [True]
