"""Names that could follow: the guest is asked, and its answer is not trusted.

The question is a turn of ours. What answers it is a module of ours in the guest, so that nothing is
left among the variables; the guest may have changed it, and then lies to whoever presses TAB.
"""

from __future__ import annotations

import re
from typing import Any

from ringfence.cli.escape import escape_line
from ringfence.sandbox import Sandbox

__all__ = ["LONGEST", "MODULES", "MOST", "complete", "read_names", "word_before"]

MOST = 200
"""Names that are offered."""

LONGEST = 100
"""Characters of a name that is offered."""

_WALL = 0.3
_MODULE = "_ringfence_repl"
_WORD = re.compile(r"(?:(?!\d)\w+\.)*(?!\d)\w*\Z")

# __main__ is the namespace. Classes answer __dir__ with the guest's code, which may do anything:
# the turn is bounded. What a name stands for is looked up only left of the last dot.
_SOURCE = """
import builtins, keyword, sys

def names(word, most, longest):
    space = sys.modules["__main__"].__dict__
    *parts, start = word.split(".")
    if parts:
        first, *rest = parts
        thing = space[first] if first in space else builtins.__dict__[first]
        for part in rest:
            thing = getattr(thing, part)
        found = dir(thing)
    else:
        found = [*space, *builtins.__dict__, *keyword.kwlist]
    hidden = not start.startswith("_")
    fit = {
        name for name in found
        if type(name) is str and name.startswith(start) and len(name) <= longest
        and not (hidden and name.startswith("_"))
    }
    return sorted(fit)[:most]
"""

MODULES = {_MODULE: _SOURCE}
"""What a guest that is asked has to be given."""


def word_before(text: str) -> str:
    """The dotted name that ``text`` ends with, as far as it is typed; empty if there is none."""
    found = _WORD.search(text)
    word = found[0] if found else ""
    before = text[: len(text) - len(word)]
    return "" if before.endswith((".", *"0123456789")) else word


def complete(box: Sandbox, word: str) -> tuple[str, ...]:
    """What the last part of ``word`` may become. The guest may end: see ``box.alive``."""
    limits = box.limits
    assert isinstance(limits.wall, float)  # whatever was given
    assert isinstance(limits.cpu, float)
    short = limits.replace(
        wall=min(_WALL, limits.wall),
        cpu=min(_WALL, limits.cpu),
        value=min(65_536, int(limits.value)),
    )
    question = f"__import__({_MODULE!r}).names({word!r}, {MOST}, {LONGEST})"
    result = box.run(question, filename="<completion>", limits=short)
    return read_names(result.value, word) if result.status == "ok" else ()


def read_names(answer: Any, word: str) -> tuple[str, ...]:
    """The names in a guest's answer that are names, and do follow; at most :data:`MOST`."""
    if type(answer) is not list:
        return ()
    start = word.rpartition(".")[2]
    found = dict.fromkeys(
        name
        for name in answer[:MOST]
        if type(name) is str
        and len(name) <= LONGEST
        and name.isidentifier()
        and name.startswith(start)
        and escape_line(name) == name
    )
    return tuple(found)
