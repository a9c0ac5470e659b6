"""The code blocks of README.md and docs/ run, block after block, and print what they show."""

from __future__ import annotations

import collections
import contextlib
import os
import re
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.documents import DOCUMENTS, ROOT, SERVICE, SHOWN, fences, parse
from tests.server.process import service
from tests.support.model_endpoint import Scripted, calling, model_endpoint

EXECUTED = frozenset({"python", "console"})

SKIPPED: dict[str, int] = {
    "README.md": 2,
    "SECURITY.md": 1,
    "docs/cpython-tests.md": 1,
    "docs/engines.md": 1,
    "docs/performance.md": 1,
    "docs/quickstart.md": 4,
    "docs/service.md": 2,
    "docs/troubleshooting.md": 1,
}
"""How many blocks of a document cannot run in a test. The reason stands before each of them."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_block_has_a_language_that_is_known() -> None:
    unknown = {
        name_of(path): sorted(set(fences(path)) - EXECUTED - SHOWN)
        for path in DOCUMENTS
        if set(fences(path)) - EXECUTED - SHOWN
    }
    assert unknown == {}


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_document(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if path.name == "mcp.md":  # it sets clients up: those of a user who has none
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in ("RINGFENCE_URL", "RINGFENCE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    reasons: collections.Counter[str] = collections.Counter()
    with served(path, tmp_path) as address:
        for example in parse(path, address).examples():
            try:
                example.evaluate()
            except unittest.SkipTest as skip:
                reasons[str(skip)] += 1
    assert reasons.total() == SKIPPED.get(name_of(path), 0), dict(reasons)


@contextlib.contextmanager
def served(path: Path, folder: Path) -> Iterator[str | None]:
    """The service of a document that has one, with a model that says what the documents show."""
    if SERVICE not in path.read_text("utf-8"):
        yield None
        return
    home = folder / "service"
    home.mkdir()
    with (
        model_endpoint(script=_model) as endpoint,
        service(home, **endpoint.variables()) as running,
    ):
        yield running.url


def _model(number: int, body: dict[str, Any]) -> Scripted:
    turn = sum(1 for one in body["messages"] if one["role"] == "assistant")
    answers: list[Scripted] = [
        calling({"code": "import math\nround(math.fact(20) / 1e18, 3)"}),
        calling({"code": "import math\nround(math.factorial(20) / 1e18, 3)"}),
        "20! is about 2.433 · 10^18.",
    ]
    return answers[turn]


_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors that a forge makes of the headings."""
    headings = _HEADING.findall(_BLOCK.sub("", text))
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def test_every_link_leads_somewhere() -> None:
    broken: list[str] = []
    for path in (*DOCUMENTS, ROOT / "CONTRIBUTING.md"):
        for target in _LINK.findall(_BLOCK.sub("", path.read_text("utf-8"))):
            if re.match(r"https?://", target):
                continue
            place, _, anchor = target.partition("#")
            file = path if not place else path.parent / place
            if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
                broken.append(f"{name_of(path)}: {target}")
    assert broken == []


def test_every_page_is_reachable_from_the_index() -> None:
    index = ROOT / "docs/index.md"
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in _LINK.findall(index.read_text("utf-8"))
    }
    pages = {path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")} - {index}
    assert sorted(map(name_of, pages - linked)) == []
