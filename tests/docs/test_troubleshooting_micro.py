"""The section about micro in docs/troubleshooting.md: every error, provoked, with its own words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence._engines.micro.engine import MicroEngine
from ringfence.images.cache import ImageCache
from ringfence.images.micro.fetch import fetch_image
from ringfence.model.evaluation import Budget, Calls, Script
from ringfence.runtime.guest_evaluator import GuestEvaluator
from tests.docs.documents import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## The engine `micro`\n")[2].partition("\n## ")[0]
LINES: list[str] = re.findall(r"^\| (.+?) \| .+ \|$", SECTION, re.MULTILINE)[1:]
SCRIPT = Script(source="def f(x): return x", entry="f")

Provoke = Callable[[pytest.MonkeyPatch, Path], object]


def _set(patch: pytest.MonkeyPatch, cache: Path, registry: str) -> None:
    patch.setenv("NPM_CONFIG_REGISTRY", registry)
    fetch_image(ImageCache(cache / "ringfence"), lambda _: None)


def _nowhere(patch: pytest.MonkeyPatch, cache: Path) -> None:
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        patch.delenv(name)
    patch.setenv("NPM_CONFIG_GLOBALCONFIG", str(cache / "none"))
    patch.setenv("HOME", str(cache))
    patch.setenv("PATH", str(cache))
    fetch_image(ImageCache(cache / "ringfence"), lambda _: None)


def _without(patch: pytest.MonkeyPatch, cache: Path) -> None:
    patch.setenv("XDG_CACHE_HOME", str(cache))
    MicroEngine().compile([SCRIPT])


def _given(_: pytest.MonkeyPatch, cache: Path) -> None:
    fetch_image(ImageCache(cache / "ringfence"), lambda _: None, ROOT / "README.md")


def _evaluate(budget: Budget | None, value: Any) -> None:
    with MicroEngine().compile([SCRIPT]) as program:
        program.evaluate([Calls(columns=[[value]])], budget)


PROVOKED: Mapping[str, Provoke] = {
    "EngineNotAvailable": _without,
    "holds no sandbox": lambda *_: ringfence.run("1", engine="micro"),
    "ImageNotBuilt": lambda patch, cache: _set(patch, cache, "http://127.0.0.1:9/"),
    "names no registry": _nowhere,
    "npm's registry": lambda patch, cache: _set(patch, cache, "ftp://npm.example"),
    "--source": _given,
    "cannot be held: 64": lambda *_: MicroEngine().compile([SCRIPT], budget=Budget(memory=1)),
    "was compiled for": lambda *_: _evaluate(Budget(memory=1 << 21), 1.0),
    "native: fuel": lambda *_: GuestEvaluator("native").compile(
        [SCRIPT], budget=Budget(fuel=1, recursion=None, memory=None, wall=None)
    ),
    "does not cross": lambda *_: _evaluate(None, b"bytes"),
    "GuestError": lambda *_: MicroEngine().compile([SCRIPT], prelude="1/0"),
}


def test_every_line_is_provoked() -> None:
    assert len(LINES) == len(PROVOKED)
    for line, name in zip(LINES, PROVOKED, strict=True):
        assert name in line


@pytest.mark.parametrize("line", LINES)
def test_line(line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not MicroEngine().availability().walls:
        pytest.skip(MicroEngine().availability().remedy)
    provoke = next(one for name, one in PROVOKED.items() if name in line)
    if "native" in line and "fuel" in line and not ringfence.engines()["native"].availability.walls:
        pytest.skip("native cannot run here")
    kind, message = re.findall(r"`(.+?)`", line)[:2]
    pattern = ".*".join(map(re.escape, message.split("…")))
    with pytest.raises(ringfence.RingfenceError) as caught:
        provoke(monkeypatch, tmp_path)
    assert type(caught.value).__name__ == kind
    assert re.match(pattern, str(caught.value), re.DOTALL), str(caught.value)
