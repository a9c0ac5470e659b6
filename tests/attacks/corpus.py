"""The corpus as data: attack files, their headers, and the verdicts that they expect."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from ringfence.model import Result
from tests.attacks.conditions import Condition, parse_conditions

__all__ = [
    "CORPUS",
    "Attack",
    "Expectation",
    "HeaderError",
    "Verdict",
    "load",
    "needs_of_module",
    "parse",
    "verdict_of",
]

CORPUS = Path(__file__).parent / "corpus"

_NEXT_TURN = re.compile(r"^# --- next turn(?: after (\d+(?:\.\d+)?) s)?\n", re.MULTILINE)
_LINE = re.compile(r"# ([a-z]+)(?:\[([^\]]*)\])?: (.+)")
_KEYS = frozenset(
    {
        "goal", "technique", "trap", "field", "limits", "packages", "functions", "grant", "needs",
        "twice", "stdin", "stdout", "expect",
    }
)  # fmt: skip
_REQUIRED = ("goal", "technique", "expect")

Kind = Literal["ok", "error", "limit", "crashed", "cancelled"]


class HeaderError(Exception):
    """A file's header is not what README.md describes."""


@dataclass(frozen=True)
class Text:
    """A text that is known exactly, or the regular expression that all of it matches."""

    text: str
    regex: bool = False

    def matches(self, actual: str) -> bool:
        """Whether ``actual`` is it."""
        if self.regex:
            return re.fullmatch(self.text, actual, re.DOTALL) is not None
        return actual == self.text

    def __str__(self) -> str:
        return ("~" if self.regex else "") + repr(self.text)

    @classmethod
    def parse(cls, source: str) -> Text:
        """From ``"..."`` or ``~"..."``."""
        regex = source.startswith("~")
        try:
            text = ast.literal_eval(source[regex:])
        except (SyntaxError, ValueError):
            text = None
        if not isinstance(text, str):
            raise HeaderError(f'{source!r} is not a string literal; write "text" or ~"regex"')
        if regex:
            try:
                re.compile(text)
            except re.error as error:
                raise HeaderError(f"{text!r} is not a regular expression: {error}") from None
        return cls(text, regex)


@dataclass(frozen=True)
class Verdict:
    """What came, or must come, of an attack.

    Attributes:
        kind: the status.
        name: the exception's type, the limit, or how the guest crashed; empty when ``ok``.
        detail: repr of the value, or the message; None says that it does not matter.
        alive: whether the sandbox survived; None says that it does not matter.
    """

    kind: Kind
    name: str = ""
    detail: Text | None = None
    alive: bool | None = None

    def fits(self, actual: Verdict) -> bool:
        """Whether ``actual`` (exact throughout) is what this asks for."""
        return (
            self.kind == actual.kind
            and self.name == actual.name
            and (
                self.detail is None
                or (actual.detail is not None and self.detail.matches(actual.detail.text))
            )
            and self.alive in (None, actual.alive)
        )

    def __str__(self) -> str:
        parts: list[str] = [self.kind]
        if self.name:
            parts.append(self.name)
        if self.detail is not None:
            plain = self.kind == "ok" and not self.detail.regex
            parts.append(self.detail.text if plain else str(self.detail))
        if self.alive is not None:
            parts.append("alive" if self.alive else "dead")
        return " ".join(parts)

    @classmethod
    def parse(cls, source: str) -> Verdict:
        """From the text after ``expect:``."""
        alive = None
        for word, meaning in ((" alive", True), (" dead", False)):
            if source.endswith(word):
                source, alive = source[: -len(word)], meaning
        kind, _, rest = source.partition(" ")
        if kind == "ok":
            if not rest:
                raise HeaderError("ok needs a value: ok None")
            return cls("ok", "", Text.parse(rest) if rest[0] == "~" else Text(rest), alive)
        if kind not in get_args(Kind):
            raise HeaderError(f"{kind!r} is not a verdict")
        name, _, detail = rest.partition(" ")
        if not re.fullmatch(r"\w+", name):
            raise HeaderError(f"{source!r} says {kind}, but not which")
        if kind == "error" and not detail:
            raise HeaderError(
                f"{source!r} has no message; an error's message is part of the verdict"
            )
        return cls(kind, name, Text.parse(detail) if detail else None, alive)  # type: ignore[arg-type]


def verdict_of(result: Result) -> Verdict:
    """What came of a turn, exact throughout."""
    if result.status == "ok":
        return Verdict("ok", "", Text(repr(result.value)), result.alive)
    error = result.error
    message = Text(error.message if error is not None else "")
    name = result.limit if result.status == "limit" else error.type if error is not None else ""
    return Verdict(result.status, name or "", message, result.alive)


