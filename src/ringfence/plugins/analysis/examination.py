"""Reads a plugin's files and lets every rule look at them. Nothing of them is imported or run."""

from __future__ import annotations

import ast
import dataclasses
import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ringfence.plugins.analysis import source
from ringfence.plugins.analysis.context import Asked, Context, Needs
from ringfence.plugins.analysis.evaluation import Evaluator, Modules
from ringfence.plugins.analysis.families.text import marks
from ringfence.plugins.analysis.names import STANDARD, TELLING_BUILTINS
from ringfence.plugins.analysis.registry import FAMILIES, HANDLERS, RULES
from ringfence.plugins.analysis.report import Capabilities, Finding, Report
from ringfence.plugins.analysis.rule import Severity
from ringfence.plugins.analysis.scopes import Scope
from ringfence.plugins.analysis.survey import TooDeep, survey
from ringfence.plugins.analysis.values import Ref
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.manifest import MANIFEST, Manifest

__all__ = ["MOST_FINDINGS", "analyze", "analyze_files"]

MOST_FINDINGS = 2_000
"""Findings of a report."""

_MOST_OF_A_FILE = 500
_UNCOUNTED = frozenset({"clock", "randomness"})
_ORDER = {"error": 0, "warning": 1, "note": 2}
_REFUSED = {"unreadable": "RF921", "encoding": "RF905", "size": "RF922"}
_OF_RULES = frozenset(rule.grant for rule in RULES.values() if rule.grant is not None)


@dataclass
class _Module:
    file: str
    name: str
    text: str
    evaluator: Evaluator | None = None


def analyze(bundle: Bundle, *, lends: Iterable[str] = ()) -> Report:
    """Analyse a bundle, against its own manifest.

    Args:
        bundle: what to read.
        lends: modules that its application lends to every bundle of its kind, by their outermost
            names: nobody has to ask for them.
    """
    return analyze_files(bundle.files, bundle.manifest, packages=lends)


def analyze_files(
    files: Mapping[str, bytes],
    manifest: Manifest | None = None,
    *,
    packages: Iterable[str] = (),
    grants: Iterable[str] = (),
) -> Report:
    """Analyse files that may be no bundle.

    Args:
        files: relative path -> content; those that end in ``.py`` are read.
        manifest: what the plugin asks for; without one, nothing.
        packages: packages that are asked for beside the manifest's.
        grants: grants that are asked for beside the manifest's.
    """
    with _no_collection():
        return _analyze(files, manifest, _asked(manifest, packages, grants))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the collector of circles: trees have none, and it would walk them again and again.

    What is read is bounded, so that the memory is. Two analyses at once disturb each other only in
    that the first to end turns the collector on again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _analyze(files: Mapping[str, bytes], manifest: Manifest | None, asked: Asked) -> Report:
    findings: list[Finding] = []
    needs = Needs()
    own = {name: _module_name(name) for name in sorted(files) if name.endswith(".py")}
    modules = Modules(list(own.values()))
    units: list[_Module] = []
    lines = 0
    for file, name in own.items():
        read = source.read(files[file])
        lines += read.lines
        units.append(_read(file, name, read, modules, findings))
    for unit in units:
        if unit.evaluator is not None:
            _examine(unit, asked, needs, findings)
    capabilities = _capabilities(needs, asked)
    if manifest is not None:
        findings.extend(_in_vain(capabilities, manifest, needs))
    unique = sorted(
        set(findings), key=lambda one: (one.file, one.line, one.column, one.rule, one.message)
    )
    kept = unique
    if len(unique) > MOST_FINDINGS:  # the worst are kept: they decide
        kept = sorted(unique, key=lambda one: _ORDER[one.severity])[:MOST_FINDINGS]
        kept.sort(key=lambda one: (one.file, one.line, one.column, one.rule, one.message))
    return Report(tuple(kept), capabilities, len(units), lines, len(unique) - len(kept))


def _module_name(file: str) -> str:
    name = file.removesuffix(".py").replace("/", ".")
    return "" if name == "__init__" else name.removesuffix(".__init__")


def _asked(manifest: Manifest | None, packages: Iterable[str], grants: Iterable[str]) -> Asked:
    names = {*packages, *(manifest.packages if manifest is not None else ())}
    several = {*grants, *(manifest.grants if manifest is not None else ())}
    return Asked(
        grants=frozenset(one.partition(":")[0] for one in several),
        packages=frozenset(names) | frozenset(one.replace("-", "_").lower() for one in names),
    )


def _finding(rule: str, file: str, line: int, column: int, message: str) -> Finding:
    one = RULES[rule]
    severity: Severity = one.severity
    return Finding(rule, severity, file, line, column, f"{one.title}: {message}", one.remedy)


