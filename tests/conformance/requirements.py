"""What Ringfence promises, one entry per promise, and what an engine may not keep yet.

The manifest (``manifest/``) maps ids to :class:`Requirement`. Tests name the ids they prove with
``@pytest.mark.requirement("id", …)``; ``test_coverage.py`` checks that every requirement has a test
and every test a requirement. An engine that lacks a capability is skipped (and counted); an engine
that should do it and does not has a :class:`Gap`, which makes its tests expected failures, so that
a gap that was closed is noticed. Requirements of security admit no gap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

__all__ = ["SOURCE", "WORDS", "Gap", "Requirement", "merge"]

Word = Literal["not yet", "upstream", "never"]

WORDS: tuple[str, ...] = get_args(Word)
"""Why an engine has a gap: we have not done it yet; what the engine is made of has to; it cannot be
done."""

SOURCE = re.compile(r"(design: .+|issue \d+: .+|trap \d+|errors\.py|README)")
"""Where a promise was made."""


@dataclass(frozen=True)
class Gap:
    """Why one engine does not do it."""

    word: Word
    reason: str


@dataclass(frozen=True)
class Requirement:
    """One promise.

    Attributes:
        behaviour: what happens, as a sentence.
        source: where it was promised, see :data:`SOURCE`; several are separated by ``"; "``.
        needs: fields of :class:`~ringfence.Capabilities` that an engine must have for it, or
            ``"limit:NAME"`` for a limit that it must be able to enforce, or ``"module:NAME"`` for a
            module of the standard library that its Python must have.
        security: what a guest must never get past: no engine may have a gap here.
        gaps: engine -> why it does not do it.
    """

    behaviour: str
    source: str
    needs: tuple[str, ...] = ()
    security: bool = False
    gaps: Mapping[str, Gap] = field(default_factory=dict)


def merge(*parts: Mapping[str, Requirement]) -> dict[str, Requirement]:
    """All parts of the manifest in one.

    Raises:
        ValueError: an id is in two of them.
    """
    merged: dict[str, Requirement] = {}
    for part in parts:
        twice = merged.keys() & part.keys()
        if twice:
            raise ValueError(f"requirements defined twice: {', '.join(sorted(twice))}")
        merged |= part
    return merged
