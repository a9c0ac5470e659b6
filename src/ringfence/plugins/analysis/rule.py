"""What a rule is: data, so that documents, SARIF and tests read the same registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Grant", "Rule", "Severity"]

Severity = Literal["note", "warning", "error"]
"""``error`` refuses, ``warning`` asks for a person's eyes, ``note`` only informs."""

Grant = Literal[
    "clock",
    "dynamic-code",
    "dynamic-imports",
    "environment",
    "files",
    "interpreter",
    "introspection",
    "native-code",
    "network",
    "pickling",
    "processes",
    "randomness",
    "threads",
]
"""What code may need beside computing; a manifest asks for it by this name in ``grants``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One thing that is looked for.

    Attributes:
        id: stable, ``RF`` and three digits; the first names the family.
        name: stable too, for people and filters.
        severity: of its findings; where ``grant`` is asked for, they are warnings at most.
        title: what was found, in a few words.
        explanation: why it matters.
        remedy: the way out for an author who means no harm.
        grant: what a manifest can ask for to be allowed it; None where nothing allows it.
    """

    id: str
    name: str
    severity: Severity
    title: str
    explanation: str
    remedy: str
    grant: Grant | None = None
