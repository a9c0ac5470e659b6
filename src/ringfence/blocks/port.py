"""What runs checked scripts: the seam between the dialect and the engines.

A :class:`Script` is the same for every engine. One whose guests are CPython writes ticks into it
(:mod:`instrument`); one that counts instructions exactly takes the source as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.links import Link
from ringfence.blocks.parameters import Column

if TYPE_CHECKING:
    import numpy as np

__all__ = ["BlockEngine", "Chunk", "Failure", "Link", "Work"]


@dataclass(frozen=True)
class Work:
    """Instances to evaluate.

    Attributes:
        which: the script of each instance, by its place among the scripts: uint32.
        columns: for each script, the columns of its parameters: the values of all its instances,
            in the order in which they stand in ``which``; may be none where it has no instance.
        linked: whether some of them are :class:`Link`.
    """

    which: np.ndarray[Any, Any]
    columns: Sequence[Sequence[Column]]
    linked: bool = False

    def part(self, first: int, stop: int) -> Work:
        """The instances from one place up to another."""
        import numpy as np

        scripts = len(self.columns)
        before = np.bincount(self.which[:first], minlength=scripts)
        which = self.which[first:stop]
        within = before + np.bincount(which, minlength=scripts)
        columns = [
            [column[before[number] : within[number]] for column in columns]
            for number, columns in enumerate(self.columns)
        ]
        return Work(which, columns)

    def select(self, places: np.ndarray[Any, Any]) -> Work:
        """Some of the instances, in the order of their places."""
        import numpy as np

        order = np.argsort(self.which, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.which))])
        ranks = np.empty(len(order), np.intp)
        ranks[order] = np.arange(len(order)) - starts[self.which[order]]
        which = self.which[places]
        columns = []
        for number, given in enumerate(self.columns):
            wanted = ranks[places[which == number]]
            columns.append(
                [
                    column[wanted]
                    if isinstance(column, np.ndarray)
                    else [column[i] for i in wanted]
                    for column in given
                ]
            )
        return Work(which, columns)


def _chosen(column: Column, places: np.ndarray[Any, Any]) -> Column:
    return [column[place] for place in places] if isinstance(column, list) else column[places]


class Failure(NamedTuple):
    """Why an instance failed, in the guest's words: type and message."""

    kind: str
    message: str


@dataclass(frozen=True)
class Chunk:
    """What came of consecutive instances: checked, and the host's own.

    Attributes:
        verdicts: a :class:`Verdict` each, uint8.
        lines: where each failed; 0 where that is not known, uint32.
        ends: the number of records up to the end of each, int64.
        records: of :func:`record_dtype`.
        texts: the strings that records of kind ``TEXT`` name.
        failures: index -> why.
    """

    verdicts: np.ndarray[Any, Any]
    lines: np.ndarray[Any, Any]
    ends: np.ndarray[Any, Any]
    records: np.ndarray[Any, Any]
    texts: Sequence[str]
    failures: Mapping[int, Failure]


class BlockEngine(Protocol):
    """Scripts of one publisher, ready to be evaluated."""

    @property
    def name(self) -> str:
        """The engine's name."""

    @property
    def enforced(self) -> Mapping[str, str]:
        """Limit -> the mechanism that enforces it for each instance."""

    @property
    def walls(self) -> frozenset[str]:
        """The walls that stand."""

    @property
    def links(self) -> bool:
        """Whether instances may have others of the same work as inputs."""

    @property
    def cancelled(self) -> bool:
        """Whether the last evaluation was."""

    def evaluate(self, work: Work, limits: BlockLimits) -> list[Chunk]:
        """Evaluate instances, in order; together the chunks have a verdict for each. Those that
        were not reached, because it was cancelled, are ``NOT_RUN``.

        Of linked work some may be ``NOT_RUN`` for other reasons: it is given up where anything is
        out of the ordinary. What is said of an instance holds only if its inputs are sound.

        Raises:
            PolicyNotEnforceable: a limit cannot be enforced; nothing was started.
            EngineFailure: the machine has run out of something.
        """

    def cancel(self) -> bool:
        """End the running evaluation; from any thread. False when none is running."""

    def close(self) -> None:
        """Give back what it holds. May be called again."""
