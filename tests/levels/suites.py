"""Runs a suite in a process that has stepped down, and counts exactly what came of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.attacks.corpus import Attack
from tests.levels.hosts import Host
from tests.levels.selection import EVERYTHING, place_of
from tests.support.levels import HERE, NOT_ENTERED, command

__all__ = ["Count", "attack", "conform", "read_report", "tell"]

_SECONDS = 3_000


@dataclass(frozen=True)
class Count:
    """What came of a suite.

    Attributes:
        passed: how many did.
        failed: what each failure said.
        skipped: how many for which reason.
    """

    passed: int
    failed: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + len(self.failed) + sum(self.skipped.values())

    def __str__(self) -> str:
        return (
            f"{self.passed} passed, {len(self.failed)} failed, {sum(self.skipped.values())} skipped"
        )


@cache
def tell(host: Host) -> dict[str, Any]:
    """What the kernel and the product say there. Skips where this machine is a lesser host itself."""
    told: dict[str, Any] = json.loads(_run(host, "tests.levels.told", "+".join(sorted(host.walls))))
    if "namespaces" in host.walls and not told["namespaces"]:
        pytest.skip(f"{host.level}: the kernel makes no namespaces for this user")
    if "landlock" in host.walls and told["landlock"] < (host.landlock or 1):
        pytest.skip(f"{host.level}: the kernel has Landlock ABI {told['landlock']}")
    return told


def attack(host: Host, attacks: Iterable[Attack]) -> Count:
    """Run attacks there."""
    if host.engine == "native":
        tell(host)
    paths = [str(one.path) for one in attacks]
    found = json.loads(
        _run(
            host,
            "tests.attacks",
            *("--json", "--engine", host.engine, "--walls", "+".join(sorted(host.walls))),
            *paths,
        )
    )
    return Count(found["repelled"], tuple(found["failed"]), found["skipped"])


def conform(host: Host) -> Count:
    """Run the conformance suite there, or the host's slice of it."""
    if host.engine == "native":
        tell(host)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", f"--basetemp={folder}/tests"]
        environment = dict(host.environment)
        if host.engine == "native":
            # Of its own: this user's is closed to whom the host's processes belong to.
            environment["XDG_CACHE_HOME"] = f"{folder}/cache"
        if not (EVERYTHING or host.whole):
            options += ["-p", "tests.levels.slices"]
            environment["RINGFENCE_TEST_SLICE"] = str(place_of(host))
        options += ["tests/conformance", f"--junit-xml={report}"]
        said = _run(host, "pytest", *options, environment=environment)
        assert report.exists(), said
        return read_report(report)


def read_report(report: Path) -> Count:
    """What a report of pytest's says, in JUnit's format."""
    passed, failed, skipped = 0, [], Counter[str]()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        wrong = case.find("failure") if case.find("error") is None else case.find("error")
        skip = case.find("skipped")
        if wrong is not None:
            failed.append(f"{name}\n{wrong.text or wrong.get('message')}")
        elif skip is not None:
            skipped[re.sub(r"\s+", " ", skip.get("message") or "")] += 1
        else:
            passed += 1
    return Count(passed, tuple(failed), skipped)


def _run(
    host: Host, module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> str:
    """What a module says that is run there. Skips where this machine does not let a
    process step down to it.
    """
    if host.unmet is not None:
        pytest.skip(f"{host.level}: {host.unmet}")
    done = subprocess.run(
        command(host.level, module, *arguments),
        capture_output=True,
        text=True,
        cwd=HERE,
        env={
            **os.environ,
            "RINGFENCE_TEST_ENGINES": host.engine,
            "RINGFENCE_REQUIRE_ENGINES": host.engine,
            **(environment or {}),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode == NOT_ENTERED:
        pytest.skip(done.stderr.strip())
    said = done.stdout or done.stderr
    assert done.returncode in (0, 1), f"exit status {done.returncode}: {said[-4_000:]}"
    return said
