"""What the pages of limitations are tested with: their lines, and programs that show them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import ringfence
from tests.docs.documents import ROOT

__all__ = ["Case", "denied", "lines_of", "verdict_of"]


@dataclass(frozen=True)
class Case:
    """A program, and the verdict that shows the line.

    Attributes:
        code: the guest's program.
        verdict: a value, or ``status``, or ``status: type or limit``.
        limits: other than the default.
        walls: other than the default.
        packages: to lend.
        says: a part of the error's message.
    """

    code: str
    verdict: Any
    limits: ringfence.Limits = field(default_factory=ringfence.Limits)
    walls: Any = None
    packages: tuple[str, ...] = ()
    says: str = ""


def denied(code: str, says: str = "") -> Case:
    """A program that ends with PermissionError."""
    return Case(code, "error: PermissionError", says=says)


def lines_of(engine: str) -> list[str]:
    """The bold heads of an engine's page, in order."""
    page = (ROOT / f"docs/limitations/{engine}.md").read_text("utf-8")
    return [" ".join(head.split()) for head in re.findall(r"^- \*\*(.+?)\*\*", page, re.M | re.S)]


def verdict_of(case: Case, result: ringfence.Result) -> None:
    """Assert that a result is what the case says."""
    if result.status == "ok":
        assert result.value == case.verdict
        return
    assert result.error is not None
    detail = result.limit if result.status == "limit" else result.error.type
    full = f"{result.status}: {detail}"
    assert case.verdict in (result.status, full), (full, result.error.message)
    assert case.says in result.error.message
