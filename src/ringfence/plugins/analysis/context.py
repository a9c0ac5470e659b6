"""What the families of rules see of a module, and where they put what they find."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from ringfence.plugins.analysis.demands import Demand
from ringfence.plugins.analysis.evaluation import Evaluator
from ringfence.plugins.analysis.names import STANDARD
from ringfence.plugins.analysis.report import Finding
from ringfence.plugins.analysis.rule import Rule, Severity
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.values import Values

__all__ = ["Asked", "Context", "Handlers", "Needs", "quoted"]

_LONGEST_QUOTE = 60


def quoted(text: object) -> str:
    """A guest's text within a message: ASCII, bounded, on its line."""
    shown = ascii(text)
    return shown if len(shown) <= _LONGEST_QUOTE else f"{shown[:_LONGEST_QUOTE]}...{shown[0]}"


@dataclass(frozen=True)
class Asked:
    """What a manifest asks for.

    Attributes:
        grants: by name, without what follows a colon.
        packages: importable names, as far as they can be told from the packages' own.
    """

    grants: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()


@dataclass
class Needs:
    """What the code needs, gathered over all modules."""

    own: set[str] = field(default_factory=set)
    standard: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)

    def note_import(self, module: str, *, own: bool) -> None:
        """An import; ``module`` is the full name."""
        top = module.partition(".")[0]
        if own:
            self.own.add(module)
        elif top in STANDARD or top == "builtins":
            self.standard.add(top)
        elif top:
            self.packages.add(top)


class Context:
    """A module under analysis.

    Attributes:
        file: its name in the bundle.
        text: its source.
        lines: of the source.
        ask: the evaluator.
        asked: what the manifest asks for.
        needs: where what is needed is gathered.
    """

    def __init__(
        self,
        file: str,
        text: str,
        ask: Evaluator,
        asked: Asked,
        needs: Needs,
        rules: dict[str, Rule],
        found: list[Finding],
    ) -> None:
        self.file = file
        self.text = text
        self.ask = ask
        self.asked = asked
        self.needs = needs
        self.optional: set[int] = set()  # ids of imports that need not succeed
        self.for_types: set[int] = set()  # ids of those that only type checkers follow
        self.consumed: set[int] = set()  # ids of what is iterated to its end
        self.uses_paths = _uses_paths(ask)
        self._rules = rules
        self._found = found
        self._seen: set[tuple[str, int, int]] = set()
        self._lines: list[str] | None = None

    def values(self, node: ast.AST, scope: Scope) -> Values:
        """What an expression may stand for."""
        return self.ask.values(node, scope)

    def report(
        self,
        rule: str,
        node: ast.AST | tuple[int, int],
        message: str,
        *,
        at_most: Severity = "error",
    ) -> None:
        """A finding at a node, or at (line, column), both from 1.

        Args:
            rule: its id.
            node: where.
            message: what is there, without the guest's text or with it :func:`quoted`.
            at_most: a severity that it must not exceed.
        """
        one = self._rules[rule]
        line, column = node if isinstance(node, tuple) else self._place(node)
        if (rule, line, column) in self._seen:
            return
        self._seen.add((rule, line, column))
        severity = one.severity
        if one.grant is not None:
            if at_most == "error":
                self.needs.grants.add(one.grant)
            if one.grant in self.asked.grants and severity == "error":
                severity = "warning"
        severity = min(severity, at_most, key=("note", "warning", "error").index)
        self._found.append(
            Finding(
                one.id, severity, self.file, line, column, f"{one.title}: {message}", one.remedy
            )
        )

    def _place(self, node: ast.AST) -> tuple[int, int]:
        line, offset = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        if not line:
            return 0, 0
        if isinstance(node, ast.Attribute) and node.end_lineno is not None:
            # The attribute's own name is what is meant, and a chain may span lines.
            line, offset = node.end_lineno, (node.end_col_offset or 0) - len(node.attr.encode())
        if self._lines is None:
            self._lines = _python_lines(self.text)
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return line, len(text.encode()[: max(offset, 0)].decode("utf-8", "replace")) + 1

    def demand(self, demand: Demand | None, node: ast.AST, what: str) -> None:
        """Report what a name needs, by the rule of its grant."""
        if demand is None:
            return
        grant, certain = demand
        self.report(RULE_OF_GRANT[grant], node, what, at_most="error" if certain else "warning")


RULE_OF_GRANT = {
    "files": "RF801",
    "network": "RF802",
    "processes": "RF803",
    "native-code": "RF804",
    "threads": "RF805",
    "environment": "RF806",
    "clock": "RF807",
    "randomness": "RF808",
    "dynamic-code": "RF201",
    "dynamic-imports": "RF102",
    "introspection": "RF304",
    "pickling": "RF601",
    "interpreter": "RF703",
}
"""Grant -> the rule that tells that it is needed."""


def _uses_paths(ask: Evaluator) -> bool:
    """Whether the module imports pathlib: then methods of paths are meant."""
    places = ask.found.places
    named = [alias.name for node, _, _ in places[ast.Import] for alias in node.names]
    named += [node.module or "" for node, _, _ in places[ast.ImportFrom]]
    return "pathlib" in named


def _python_lines(text: str) -> list[str]:
    """Lines as Python's tokenizer counts them: form feeds and Unicode separators end none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


Handler = Callable[[Context, Any, Scope, str], None]


@dataclass(frozen=True)
class Handlers:
    """What a family looks at.

    Attributes:
        rules: the family's rules.
        nodes: type of node -> what looks at it: (context, node, scope, role).
        whole: what looks at a module as a whole, once.
    """

    rules: tuple[Rule, ...]
    nodes: dict[type[ast.AST], Collection[Handler]] = field(default_factory=dict)
    whole: Iterable[Callable[[Context], None]] = ()
