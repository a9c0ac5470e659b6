"""A save made into variables again: definitions run, data is loaded, what fails is tried again."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ringfence_guest.definitions import Definition, Kept
from ringfence_guest.losses import describe_loss, listed
from ringfence_guest.pickling import load

if TYPE_CHECKING:
    from ringfence_guest.state import SessionState

__all__ = ["Restore"]


class Restore:
    """One restore. What fails is tried again after what may have been missing."""

    def __init__(
        self, namespace: dict[str, Any], lent: dict[str, Any], state: SessionState
    ) -> None:
        self._namespace, self._lent, self._state = namespace, lent, state
        self._failed: dict[str, list[str]] = {}
        self._done: dict[str, None] = {}

    def run(self, kept: list[Any], parts: list[Any]) -> list[Any]:
        definitions = [_unpacked(entry) for entry in kept]
        _show_lines(each.definition for each in definitions)
        imports = [each for each in definitions if each.definition.kind == "import"]
        others = [each for each in definitions if each.definition.kind != "import"]
        self._each(imports, self._define)
        while True:
            left = len(others) + len(parts)
            others = self._each(others, self._define)
            parts = self._each(parts, self._load)
            if len(others) + len(parts) < left:
                continue
            # Its decorators want data that wants it: have it without them first.
            decorated = [o for o in others if o.definition.bare[0] != o.definition.source]
            if not decorated:
                break
            others = [o for o in others if o not in decorated]
            remaining = self._each(decorated, self._define_bare)
            if len(remaining) == len(decorated):
                break
        lost = listed(entry for name, entry in self._failed.items() if name not in self._done)
        names = [name for name in self._done if "." not in name]
        return [names, lost]

    def _each(self, items: list[Any], work: Callable[[Any], Iterable[str]]) -> list[Any]:
        """Do it for each; returns those that failed."""
        failed = []
        for item in items:
            try:
                for name in work(item):
                    self._done[name] = None
            except BaseException as error:  # what is restored may do anything
                if self._state.is_the_hosts(error):
                    raise
                failed.append(item)
                if isinstance(item, Kept):
                    self._failed[item.name] = [item.name, item.type, describe_loss(error)]
                    continue
                for name, kind in zip(item[0], item[1], strict=True):
                    self._failed[name] = [name, kind, describe_loss(error)]
        return failed

    def _define(self, kept: Kept) -> list[str]:
        kept.definition.run(self._namespace)
        self._state.notebook.adopt(kept.definition)
        return [kept.name]

    def _define_bare(self, kept: Kept) -> list[str]:
        bare = kept.definition.stripped()
        bare.run(self._namespace)
        self._state.notebook.adopt(bare)
        reason = "it is there without its decorators, which want data that wants it"
        self._failed[kept.name] = [kept.name, kept.type, reason]
        return []

    def _load(self, part: list[Any]) -> list[str]:
        names, _, data = part
        for name, value in zip(names, load(data, self._lent), strict=True):
            owner, dot, member = name.partition(".")
            if dot:
                setattr(self._namespace[owner], member, value)
            else:
                self._namespace[name] = value
        return list(names)


def _unpacked(entry: list[Any]) -> Kept:
    name, type_name, kind, names, filename, line, source, bare, flags, last = entry
    definition = Definition(kind, tuple(names), filename, line, source, tuple(bare), flags, last)
    return Kept(name, type_name, definition)


def _show_lines(definitions: Iterable[Definition]) -> None:
    """Have tracebacks show the lines of restored cells, where they were."""
    cells: dict[str, list[str]] = {}
    for definition in definitions:
        lines = cells.setdefault(definition.filename, [])
        text = definition.source.split("\n")
        missing = definition.line - 1 + len(text) - len(lines)
        lines += ["\n"] * missing
        for number, line in enumerate(text, definition.line - 1):
            lines[number] = line + "\n"
    for filename, lines in cells.items():
        linecache.cache[filename] = (len(lines), None, lines, filename)