def _read(
    file: str, name: str, read: source.Source, modules: Modules, findings: list[Finding]
) -> _Module:
    unit = _Module(file, name, read.text)
    findings.extend(_finding(rule, file, *rest) for rule, *rest in marks(read.text))  # type: ignore[arg-type] # a tuple cut in two
    if read.cookie is not None:
        line, encoding = read.cookie
        one = _finding("RF905", file, line, 1, f"it declares {ascii(encoding)[:40]}")
        findings.append(dataclasses.replace(one, severity="warning"))
    if isinstance(read.tree, source.Refusal):
        why = read.tree
        findings.append(_finding(_REFUSED[why.kind], file, why.line, why.column, why.reason))
        return unit
    try:
        found = survey(read.tree)
    except TooDeep as deep:
        findings.append(_finding("RF922", file, deep.line, 0, "its syntax is too deep"))
        return unit
    is_package = file.rpartition("/")[2] == "__init__.py"
    unit.evaluator = Evaluator(modules, name, found, is_package=is_package)
    modules.evaluators[name] = unit.evaluator
    return unit


def _examine(unit: _Module, asked: Asked, needs: Needs, findings: list[Finding]) -> None:
    assert unit.evaluator is not None
    here: list[Finding] = []
    context = Context(unit.file, unit.text, unit.evaluator, asked, needs, dict(RULES), here)
    found = unit.evaluator.found
    _mark_imports(context)
    for family in FAMILIES:
        for look in family.whole:
            look(context)
    for kind, places in found.places.items():
        handlers = HANDLERS.get(kind, ())
        if not handlers:
            continue
        told = places
        if kind is ast.Name:  # most are plain variables
            telling = _telling_names(context)
            told = [place for place in places if place[0].id in telling]
        for node, scope, role in told:
            for handle in handlers:
                handle(context, node, scope, role)
    if unit.evaluator.exhausted:
        context.report("RF923", (0, 0), "its steps were used up")
    if len(here) > _MOST_OF_A_FILE:
        here.sort(key=lambda one: (_ORDER[one.severity], one.line, one.column, one.rule))
    findings.extend(here)


def _telling_names(context: Context) -> frozenset[str]:
    """Names that rules about names look at: some builtins, and whatever is imported."""
    places = context.ask.found.places
    imported = {
        alias.asname or alias.name.partition(".")[0]
        for kind in (ast.Import, ast.ImportFrom)
        for node, _, _ in places[kind]
        for alias in node.names
    }
    return TELLING_BUILTINS | imported


def _mark_imports(context: Context) -> None:
    """Imports that need not succeed, and those that only type checkers follow."""
    places = context.ask.found.places
    for node, _, _ in places[ast.Try]:
        if any(_catches_missing(handler.type) for handler in node.handlers):
            context.optional.update(id(one) for one in node.body)
    for node, scope, _ in places[ast.If]:
        if _for_types(context, node.test, scope):
            for one in node.body:
                if isinstance(one, ast.Import | ast.ImportFrom):
                    context.for_types.add(id(one))


def _catches_missing(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_catches_missing(one) for one in kind.elts)
    return isinstance(kind, ast.Name) and kind.id in ("ImportError", "ModuleNotFoundError")


def _for_types(context: Context, test: ast.expr, scope: Scope) -> bool:
    if not isinstance(test, ast.Name | ast.Attribute):
        return False
    return context.values(test, scope) == (Ref("typing.TYPE_CHECKING"),)


def _capabilities(needs: Needs, asked: Asked) -> Capabilities:
    grants = frozenset(needs.grants)
    known = asked.grants & _OF_RULES
    missing = {f"package:{one}" for one in needs.packages if one.lower() not in asked.packages}
    return Capabilities(
        own=frozenset(needs.own),
        standard=frozenset(needs.standard),
        packages=frozenset(needs.packages - STANDARD),
        grants=grants,
        asked=frozenset(known),
        undeclared=frozenset((grants - asked.grants - _UNCOUNTED) | missing),
        unused=frozenset(known - grants),
    )


def _in_vain(capabilities: Capabilities, manifest: Manifest, needs: Needs) -> Iterable[Finding]:
    for grant in sorted(capabilities.unused):
        yield _finding("RF809", MANIFEST, 0, 0, f"the grant {grant}")
    imported = {one.lower() for one in needs.packages}
    for package in manifest.packages:
        if package.replace("-", "_") not in imported and len(imported) == 0:
            yield _finding("RF809", MANIFEST, 0, 0, f"the package {package}")