@dataclass(frozen=True)
class Expectation:
    """A verdict, and where it holds."""

    conditions: tuple[Condition, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Cell:
    """The source of one turn, and for how many seconds the sandbox is left alone before it."""

    source: str
    idle: float = 0.0


@dataclass(frozen=True)
class Attack:
    """One file of the corpus. README.md describes the fields."""

    path: Path
    cells: tuple[Cell, ...]
    goal: str
    technique: str
    expectations: tuple[Expectation, ...]
    traps: frozenset[int] = frozenset()
    techniques: frozenset[str] = frozenset()
    limits: Mapping[str, Any] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    grant: bool = False
    needs: tuple[Condition, ...] = ()
    twice: Literal["differ", "equal"] | None = None
    stdout: Text | None = None
    stdin: str | None = None
    asks: bool = False

    @property
    def id(self) -> str:
        """``technique/name``."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def aims(self) -> bool:
        """Whether the program wants to know its targets on the host."""
        return self.mentions("TARGET")

    def mentions(self, name: str) -> bool:
        """Whether the program uses a name that the runner gives it."""
        return any(re.search(rf"\b{name}\b", cell.source) for cell in self.cells)

    def imports(self, module: str) -> bool:
        """Whether the program imports a module."""
        wanted = re.compile(rf"^(from|import) {module}\b", re.MULTILINE)
        return any(wanted.search(cell.source) for cell in self.cells)


def load(root: Path = CORPUS) -> Iterator[Attack]:
    """Every attack below ``root`` (or the one that it is), in the order of their names.

    Raises:
        HeaderError: a header is wrong; the message names the file.
    """
    for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
        yield parse(path)


def parse(path: Path) -> Attack:
    """One attack file.

    Raises:
        HeaderError: its header is wrong; the message names the file.
    """
    try:
        return _parse(path, path.read_text(encoding="utf-8"))
    except HeaderError as error:
        raise HeaderError(f"{path}: {error}") from None


def _parse(path: Path, source: str) -> Attack:
    found: dict[str, str] = {}
    expectations: list[Expectation] = []
    for line in source.splitlines():
        if not line.startswith("# ") or _NEXT_TURN.match(line + "\n"):
            break
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            raise HeaderError(
                f"not a header line: {line!r}; a comment needs an empty line before it"
            )
        key, condition, value = match.groups()
        if key not in _KEYS or (condition is not None and key != "expect"):
            raise HeaderError(f"{line!r}: unknown key; there are {', '.join(sorted(_KEYS))}")
        if key == "expect":
            conditions = _conditions(condition or "")
            expectations.append(Expectation(conditions, Verdict.parse(value)))
            if condition is not None:
                continue
        if key in found:
            raise HeaderError(f"{key!r} is given twice")
        found[key] = value
    for key in _REQUIRED:
        if key not in found:
            raise HeaderError(f"{key!r} is missing")
    if found["technique"] != path.parent.name:
        raise HeaderError(f"technique {found['technique']!r} is in the folder {path.parent.name!r}")
    expectations.sort(key=lambda e: not e.conditions)  # stable: the plain one comes last
    return Attack(
        path=path,
        cells=tuple(_cells(source)),
        goal=found["goal"],
        technique=found["technique"],
        expectations=tuple(expectations),
        traps=frozenset(_numbers(found.get("trap", ""))),
        techniques=frozenset(_words(found.get("field", ""))),
        limits=_limits(found.get("limits", "")),
        packages=_words(found.get("packages", "")),
        functions=_words(found.get("functions", "")),
        grant=_choice(found, "grant", ("folder",)) is not None,
        needs=_conditions(found.get("needs", "")),
        twice=_choice(found, "twice", ("differ", "equal")),  # type: ignore[arg-type]
        stdout=Text.parse(found["stdout"]) if "stdout" in found else None,
        stdin=_stdin(found.get("stdin")),
        asks=found.get("stdin") == "ask",
    )


def needs_of_module(source: str) -> tuple[Condition, ...]:
    """What a module of ``guest_modules`` needs: the conditions of its line ``# needs:``, if any.

    Raises:
        HeaderError: one of them is none that README.md lists.
    """
    line = re.search(r"^# needs: (.+)$", source, re.MULTILINE)
    return _conditions(line[1]) if line else ()


def _cells(source: str) -> Iterator[Cell]:
    idle, start = 0.0, 0
    for match in _NEXT_TURN.finditer(source):
        yield Cell(source[start : match.start()], idle)
        idle, start = float(match[1] or 0), match.end()
    yield Cell(source[start:], idle)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _stdin(source: str | None) -> str | None:
    return None if source in (None, "ask") else Text.parse(source).text


def _numbers(text: str) -> tuple[int, ...]:
    words = _words(text)
    if not all(word.isdecimal() for word in words):
        raise HeaderError(f"trap: {text!r} is not a list of numbers")
    return tuple(map(int, words))


def _choice(found: Mapping[str, str], key: str, choices: tuple[str, ...]) -> str | None:
    value = found.get(key)
    if value is not None and value not in choices:
        raise HeaderError(f"{key}: {value!r} must be one of {', '.join(choices)}")
    return value


def _conditions(text: str) -> tuple[Condition, ...]:
    try:
        return parse_conditions(text)
    except ValueError as error:
        raise HeaderError(str(error)) from None


def _limits(text: str) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for word in _words(text):
        name, equals, value = word.partition("=")
        if not equals or name in limits:
            raise HeaderError(f"limits: {word!r} is not name=value, or is given twice")
        limits[name] = _limit(value)
    return limits


def _limit(value: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
