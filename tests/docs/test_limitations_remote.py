"""Each line of docs/limitations/remote.md, shown. A line without a witness fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

import ringfence
from ringfence import Limits, Policy
from ringfence.server.guests.ceilings import Ceilings
from ringfence.server.settings import Settings
from tests.docs.limitations import lines_of
from tests.server.process import ServiceProcess, service

LINES = lines_of("remote")


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with service(
        tmp_path_factory.mktemp("lender"),
        engine="native",
        packages="numpy",
        pool_size="0",
        limit_cpu="1",
        log_level="warning",
    ) as running:
        yield running


def refused(
    url: str,
    message: str,
    kind: type[Exception] = ringfence.PolicyNotEnforceable,
    **options: object,
) -> None:
    with pytest.raises(kind) as caught:
        ringfence.run("1", engine=url, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)


def paths(url: str) -> None:
    refused(url, "read= cannot be granted", policy=Policy(read=["/usr"]))


def packages(url: str) -> None:
    assert ringfence.run("import numpy", engine=url, packages=["numpy"]).ok
    refused(url, "packages='pandas' is none of", ringfence.ConfigurationError, packages=["pandas"])
    twice = "def twice(x): return 2 * x"
    assert (
        ringfence.run("import mine\nmine.twice(2)", engine=url, modules={"mine": twice}).value == 4
    )


def interpreter(url: str) -> None:
    refused(url, "python= cannot be chosen", python="/usr/bin/python3")


def operators(url: str) -> None:
    refused(url, "cpu_share= cannot be enforced", policy=Policy(cpu_share=0.5))
    refused(url, "isolation='tenant' cannot be enforced", policy=Policy(isolation="tenant"))


def walls(url: str) -> None:
    refused(
        url, "none of the accepted sets of walls", policy=Policy(walls=[{"landlock", "seccomp"}])
    )


def copies(url: str) -> None:
    with ringfence.Sandbox(engine=url) as box:
        box.run("x = 1")
        with pytest.raises(ringfence.PolicyNotEnforceable):
            box.fork()
        with ringfence.Sandbox.restore(box.save(key=b"k" * 16), key=b"k" * 16, engine=url) as again:
            assert again.run("x").value == 1


def most(url: str) -> None:
    refused(url, "memory=1.07374e+09 is more than the operator", limits=Limits(memory="1GiB"))
    refused(url, "threads=9 is more than the operator", limits=Limits(threads=9))


def cpu(url: str) -> None:
    result = ringfence.run("while True: pass", engine=url)
    assert (result.status, result.limit) == ("limit", "cpu")
    assert "the service ends a turn at 1 s" in result.enforced["cpu"]


def lent(url: str) -> None:
    assert Ceilings.of(Settings()) == Ceilings(
        seconds=3_600.0, idle=600.0, cpu=600.0, quiet_cpu=61.0, transfer=4 << 30
    )


def told(url: str) -> None:
    used = ringfence.run("sum(range(3_000_000))", engine=url).usage
    assert used.cpu is not None
    assert used.memory is not None
    assert used.cpu > 0


def arrays(url: str) -> None:
    array = ringfence.empty(1 << 18)
    array[:] = 1.0
    result = ringfence.run("float(a.sum())", engine=url, packages=["numpy"], inputs={"a": array})
    assert (result.value, result.usage.shared) == (np.float64(1 << 18), 0)


def interrupts(url: str) -> None:
    """How long it takes is the network's affair: that one arrives is all that can be shown."""
    with ringfence.Sandbox(engine=url) as box:
        result = box.run("while True: pass", limits=Limits(wall=0.2))
        assert (result.status, result.limit) == ("limit", "wall")


WITNESSES: Mapping[str, Callable[[str], None]] = {
    "Nothing of either machine is granted.": paths,
    "Packages are the operator's.": packages,
    "The interpreter is the service's.": interpreter,
    "`cpu_share` and `isolation` are the operator's.": operators,
    "Only full sets of walls are lent.": walls,
    "No exact copies.": copies,
    "Memory, threads and files are at most the operator's.": most,
    "CPU is at most the operator's, too.": cpu,
    "A guest is lent for a while.": lent,
    "Its CPU clock is told, not read.": told,
    "Arrays are copied.": arrays,
    "An interrupt takes its way.": interrupts,
}


def test_every_line_has_a_witness() -> None:
    assert list(WITNESSES) == LINES


@pytest.mark.parametrize("line", LINES)
def test_line(
    line: str, lender: ServiceProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    WITNESSES[line](lender.url)
