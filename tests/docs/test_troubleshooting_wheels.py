"""The section about wheels in docs/troubleshooting.md: every message, provoked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Policy, Wheel
from tests.docs.documents import ROOT
from tests.support.wheels import build_wheel, wheel_bytes, write_archive

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## Wheels\n")[2].partition("\n## ")[0]
PACKAGES = PAGE.partition("\n## Packages\n")[2].partition("\n## ")[0]
ROW = re.compile(r"^\| `(.+?)` \| .+ \|$", re.MULTILINE)
LINES: list[str] = ROW.findall(SECTION)
NATIVE = [line for line in ROW.findall(PACKAGES) if "wheel" in line]

Make = Callable[[Path], dict[str, Any]]


def changed(folder: Path, **files: bytes) -> Path:
    path = folder / "gadget-1.0-py3-none-any.whl"
    path.write_bytes(write_archive({**wheel_bytes(), **files}.items()))
    return path


def renamed(folder: Path) -> Path:
    return build_wheel(folder).rename(folder / "gadget.whl")


def cut(folder: Path) -> Path:
    path = build_wheel(folder)
    path.write_bytes(path.read_bytes()[:-5])
    return path


def both(folder: Path, *texts: str) -> list[Path]:
    return [build_wheel(folder, f"w{i}", files={"x.py": text}) for i, text in enumerate(texts)]


def needing(folder: Path, what: str) -> Path:
    return build_wheel(folder, lines=[f"Requires-Dist: {what}"])


WEAK = Policy(walls=[{"seccomp"}])
BOUND = ringfence.Limits(threads=0, disk=0)

PROVOKED: dict[str, Make] = {
    "is not the path of a .whl": lambda f: {"packages": [f / "a.zip"]},
    "cannot be read": lambda f: {"packages": [f / "a.whl"]},
    "is not the file that was asked": lambda f: {"packages": [Wheel(build_wheel(f), "0" * 64)]},
    "its name is not": lambda f: {"packages": [renamed(f)]},
    "it has native code": lambda f: {"packages": [build_wheel(f, tag="cp313-cp313-win32")]},
    "it was built for": lambda f: {"packages": [build_wheel(f, tag="py2-none-any")]},
    "it requires Python": lambda f: {"packages": [build_wheel(f, lines=["Requires-Python: <3"])]},
    "it is no zip archive": lambda f: {"packages": [cut(f)]},
    "the hash differs": lambda f: {"packages": [changed(f, **{"gadget.py": b"ANSWER = 43\n"})]},
    "is not listed": lambda f: {"packages": [changed(f, **{"more.py": b""})]},
    "is given twice": lambda f: {"packages": [build_wheel(f), build_wheel(f, version="2.0")]},
    "both bring": lambda f: {"packages": both(f, "1", "2")},
    "… requires …, and": lambda f: {"packages": [needing(f, "w0>5"), *both(f, "1")]},
    "and the one that is installed": lambda f: {"packages": ["packaging", build_wheel(f, "packaging", "99.0")]},
    "The wheels given require": lambda f: {"packages": [needing(f, "ringfence-test-nothing")]},
    "wheels cannot be lent with": lambda f: {"packages": [build_wheel(f)], "policy": WEAK, "limits": BOUND},
}  # fmt: skip


def line_about(what: str) -> str:
    line: str
    (line,) = (one for one in LINES + NATIVE if what in one)
    return line


def test_every_line_is_provoked() -> None:
    assert sorted(map(line_about, PROVOKED)) == sorted(LINES + NATIVE)


@pytest.mark.parametrize("what", PROVOKED)
def test_provoked(what: str, tmp_path: Path) -> None:
    if not ringfence.engines()["native"].availability.walls:
        pytest.skip("native cannot run here")
    line = line_about(what)
    with pytest.raises(ringfence.RingfenceError) as caught:
        ringfence.run("1", engine="native", **PROVOKED[what](tmp_path))
    pattern = ".*?".join(map(re.escape, line.split("…")))
    assert re.search(pattern, str(caught.value), re.DOTALL), caught.value
    kind = type(caught.value).__name__
    assert kind in SECTION + PACKAGES
