"""What a plugin says about itself: ``plugin.toml`` at the root of its bundle.

::

    [plugin]
    name = "ridged-mountains"
    version = "1.2.0"
    author = "ada"
    title = "Ridged mountains"
    description = "Sharp crests, from folded noise."
    kind = "plugin"                # what an application calls it; "plugin" implements hooks
    entry = "ridged"               # the module that has its functions
    packages = ["numpy"]           # what it may import beside the standard library's pure part
    grants = []                    # what else it asks for, by name; default: nothing

    [spec]                         # what it is written for, and which version of that
    name = "worldgen.terrain"
    version = "1.0"

    [parameters.ridges]            # what a person may set
    type = "int"                   # or "float", "bool", "str"
    default = 6
    low = 1
    high = 12
    help = "how many times noise is folded"

    [host]                         # what the application of its kind reads, which checks it

A manifest is a stranger's text: :func:`read_manifest` is the one place that believes any of it.
"""

from __future__ import annotations

import math
import re
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from ringfence.errors import BundleRefused

__all__ = [
    "MANIFEST",
    "MOST_MANIFEST",
    "Manifest",
    "Parameter",
    "ParameterType",
    "SpecReference",
    "is_plugin_name",
    "is_version",
    "read_manifest",
]

MANIFEST = "plugin.toml"
"""Its name in a bundle."""

MOST_MANIFEST = 64 << 10
"""Bytes of it."""

ParameterType = Literal["int", "float", "bool", "str"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SPEC = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")
_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_SPEC_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
_GRANT = re.compile(r"[a-z][a-z0-9_-]*(:[^\s\x00-\x1f]{1,200})?")
_PACKAGE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_TYPES: Mapping[str, type] = {"int": int, "float": float, "bool": bool, "str": str}
_LONGEST_NAME = 64
_LONGEST_LINE = 200
_LONGEST_TEXT = 2_000
_MOST_ENTRIES = 64
_MOST_INT = 1 << 53  # the same on every engine, in JSON, and in a page


@dataclass(frozen=True, slots=True)
class SpecReference:
    """What a plugin is written for.

    Attributes:
        name: the spec's name, dotted.
        version: ``(major, minor)``.
    """

    name: str
    version: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.name} {self.version[0]}.{self.version[1]}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a person may set of a plugin.

    Attributes:
        type: of its values.
        default: what holds where nothing is set.
        low, high: bounds of a number, inclusive; None where there is none.
        choices: the texts that it may be; empty where any will do.
        unit: of a number, for people.
        help: what it does, for people: the author's text.
    """

    type: ParameterType
    default: float | bool | str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    help: str = ""

    def accept(self, value: object) -> float | bool | str:
        """A value of this parameter, exactly of its type; an int will do for a float.

        Raises:
            ValueError: it is none; says why.
        """
        kind = _TYPES[self.type]
        if kind is float and type(value) is int and abs(value) <= _MOST_INT:
            value = float(value)
        if type(value) is not kind:
            raise ValueError(f"{self.type} was expected, got {type(value).__name__}")
        assert isinstance(value, int | float | str)
        if isinstance(value, str):
            if len(value) > _LONGEST_TEXT:
                raise ValueError(f"at most {_LONGEST_TEXT} characters, got {len(value)}")
            if self.choices and value not in self.choices:
                raise ValueError(f"one of {', '.join(self.choices)} was expected")
            return value
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"a finite number was expected, got {value}")
        if not isinstance(value, bool):
            if isinstance(value, int) and abs(value) > _MOST_INT:
                raise ValueError("a number of at most 53 bits was expected")
            if self.low is not None and value < self.low:
                raise ValueError(f"at least {self.low:g} was expected, got {value:g}")
            if self.high is not None and value > self.high:
                raise ValueError(f"at most {self.high:g} was expected, got {value:g}")
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a plugin says about itself, checked for form. All texts are the author's.

    Attributes:
        name: of the plugin: lower-case words with hyphens, at most 64 characters.
        version: ``(major, minor, patch)``.
        author: who made it, as they say.
        title: for people, one line.
        description: for people.
        kind: what an application calls it: ``plugin`` implements hooks.
        entry: the module that has its functions, dotted.
        spec: what it is written for.
        packages: installed packages that it asks for, by normalised name.
        grants: what else it asks for: ``name`` or ``name:value``.
        parameters: name -> what may be set.
        host: what the application of its kind reads; plain values, unchecked.
    """

    name: str
    version: tuple[int, int, int]
    author: str
    title: str
    description: str = ""
    kind: str = "plugin"
    entry: str
    spec: SpecReference
    packages: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    host: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))

    def __str__(self) -> str:
        return f"{self.name} {self.version_text}"

    def arguments(self, given: Mapping[str, object]) -> dict[str, float | bool | str]:
        """Values for all parameters: those given, else the defaults.

        Raises:
            ConfigurationError: there is no such parameter, or a value is wrong.
        """
        from ringfence.errors import ConfigurationError

        found = {name: parameter.default for name, parameter in self.parameters.items()}
        for name, value in given.items():
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise ConfigurationError(f"{self.name} has no parameter {name!r}; it has {known}")
            try:
                found[name] = self.parameters[name].accept(value)
            except ValueError as error:
                raise ConfigurationError(f"{self.name}: parameter {name}: {error}") from None
        return found


