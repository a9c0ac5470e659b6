"""What a lent guest may use in all, whatever its client says."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence
from ringfence.engine import ResourceUse
from ringfence.server.guests.ceilings import Ceilings, Watch
from tests.server.process import service

CEILINGS = Ceilings(seconds=100.0, idle=10.0, cpu=20.0, quiet_cpu=5.0, transfer=1_000)


def use(cpu: float | None) -> ResourceUse:
    return ResourceUse(cpu, None)


def test_nothing_is_broken_by_what_is_within() -> None:
    watch = Watch(CEILINGS, 0.0)
    watch.moved(1_000, 5.0)
    assert watch.broken(use(4.0), 15.0) is None
    assert watch.broken(use(None), 15.0) is None
    watch.heard()
    assert watch.broken(use(9.0), 15.0) is None
    assert watch.cpu == 9.0


def test_cpu_in_all() -> None:
    watch = Watch(CEILINGS, 0.0)
    assert watch.broken(use(20.5), 1.0) == (
        "it has used the 20 CPU seconds that this service lends",
        "cpu",
    )
    least = Watch(CEILINGS.within(3.0), 0.0)
    assert least.broken(use(3.5), 1.0) == (
        "it has used the 3 CPU seconds that this service lends",
        "cpu",
    )


def test_cpu_without_a_word_of_its_client() -> None:
    watch = Watch(CEILINGS, 0.0)
    assert watch.broken(use(1.0), 1.0) is None
    assert watch.broken(use(6.0), 2.0) is None
    assert watch.broken(use(6.5), 2.0) == ("its turn has used more than 5 CPU seconds", "cpu")
    watch.heard()
    assert watch.broken(use(6.5), 2.0) is None


def test_bytes_time_and_rest() -> None:
    watch = Watch(CEILINGS, 0.0)
    watch.moved(1_001, 0.0)
    assert watch.broken(use(0.0), 0.0) == (
        "it has moved the 1000 bytes that this service lends",
        None,
    )
    late = Watch(CEILINGS, 0.0)
    late.moved(0, 95.0)
    assert late.broken(use(0.0), 101.0) == (
        "it was there for the 100 s that this service lends",
        None,
    )
    idle = Watch(CEILINGS, 0.0)
    idle.moved(1, 2.0)
    assert idle.broken(use(0.0), 12.5) == ("nobody has used it for 10 s", None)


def test_they_hold_over_a_real_connection(tmp_path: Path) -> None:
    """A turn that the client would let run for half a minute."""
    with (
        service(tmp_path, pool_size="0", guest_cpu_seconds="0.5", log_level="warning") as lender,
        ringfence.Sandbox(engine=lender.url) as box,
    ):
        result = box.run("while True: pass")
    assert (result.status, result.limit, result.alive) == ("limit", "cpu", False)


def test_they_hold_for_what_moves(tmp_path: Path) -> None:
    with (
        service(tmp_path, pool_size="0", guest_bytes="1048576", log_level="warning") as lender,
        ringfence.Sandbox(engine=lender.url) as box,
    ):
        result = box.run("import time\nb'x' * 3_000_000")
        if result.alive:  # the look came after the turn's end
            result = box.run("import time\ntime.sleep(20)")
    assert (result.status, result.alive) == ("crashed", False)
    assert result.error is not None
    assert result.error.type == "Ended"
    assert result.error.message == (
        "the service ended the guest: it has moved the 1048576 bytes that this service lends"
    )


@pytest.mark.parametrize("name", ["guests", "guest_seconds", "guest_cpu_seconds", "guest_bytes"])
def test_an_operator_decides_them(name: str) -> None:
    from ringfence.server.settings import Settings

    assert name in Settings.model_fields
