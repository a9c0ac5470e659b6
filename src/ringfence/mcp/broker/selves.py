"""The broker never starts itself: a server that is ``ringfence mcp`` would start servers, …

Two checks. What a configuration says is read before anything is started, as far as can be told from
a command line. What cannot be told is caught by a mark: every server that a broker starts has
:data:`MARK_VARIABLE` in its environment (over HTTP, :data:`MARK_HEADER` in each request), and
``ringfence mcp`` refuses to serve where it finds one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ringfence.errors import ConfigurationError

__all__ = ["MARK_HEADER", "MARK_VARIABLE", "refuse_if_nested", "starts_ringfence"]

MARK_VARIABLE = "RINGFENCE_MCP_BROKER"
MARK_HEADER = "x-ringfence-mcp-broker"
_WORDS = re.compile(r"[\s;&|()'\"`=,]+")
_OURSELVES = re.compile(r"ringfence(?:\[[^\]]*\])?(?:(?:[<>~!@].*)|(?:\.exe))?", re.IGNORECASE)


def refuse_if_nested(environment: Mapping[str, str] = os.environ) -> None:
    """Let pass that no broker started this process.

    Raises:
        ConfigurationError: one did.
    """
    if environment.get(MARK_VARIABLE):
        raise ConfigurationError(
            "this is ringfence mcp, started as a server of another ringfence mcp: it would start "
            f"itself without end. Take it out of that one's configuration ({MARK_VARIABLE} is set)"
        )


def starts_ringfence(command: str, args: Sequence[str]) -> bool:
    """Whether a command line leads to ``ringfence mcp``, as far as it shows.

    Directly, by ``python -m ringfence``, through uvx, npx, env or a shell's ``-c``: wherever the
    program's name is a word of its own, or the last part of a path in a folder ``bin``, and ``mcp``
    comes after it.
    """
    words = [word for text in (command, *args) for word in _WORDS.split(text) if word]
    program = next((n for n, word in enumerate(words) if _is_ringfence(word, first=n == 0)), None)
    return program is not None and "mcp" in words[program + 1 :]


def _is_ringfence(word: str, *, first: bool) -> bool:
    folder, _, name = word.replace("\\", "/").rpartition("/")
    if not _OURSELVES.fullmatch(name):
        return False
    return not folder or first or folder.rpartition("/")[2].lower() in {"bin", "scripts"}
