"""Ranked search over tools, by what their names, descriptions and parameters say (BM25)."""

from __future__ import annotations

import bisect
import math
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from ringfence.mcp.guest.seen import SeenTool

__all__ = ["ToolMatch", "rank"]

T = TypeVar("T", bound="SeenTool")

_LONGEST_TEXT = 1_000
_MOST_WORDS = 50
_MOST_PARAMETERS = 60
_MOST_INDEXES = 8
_MOST_LONGER = 500
_SATURATION = 1.2
_BY_LENGTH = 0.75
_PART_OF_A_WORD = 0.5
_WEIGHTS = {"name": 3, "title": 2, "text": 1}
_WORD = re.compile(r"[a-z]+|[0-9]+|[^\W\d_a-z]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COMMON = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it"}
    | {"of", "on", "or", "that", "the", "this", "to", "with"}
)


@dataclass(frozen=True)
class ToolMatch(Generic[T]):
    """A tool that was found.

    Attributes:
        tool: which.
        score: above 0; higher is better. Comparable within one search only.
    """

    tool: T
    score: float


def rank(tools: Sequence[T], text: str, limit: int = 10) -> list[ToolMatch[T]]:
    """The tools that a text asks for, the best first; equal ones in the order of ``tools``.

    Args:
        tools: to search; what was made of them is kept for the next search in the same ones.
        text: words, in any order and case; at most 1,000 characters of it count.
        limit: the most to give.

    Returns:
        Those that have at least one of the words, or a word that begins with one of three letters
        or more.
    """
    scores = _index_of(tools).scores(
        list(dict.fromkeys(_words(text[:_LONGEST_TEXT])))[:_MOST_WORDS]
    )
    best = sorted(scores.items(), key=lambda found: (-found[1], found[0]))[: max(0, limit)]
    return [ToolMatch(tools[number], round(score, 4)) for number, score in best]


class _Index:
    """Which words are in which tools, and how often."""

    def __init__(self, tools: Sequence[SeenTool]) -> None:
        self.tools = tuple(tools)  # held, so that nothing else has their identity
        counts = [_counts(tool) for tool in tools]
        self._lengths = [sum(count.values()) for count in counts]
        self._average = sum(self._lengths) / len(counts) if counts else 1.0
        self._where: dict[str, list[tuple[int, int]]] = {}
        for number, count in enumerate(counts):
            for word, times in count.items():
                self._where.setdefault(word, []).append((number, times))
        self._words = sorted(self._where)

    def scores(self, words: Sequence[str]) -> dict[int, float]:
        """Number of the tool -> its score, of those that have one."""
        scores: dict[int, float] = {}
        for word in words:
            exact = self._of(word)
            for number, score in exact.items():
                scores[number] = scores.get(number, 0.0) + score
            if len(word) < 3:
                continue
            longer: dict[int, float] = {}
            for other in self._longer(word):
                for number, score in self._of(other).items():
                    longer[number] = max(longer.get(number, 0.0), score)
            for number, score in longer.items():
                if number not in exact:
                    scores[number] = scores.get(number, 0.0) + _PART_OF_A_WORD * score
        return scores

    def _longer(self, word: str) -> Iterator[str]:
        """Words that begin with this one, and have more; a bounded number of them."""
        first = bisect.bisect_right(self._words, word)
        for other in self._words[first : first + _MOST_LONGER]:
            if not other.startswith(word):
                break
            yield other

    def _of(self, word: str) -> dict[int, float]:
        where = self._where.get(word, ())
        rarity = math.log(1 + (len(self.tools) - len(where) + 0.5) / (len(where) + 0.5))
        return {
            number: rarity
            * times
            * (_SATURATION + 1)
            / (times + _SATURATION * self._share(self._lengths[number]))
            for number, times in where
        }

    def _share(self, length: int) -> float:
        return 1 - _BY_LENGTH + _BY_LENGTH * length / self._average


_INDEXES: OrderedDict[tuple[int, ...], _Index] = OrderedDict()


def _index_of(tools: Sequence[SeenTool]) -> _Index:
    key = tuple(map(id, tools))
    index = _INDEXES.get(key)
    if index is None:
        index = _INDEXES[key] = _Index(tools)
        if len(_INDEXES) > _MOST_INDEXES:
            _INDEXES.popitem(last=False)
    else:
        _INDEXES.move_to_end(key)
    return index


def _counts(tool: SeenTool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for kind, text in _texts(tool):
        for word in _words(text):
            counts[word] += _WEIGHTS[kind]
    return counts


def _texts(tool: SeenTool) -> Iterator[tuple[str, str]]:
    yield "name", tool.tool[:200]
    yield "title", f"{tool.server[:200]} {tool.title[:200]}"
    yield "text", tool.description[:2_000]
    properties: Any = tool.input_schema.get("properties")
    if isinstance(properties, Mapping):
        for key, part in list(properties.items())[:_MOST_PARAMETERS]:
            yield "text", str(key)[:200]
            said = part.get("description") if isinstance(part, Mapping) else None
            if isinstance(said, str):
                yield "text", said[:300]


def _words(text: str) -> Iterator[str]:
    """Lower case, split at humps and underscores, without the commonest and without plurals."""
    for word in _WORD.findall(_HUMP.sub(" ", text).lower()):
        if word in _COMMON:
            continue
        plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
        yield word[:-1] if plural else word[:60]
