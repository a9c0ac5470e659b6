"""If Wasmtime is broken: what native code in the place of a wasi guest's worker sees, and can tell."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Sandbox
from ringfence._engines.wasi.engine import WasiEngine
from ringfence.errors import EngineFailure
from ringfence.model import Policy
from ringfence.zygote.launch import ZygoteConfig
from tests.support.leaks import Belongings

_REPOSITORY = str(Path(__file__).parents[2])
_LIMITS = Limits(wall=10, cpu=10, threads=0)


class BrokenEngine(WasiEngine):
    """The engine, with another program in its workers.

    Args:
        does: a function of ``tests.support.broken_worker``.
        alone: whether each worker is a process that is started for its guest, as where no zygote
            can stand.
    """

    def __init__(self, does: str, *, alone: bool = False) -> None:
        super().__init__()
        self._does = does
        self._alone = alone

    def _config(self, *arguments: Any, **options: Any) -> ZygoteConfig:
        config = super()._config(*arguments, **options)
        return dataclasses.replace(
            config,
            program="tests.support.broken_worker",
            settings=json.dumps({"does": self._does}),
            boot_path=(*config.boot_path, _REPOSITORY),
            alone=self._alone,
        )


@pytest.fixture(autouse=True)
def _wasi(engine: str) -> None:
    if "wasm" not in (ringfence.engines()[engine].availability.walls or ({""},))[0]:
        pytest.skip(f"{engine} has no worker around a module")


def _run(does: str, limits: Limits = _LIMITS, *, alone: bool = False) -> ringfence.Result:
    engine = BrokenEngine(does, alone=alone)
    try:
        with Sandbox(engine=engine, limits=limits, policy=_policy(alone=alone)) as box:
            return box.run("1")
    finally:
        engine.close()


def _policy(*, alone: bool) -> Policy:
    return Policy(walls=[{"wasm", "process"}]) if alone else Policy()


however_it_starts = pytest.mark.parametrize("alone", [False, True], ids=["forked", "alone"])


def test_there_is_nothing_around_it(engine: str) -> None:
    answers = _run("looks_around").raise_for_status().value
    assert answers == dict.fromkeys(answers, "EPERM")
    assert len(answers) == 11


def test_no_descriptor_takes_the_place_of_another(engine: str) -> None:
    """With one there for another a guest would have a second end of its control socket."""
    with pytest.raises(EngineFailure, match=r"descriptor 4 was to become 5$"):
        _run("leaves_a_gap")


@pytest.mark.parametrize("does", ["executes", "mounts", "traces", "reads_another_process"])
def test_what_ends_it(engine: str, does: str) -> None:
    result = _run(does)
    assert result.error is not None
    assert (result.status, result.error.type) == ("crashed", "SIGSYS")


@pytest.mark.parametrize(
    ("does", "kind", "message"),
    [
        (
            "says_that_it_trapped",
            "Trap",
            "the guest's code trapped: first [2J �" + "y" * 3_000,
        ),
        ("says_a_packet_of_64_kib", "Trap", "the guest's code trapped: " + "x" * 4_095),
        ("says_nonsense", "Exit", "the guest process ended with exit code 0"),
    ],
)
@however_it_starts
def test_what_it_says_of_its_end(
    engine: str, does: str, kind: str, message: str, alone: bool
) -> None:
    """The host reads one packet, so much of it, and shows it as a line of text."""
    if alone and does == "says_a_packet_of_64_kib":  # no message of a stream is as long
        kind, message = "Exit", "the guest process ended with exit code 0"
    before = Belongings.now()
    result = _run(does, alone=alone)
    assert result.error is not None
    assert (result.status, result.error.type, result.alive) == ("crashed", kind, False)
    assert result.error.message == message
    assert Belongings.now().descriptors.keys() == before.descriptors.keys()


def test_half_a_message_of_a_stream_is_none(engine: str) -> None:
    result = _run("says_half_a_message", alone=True)
    assert result.error is not None
    assert result.error.message == "the guest process ended with exit code 0"


def test_what_it_says_where_it_was_started_is_not_read(engine: str) -> None:
    result = _run("tells_its_start_again", alone=True).raise_for_status()
    assert result.value == "done"
    assert result.usage.cpu is not None
    assert 0 <= result.usage.cpu < 60


def test_one_that_seems_to_have_ended_is_ended(engine: str) -> None:
    before = Belongings.now()
    assert _run("lets_go_of_its_start", alone=True).raise_for_status().value == "done"
    now = Belongings.now()
    assert now.processes == before.processes
    assert now.descriptors.keys() == before.descriptors.keys()


@however_it_starts
def test_a_flood_of_messages_is_not_even_read(engine: str, alone: bool) -> None:
    assert _run("floods", alone=alone).raise_for_status().value == "full"


@pytest.mark.parametrize(
    ("does", "status", "used"),
    [
        ("says_nothing_of_its_fuel", "crashed", None),
        ("says_that_it_used_more_than_it_may", "crashed", None),
        ("says_that_it_used_nothing", "ok", 0),  # a number in the usage is all that it can change
        ("says_that_its_fuel_is_gone", "limit", 5_000),
    ],
)
@however_it_starts
def test_what_it_says_of_its_fuel(
    engine: str, does: str, status: str, used: int | None, alone: bool
) -> None:
    result = _run(does, _LIMITS.replace(fuel=5_000), alone=alone)
    assert (result.status, result.usage.fuel) == (status, used)
    assert result.alive == (status == "ok")


@however_it_starts
def test_a_size_that_is_a_lie(engine: str, alone: bool) -> None:
    broken = BrokenEngine("lies_about_its_size", alone=alone)
    try:
        with Sandbox(engine=broken, limits=_LIMITS, policy=_policy(alone=alone)) as box:
            box.run("1").raise_for_status()
            with pytest.raises(ringfence.EngineFailure, match="more than it may have"):
                box.snapshot()
    finally:
        broken.close()
    assert ringfence.run("1 + 1", engine=engine).value == 2


def test_the_host_lives(engine: str) -> None:
    """After all of this its own guests are as they were."""
    with Sandbox(engine=engine) as box:
        assert box.run("6 * 7").value == 42
