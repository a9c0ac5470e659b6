"""What an extension says about itself: ``extension.toml`` beside its ``main.py``.

::

    name = "obj-import"
    kind = "importer"              # or "exporter", "command"
    title = "Wavefront OBJ"
    entry = "import_obj"           # a function in main.py
    suffixes = [".obj"]            # of the files that it reads or writes
    engines = ["native", "wasi"]   # where it runs; both by default
    packages = ["ezdxf"]           # installed packages to lend it: for our own extensions only

    [parameters.scale]
    type = "float"                 # or "int", "str", "bool"
    default = 1.0
    help = "what lengths are multiplied by"

The application reads this; no code of an extension runs outside of its sandbox.
"""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from vishwakarma_app.errors import ExtensionRefused

__all__ = ["Extension", "Parameter", "load", "shipped"]

SHIPPED = Path(__file__).parent.parent / "shipped"
_LARGEST_SOURCE = 1 << 20
_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an extension, with its default."""

    type: Literal["int", "float", "str", "bool"]
    default: float | str | bool
    help: str = ""

    def accept(self, value: object) -> float | str | bool:
        """A value of the parameter's type, from a value or from text.

        Raises:
            ValueError: it is none.
        """
        kind = _TYPES[self.type]
        if isinstance(value, str) and kind is bool:
            words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
            if value.lower() not in words:
                raise ValueError(f"true or false was expected, got {value[:40]!r}")
            return words[value.lower()]
        if isinstance(value, str) and kind is not str:
            value = kind(value)
        if kind is float and type(value) is int:
            value = float(value)
        if not isinstance(value, str | int | float) or type(value) is not kind:
            raise ValueError(f"{self.type} was expected, got {str(value)[:40]!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"a finite number was expected, got {value}")
        return value


@dataclass(frozen=True)
class Extension:
    """An extension, ready to run."""

    name: str
    kind: Literal["importer", "exporter", "command"]
    title: str
    source: str
    entry: str
    suffixes: tuple[str, ...] = ()
    engines: tuple[str, ...] = ("native", "wasi")
    packages: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def arguments(self, given: Mapping[str, object]) -> dict[str, float | str | bool]:
        """Values for all parameters: those given, else the defaults.

        Raises:
            ExtensionRefused: there is no such parameter, or a value is wrong.
        """
        found = {name: parameter.default for name, parameter in self.parameters.items()}
        for name, value in given.items():
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise ExtensionRefused(f"{self.name} has no parameter {name!r}; it has {known}")
            try:
                found[name] = self.parameters[name].accept(value)
            except ValueError as error:
                raise ExtensionRefused(f"{self.name}: {name}: {error}") from None
        return found


def load(folder: Path, *, first_party: bool = False) -> Extension:
    """Read an extension from its folder.

    Args:
        folder: holds ``extension.toml`` and ``main.py``.
        first_party: whether it may ask for installed packages: ours may.

    Raises:
        ExtensionRefused: a file is missing or too large, or the manifest is wrong.
    """
    try:
        manifest = tomllib.loads(_text(folder / "extension.toml"))
        return _extension(manifest, _text(folder / "main.py"), first_party=first_party)
    except OSError as error:
        raise ExtensionRefused(f"{folder.name}: {error.strerror}: {error.filename}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ExtensionRefused(f"{folder.name}: extension.toml: {error}") from None


@functools.cache
def shipped() -> dict[str, Extension]:
    """The extensions that come with the application, by name."""
    folders = sorted(one.parent for one in SHIPPED.glob("*/extension.toml"))
    return {one.name: one for one in (load(folder, first_party=True) for folder in folders)}


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_LARGEST_SOURCE + 1)
    if len(data) > _LARGEST_SOURCE:
        raise ValueError(f"{path.name} has more than {_LARGEST_SOURCE} bytes")
    return data.decode()


def _extension(manifest: dict[str, Any], source: str, *, first_party: bool) -> Extension:
    known = {"name", "kind", "title", "entry", "suffixes", "engines", "packages", "parameters"}
    if unknown := manifest.keys() - known:
        raise ValueError(f"unknown key {min(unknown)!r}")
    if not _NAME.fullmatch(manifest["name"]):
        raise ValueError("name must be lower-case words with hyphens")
    if manifest["kind"] not in {"importer", "exporter", "command"}:
        raise ValueError("kind must be importer, exporter or command")
    if not manifest["entry"].isidentifier():
        raise ValueError("entry must be the name of a function")
    packages = tuple(manifest.get("packages", ()))
    if packages and not first_party:
        raise ValueError("packages are lent to the application's own extensions only")
    parameters = {}
    for name, table in manifest.get("parameters", {}).items():
        if table["type"] not in _TYPES or not name.isidentifier():
            raise ValueError(f"parameter {name!r}: type must be int, float, str or bool")
        parameter = Parameter(table["type"], table["default"], str(table.get("help", "")))
        parameter.accept(parameter.default)
        parameters[name] = parameter
    return Extension(
        name=manifest["name"],
        kind=manifest["kind"],
        title=str(manifest["title"]),
        source=source,
        entry=manifest["entry"],
        suffixes=tuple(str(one).lower() for one in manifest.get("suffixes", ())),
        engines=tuple(str(one) for one in manifest.get("engines", ("native", "wasi"))),
        packages=packages,
        parameters=parameters,
    )
