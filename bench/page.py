"""The tables in docs/performance.md: one for each group, and each can be replaced alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BEGIN", "END", "Page", "PageError", "block_of"]

BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"

_GROUP = re.compile(r"^\*\*(?P<group>[^*\n]+)\.\*\* ", re.MULTILINE)
_ROW = re.compile(r"^\| (?P<name>[^|\n]+?) \|.*\*\*(?P<verdict>met|missed)\*\*", re.MULTILINE)


class PageError(Exception):
    """The tables cannot be written where they should go."""


def block_of(group: str, note: str, table: Sequence[str], when: str) -> str:
    """The text of a group.

    Args:
        group: its name.
        note: what a reader has to know of it.
        table: its lines.
        when: when it was measured, and how: a sentence.
    """
    return "\n".join([f"**{group}.** {note}", "", *table, "", when])


@dataclass
class Page:
    """A page with tables between two markers; what is around them stays as it is.

    Attributes:
        path: the file.
        before: the text down to the first marker, after: that from the second one on.
        blocks: group -> its text, in the order of the page.
    """

    path: Path
    before: str
    after: str
    blocks: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Page:
        """The page; both markers are made if missing.

        Raises:
            PageError: one marker without the other.
        """
        text = path.read_text() if path.exists() else "# Performance\n"
        if (BEGIN in text) != (END in text) or text.find(BEGIN) > text.find(END):
            raise PageError(f"{path.name} must have both {BEGIN} and {END}, in this order")
        if BEGIN not in text:
            text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
        before, _, rest = text.partition(BEGIN)
        tables, _, after = rest.partition(END)
        return cls(path, before, after, _blocks_of(tables))

    def replace(self, blocks: Mapping[str, str], order: Sequence[str]) -> None:
        """Put in what was measured; groups that were not stay as they are.

        Args:
            blocks: group -> its text.
            order: all groups there are; one that is not among them is left out.
        """
        merged = {**self.blocks, **blocks}
        self.blocks = {group: merged[group] for group in order if group in merged}

    def verdict(self) -> str:
        """How many targets are met in all tables, in a sentence."""
        met, missed = 0, []
        for group, text in self.blocks.items():
            for row in _ROW.finditer(text):
                if row["verdict"] == "met":
                    met += 1
                else:
                    missed.append(f"{row['name']} ({group})")
        sentence = f"{met} of {met + len(missed)} targets met"
        return f"{sentence}; missed: {'; '.join(missed)}" if missed else sentence

    def write(self, head: str) -> None:
        """Write it.

        Args:
            head: what is true of all tables.
        """
        parts = [head, f"**{self.verdict()}.**", *self.blocks.values()]
        tables = "\n\n".join(parts)
        self.path.write_text(f"{self.before}{BEGIN}\n{tables}\n{END}{self.after}")


def _blocks_of(tables: str) -> dict[str, str]:
    """Group -> its text, of what stands between the markers."""
    starts = list(_GROUP.finditer(tables))
    places = [*(one.start() for one in starts), len(tables)]
    return {
        one["group"]: tables[begin:end].strip()
        for one, (begin, end) in zip(starts, itertools.pairwise(places), strict=True)
    }