def is_plugin_name(text: str) -> bool:
    """Whether a plugin may be called so."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether it is a version as people write one: ``1.2.0``."""
    return _VERSION.fullmatch(text) is not None


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        BundleRefused: it is too large, no TOML, or says something that it cannot; names the field.
    """
    if len(data) > MOST_MANIFEST:
        raise BundleRefused(MANIFEST, f"it has {len(data):,} bytes, and may have {MOST_MANIFEST:,}")
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:  # also an int with too many digits
        raise BundleRefused(MANIFEST, f"it is no TOML: {error}") from None
    return _Reader(table).manifest()


class _Reader:
    """Takes a manifest apart; every complaint names the field."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table

    def manifest(self) -> Manifest:
        self._only(self._table, "", {"plugin", "spec", "parameters", "host"})
        plugin = self._section("plugin", required=True)
        spec = self._section("spec", required=True)
        self._only(
            plugin,
            "plugin.",
            {
                "name", "version", "author", "title", "description", "kind", "entry", "packages",
                "grants",
            },
        )  # fmt: skip
        self._only(spec, "spec.", {"name", "version"})
        name = self._matching(plugin, "plugin.name", _NAME, "lower-case words with hyphens")
        version = self._matching(plugin, "plugin.version", _VERSION, "three numbers, as 1.2.0")
        entry = self._line(plugin, "plugin.entry")
        if not all(part.isidentifier() and part.isascii() for part in entry.split(".")):
            raise self._wrong("plugin.entry", "it must be the dotted name of a module")
        major, minor, patch = map(int, version.split("."))
        title = self._line(plugin, "plugin.title", name)
        return Manifest(
            name=name,
            version=(major, minor, patch),
            author=self._line(plugin, "plugin.author"),
            title=title,
            description=self._line(plugin, "plugin.description", "", longest=_LONGEST_TEXT),
            kind=self._matching(plugin, "plugin.kind", _NAME, "a lower-case word", "plugin"),
            entry=entry,
            spec=self._spec(spec),
            packages=self._names(plugin, "plugin.packages", _PACKAGE),
            grants=self._names(plugin, "plugin.grants", _GRANT),
            parameters=MappingProxyType(self._parameters()),
            host=MappingProxyType(dict(self._section("host"))),
        )

    def _spec(self, table: Mapping[str, Any]) -> SpecReference:
        name = self._matching(table, "spec.name", _SPEC, "lower-case words with dots")
        version = self._matching(table, "spec.version", _SPEC_VERSION, "two numbers, as 1.0")
        major, minor = map(int, version.split("."))
        return SpecReference(name, (major, minor))

    def _parameters(self) -> dict[str, Parameter]:
        tables = self._section("parameters")
        if len(tables) > _MOST_ENTRIES:
            raise self._wrong("parameters", f"there may be {_MOST_ENTRIES}")
        return {name: self._parameter(name, table) for name, table in tables.items()}

    def _parameter(self, name: str, table: Any) -> Parameter:
        where = f"parameters.{name[:_LONGEST_NAME]}"
        if not (name.isidentifier() and name.isascii()) or name.startswith("_"):
            raise self._wrong(where, "its name must be that of an argument")
        if not isinstance(table, dict):
            raise self._wrong(where, "it must be a table")
        keys = {"type", "default", "low", "high", "choices", "unit", "help"}
        self._only(table, f"{where}.", keys)
        kind: Any = table.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            raise self._wrong(f"{where}.type", f"it must be one of {', '.join(_TYPES)}")
        bounds = {key: self._bound(table, f"{where}.{key}", kind) for key in ("low", "high")}
        parameter = Parameter(
            typing.cast("ParameterType", kind),
            typing.cast("Any", table.get("default")),  # accepted below, or refused
            low=bounds["low"],
            high=bounds["high"],
            choices=self._choices(table, f"{where}.choices", kind),
            unit=self._line(table, f"{where}.unit", ""),
            help=self._line(table, f"{where}.help", "", longest=_LONGEST_TEXT),
        )
        try:
            parameter.accept(parameter.default)
        except ValueError as error:
            raise self._wrong(f"{where}.default", str(error)) from None
        return parameter

    def _bound(self, table: Mapping[str, Any], where: str, kind: str) -> float | None:
        value = table.get(where.rpartition(".")[2])
        if value is None:
            return None
        if kind not in {"int", "float"} or type(value) not in {int, float}:
            raise self._wrong(where, "only numbers have bounds, and these are numbers")
        if not math.isfinite(value) or abs(value) > _MOST_INT:
            raise self._wrong(where, "it must be a finite number of at most 53 bits")
        return float(value) if kind == "float" else value

    def _choices(self, table: Mapping[str, Any], where: str, kind: str) -> tuple[str, ...]:
        value = table.get("choices", [])
        if not isinstance(value, list) or len(value) > _MOST_ENTRIES:
            raise self._wrong(where, f"it must be a list of at most {_MOST_ENTRIES} texts")
        if value and kind != "str":
            raise self._wrong(where, 'only a parameter of type "str" has choices')
        if not all(isinstance(one, str) and len(one) <= _LONGEST_LINE for one in value):
            raise self._wrong(where, f"each must be a text of at most {_LONGEST_LINE} characters")
        return tuple(value)

    def _names(
        self, table: Mapping[str, Any], where: str, pattern: re.Pattern[str]
    ) -> tuple[str, ...]:
        value = table.get(where.rpartition(".")[2], [])
        if not isinstance(value, list) or len(value) > _MOST_ENTRIES:
            raise self._wrong(where, f"it must be a list of at most {_MOST_ENTRIES} names")
        for one in value:
            if not isinstance(one, str) or not pattern.fullmatch(one):
                raise self._wrong(where, f"{ascii(one)[:80]} is no such name")
        if len(set(value)) != len(value):
            raise self._wrong(where, "a name is in it twice")
        return tuple(value)

    def _matching(
        self,
        table: Mapping[str, Any],
        where: str,
        pattern: re.Pattern[str],
        meant: str,
        default: str | None = None,
    ) -> str:
        text = self._line(table, where, default, longest=_LONGEST_NAME)
        if not pattern.fullmatch(text):
            raise self._wrong(where, f"it must be {meant}")
        return text

    def _line(
        self,
        table: Mapping[str, Any],
        where: str,
        default: str | None = None,
        *,
        longest: int = _LONGEST_LINE,
    ) -> str:
        value = table.get(where.rpartition(".")[2], default)
        if value is None:
            raise self._wrong(where, "it is missing")
        if not isinstance(value, str):
            raise self._wrong(where, "it must be a text")
        if len(value) > longest:
            raise self._wrong(where, f"it may have {longest} characters, and has {len(value)}")
        if not all(one.isprintable() or (one == "\n" and longest > _LONGEST_LINE) for one in value):
            raise self._wrong(where, "it has characters that cannot be seen")
        return value

    def _section(self, name: str, *, required: bool = False) -> Mapping[str, Any]:
        value = self._table.get(name, None if required else {})
        if not isinstance(value, dict):
            raise self._wrong(name, "it must be a table" if value is not None else "it is missing")
        return value

    def _only(self, table: Mapping[str, Any], prefix: str, known: set[str]) -> None:
        for key in table:
            if key not in known:
                known_text = ", ".join(sorted(known))
                shown = ascii(key)[1:-1][:_LONGEST_NAME]
                raise self._wrong(f"{prefix}{shown}", f"nothing is called so; known: {known_text}")

    def _wrong(self, where: str, reason: str) -> BundleRefused:
        return BundleRefused(MANIFEST, f"{where}: {reason}")
