"""A forged end of a turn that the host reads when the guest has ended is no end either."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence
from ringfence import Limits, Progress, Result, Sandbox
from tests.attacks.corpus import Verdict, verdict_of
from tests.support.leaks import await_ends
from tests.support.processes import pid_of

_FOLDER = Path(__file__).parent / "corpus" / "protocol_frames"


@pytest.mark.parametrize("name", ["fuel_forged_end_in_pieces", "fuel_forged_end_let_go"])
def test_a_forged_end_that_is_read_late(engine: str, name: str) -> None:
    found = ringfence.engines()[engine]
    if "fuel" not in found.capabilities.limits:
        pytest.skip(f"{engine} has no fuel (its Capabilities)")
    if engine == "remote":
        pytest.skip("the guests of a service are not this process's")
    with Sandbox(engine=engine, limits=Limits(fuel=50_000_000)) as box:
        events = box.stream((_FOLDER / f"{name}.py").read_text())
        assert isinstance(next(events), Progress)
        guest = pid_of(box)
        assert await_ends({guest}) == set()  # its fuel has run out
        *_, result = events
        assert isinstance(result, Result)
    wanted = Verdict.parse(
        "crashed Protocol 'the guest broke the protocol: it ended a turn that goes on' dead"
    )
    assert wanted.fits(verdict_of(result)), result
