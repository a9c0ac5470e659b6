"""The section about wasi in docs/troubleshooting.md: every error, provoked, with its own words."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Limits, Policy, Sandbox, StoreLimits, WasiEngine, run
from tests.docs.documents import ROOT
from tests.support.snapshots import KEY, forged
from tests.support.wheels import build_wheel

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## The engine `wasi`\n")[2].partition("\n## ")[0]
LINES: list[str] = re.findall(r"^\| (.+?) \| .+ \|$", SECTION, re.MULTILINE)[1:]


def echo(number: int) -> int:
    """Give it back."""
    return number


@pytest.fixture(scope="module", autouse=True)
def _available() -> None:
    if not ringfence.engines()["wasi"].availability.walls:
        pytest.skip(f"wasi cannot run here: {ringfence.engines()['wasi'].availability.remedy}")


def refused(**options: Any) -> Callable[[], object]:
    return lambda: run("1", engine="wasi", **options)


def needing(what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder), lines=[f"Requires-Dist: {what}"])
        run("1", engine="wasi", packages=[wheel])


def snapshot(code: str = "1", **options: Any) -> bytes:
    with Sandbox(engine="wasi", **options) as box:
        box.run(code).raise_for_status()
        return box.snapshot(key=KEY)


def restored(state: Callable[[], bytes], **options: Any) -> Callable[[], object]:
    return lambda: Sandbox.restore(state(), key=KEY, engine="wasi", **options)


def rolled_back(turns: int, **options: Any) -> None:
    with Sandbox(engine="wasi", **options) as box:
        for _ in range(turns):
            box.run("1")
        box.rollback()


def fuelled_late() -> None:
    with Sandbox(engine="wasi") as box:
        box.run("1", limits=box.limits.replace(fuel=5))


def large() -> bytes:
    return snapshot("import os; kept = os.urandom(100 << 20), os.urandom(100 << 20)",
                    limits=Limits(memory="600MiB", disk="1MiB"))  # fmt: skip


def forked() -> None:
    with Sandbox(engine="native") as box:
        box.fork()


RAISED: dict[str, Callable[[], object]] = {
    "none of the accepted sets": refused(policy=Policy(walls=[{"v8"}])),
    "wasi: memory=": refused(limits=Limits(memory="4GiB")),
    "wasi: steps: ": refused(limits=Limits(steps=5)),
    "fuel must be given": fuelled_late,
    "table_elements=": lambda: run("1", engine=WasiEngine(StoreLimits(table_elements=9))),
    "guests do not see what the host": refused(packages=["tabulate"]),
    "it has native code": refused(packages=["numpy"]),
    "the wheels require": lambda: needing("ringfence-test-nothing"),
    "python= ": refused(python=sys.executable),
    "read= ": refused(policy=Policy(read=["/usr/share"])),
    "isolation='tenant'": refused(policy=Policy(isolation="tenant")),
    "its guests cannot be forked": forked,
    "made with checkpoints=True": lambda: rolled_back(1),
    "no turn was begun": lambda: rolled_back(0, checkpoints=True),
    "files= cannot be given": restored(snapshot, files={"a": b""}),
    "belongs to the image": restored(lambda: forged(snapshot(), image="0123")),
    "knows other host functions": restored(snapshot, functions=[echo]),
    "has files under disk=": restored(snapshot, limits=Limits(files=5)),
    "the snapshot holds": restored(large, limits=Limits(memory="20MiB", disk="1MiB")),
}

ENDED: dict[str, tuple[str, Limits]] = {
    "status `limit`, `wall`": ("while True: pass", Limits(wall=0.2)),
    "status `limit`, `memory`": ("bytearray(1 << 30)", Limits()),
    "status `limit`, `fuel`": ("while True: pass", Limits(fuel=10_000_000)),
    "ModuleNotFoundError": ("import requests", Limits()),
    "can't start new thread": ("import threading\nthreading.Thread(target=int).start()", Limits()),
    "`crashed`, `Trap`": ("import os\nos.abort()", Limits()),
    "`crashed`, `Exit`": ("import os\nos._exit(3)", Limits()),
}

ELSEWHERE = {
    "Wasmtime is not installed": "test_without_wasmtime",
    "was not built": "test_without_an_image",
}


def line_about(what: str) -> str:
    (line,) = (one for one in LINES if what in one)
    return line


def matches(line: str, message: str) -> bool:
    texts = re.findall(r"`([^`]+)`", line)
    return any(
        re.fullmatch(".*?".join(map(re.escape, text.split("…"))) + r"(\n.*)?", message, re.DOTALL)
        for text in texts
    )


def test_every_line_is_provoked() -> None:
    known = [*RAISED, *ENDED, *ELSEWHERE]
    assert sorted(map(line_about, known)) == sorted(LINES)


@pytest.mark.parametrize("what", RAISED)
def test_raised(what: str) -> None:
    line = line_about(what)
    with pytest.raises(ringfence.RingfenceError) as caught, contextlib.ExitStack() as stack:
        made = RAISED[what]()
        if isinstance(made, Sandbox):
            stack.callback(made.close)
    assert matches(line, str(caught.value)), caught.value
    assert f"`{type(caught.value).__name__}`" in line
    if isinstance(caught.value, ringfence.StateRefused):
        assert f"`{caught.value.reason}`" in line


@pytest.mark.parametrize("what", ENDED)
def test_ended(what: str) -> None:
    code, limits = ENDED[what]
    line = line_about(what)
    result = run(code, engine="wasi", limits=limits)
    assert f"status `{result.status}`" in line
    if result.limit is not None:
        assert f"`{result.limit}`" in line
    assert result.error is not None
    message = result.error.message
    assert matches(line, message) or matches(line, f"{result.error.type}: {message}".strip(": "))


def _host(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment},
        text=True, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


_ASK = """
import ringfence
try:
    ringfence.run("1", engine="wasi")
except ringfence.EngineNotAvailable as error:
    print("EngineNotAvailable:", error)
"""


def test_without_an_image(tmp_path: Path) -> None:
    said = _host(_ASK, XDG_CACHE_HOME=str(tmp_path))
    line = line_about("was not built")
    assert line == f"`EngineNotAvailable`: `{said.removeprefix('EngineNotAvailable: ')}`"


def test_without_wasmtime() -> None:
    hide = (
        "import importlib.util\nreal = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'wasmtime' else real(name)\n"
    )
    said = _host(hide + _ASK)
    line = line_about("Wasmtime is not installed")
    assert line == f"`EngineNotAvailable`: `{said.removeprefix('EngineNotAvailable: ')}`"
