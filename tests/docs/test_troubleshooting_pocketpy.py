"""The section about pocketpy in docs/troubleshooting.md: every error, provoked, with its own words."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence._engines.pocketpy.engine import PocketPyEngine
from ringfence.images.cache import ImageCache
from ringfence.images.pocketpy.fetch import fetch_image
from ringfence.jail import libc
from ringfence.model.evaluation import Budget, Calls, Script
from ringfence.runtime.registry import find_evaluator
from tests.docs.documents import ROOT
from tests.support.evaluators import require_evaluator

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## The engine `pocketpy`\n")[2].partition("\n## ")[0]
LINES: list[str] = re.findall(r"^\| (.+?) \| .+ \|$", SECTION, re.MULTILINE)[1:]
SCRIPT = Script(source="def f(x): return x", entry="f")

Provoke = Callable[[pytest.MonkeyPatch, Path], object]


def _without_image(patch: pytest.MonkeyPatch, cache: Path) -> None:
    patch.setenv("XDG_CACHE_HOME", str(cache))
    PocketPyEngine().compile([SCRIPT])


def _elsewhere(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(platform, "machine", lambda: "riscv64")
    PocketPyEngine().compile([SCRIPT])


def _without_wall(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(libc, "landlock_abi", lambda: 0)
    engine = PocketPyEngine()
    assert engine.availability().walls == ()
    assert engine.availability().remedy
    engine.compile([SCRIPT])


def _without_apt(patch: pytest.MonkeyPatch, cache: Path) -> None:
    patch.setenv("PATH", str(cache))
    fetch_image(ImageCache(cache / "ringfence"), lambda _: None)


def _given(_: pytest.MonkeyPatch, cache: Path) -> None:
    fetch_image(ImageCache(cache / "ringfence"), lambda _: None, ROOT / "README.md")


def _compile(budget: Budget | None = None, prelude: str = "") -> None:
    find_evaluator("pocketpy").compile([SCRIPT], budget=budget, prelude=prelude)


def _evaluate(budget: Budget | None, value: Any) -> None:
    with find_evaluator("pocketpy").compile([SCRIPT]) as program:
        program.evaluate([Calls(columns=[[value]])], budget)


PROVOKED: Mapping[str, Provoke] = {
    "was not fetched": _without_image,
    "no build of PocketPy": _elsewhere,
    "what a jail needs": _without_wall,
    "cannot be had": _without_apt,
    "--source": _given,
    "fuel": lambda *_: _compile(Budget(fuel=1)),
    "cannot be held: 64": lambda *_: _compile(Budget(memory=1)),
    "was compiled for": lambda *_: _evaluate(Budget(memory=1 << 21), 1.0),
    "does not cross": lambda *_: _evaluate(None, b"bytes"),
    "GuestCrashed": lambda *_: _compile(prelude="list.append(1, 2)"),
}


def test_every_line_is_provoked() -> None:
    assert len(LINES) == len(PROVOKED)
    for line, name in zip(LINES, PROVOKED, strict=True):
        assert name in line


@pytest.mark.parametrize("name", PROVOKED)
def test_line(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_evaluator("pocketpy")
    line = LINES[list(PROVOKED).index(name)]
    kind, message = re.findall(r"`(.+?)`", line)[:2]
    pattern = ".*".join(map(re.escape, message.split("…")))
    with pytest.raises(ringfence.RingfenceError) as caught:
        PROVOKED[name](monkeypatch, tmp_path)
    assert type(caught.value).__name__ == kind
    assert re.match(pattern, str(caught.value), re.DOTALL), str(caught.value)
