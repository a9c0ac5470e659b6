"""The folder of a workshop that is run here: its settings, its database, its keys."""

from __future__ import annotations

import dataclasses
import importlib
import os
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ringfence.errors import ConfigurationError, WorkshopNotUsable
from ringfence.workshop.rules import Rules

__all__ = ["DATABASE", "Folder"]

DATABASE = "RINGFENCE_WORKSHOP_DATABASE"
"""The environment variable that names the database, where its address is not for a file."""

_SETTINGS = "workshop.toml"
_KEYS = {"database": str, "specs": list, "packages": list, "engine": str, "rules": dict}
_TEXT = """\
# The settings of a workshop; `ringfence workshop serve` reads them when it starts.
# The address of the database is not here if it holds a password: {variable} says it then.
{database}
# What plugins may be written for: classes of hooks, as module:Class.
specs = [{specs}]
# Packages that plugins may ask for, which have to be installed here.
packages = [{packages}]
# What runs the trials.
engine = "auto"

[rules]
{rules}
"""


@dataclass(frozen=True)
class Folder:
    """A workshop's folder.

    Attributes:
        path: where it is.
        database: the address of its database.
        specs: ``module:Class`` each.
        packages: that plugins may ask for.
        engine: that runs trials.
        rules: what its operator decided.
    """

    path: Path
    database: str
    specs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    engine: str = "auto"
    rules: Rules = field(default_factory=Rules)

    @property
    def repository(self) -> Path:
        """The folder of the keys and of what is signed."""
        return self.path / "repository"

    @property
    def root(self) -> Path:
        """The file of the root that clients are given to trust."""
        return self.path / "root.json"

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        database: str | None,
        specs: tuple[str, ...],
        packages: tuple[str, ...],
        rules: Rules,
    ) -> Folder:
        """A new folder, with settings.

        Raises:
            ConfigurationError: there is one; a spec cannot be imported; the address of the database
                has a password in it.
            WorkshopNotUsable: it cannot be written.
        """
        settings = path / _SETTINGS
        if settings.exists():
            raise ConfigurationError(f"{path} is a workshop: ringfence workshop serve {path}")
        for spec in specs:
            _import(spec)
        if database is not None and _has_password(database):
            raise ConfigurationError(
                f"--database has a password in it, and {_SETTINGS} is no place for one: leave it "
                f"out, and give it in PostgreSQL's own file (.pgpass) or in PGPASSWORD; or give "
                f"the whole address in {DATABASE} instead"
            )
        text = _TEXT.format(
            variable=DATABASE,
            database=f"# database = {_quoted('sqlite:///' + str(path / 'workshop.db'))}"
            if database is None
            else f"database = {_quoted(database)}",
            specs=", ".join(map(_quoted, specs)),
            packages=", ".join(map(_quoted, packages)),
            rules="\n".join(
                f"{one.name} = {str(getattr(rules, one.name)).lower()}"
                for one in dataclasses.fields(rules)
            ),
        )
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(
                os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w"
            ) as file:
                file.write(text)
        except OSError as error:
            raise WorkshopNotUsable(f"{path} cannot be written: {error}") from error
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Folder:
        """The folder of a workshop.

        Raises:
            WorkshopNotUsable: there is none, or its settings are none.
        """
        settings = path / _SETTINGS
        try:
            told = tomllib.loads(settings.read_text("utf-8"))
        except FileNotFoundError:
            raise WorkshopNotUsable(
                f"{path} is no workshop; make one with: ringfence workshop init {path}"
            ) from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise WorkshopNotUsable(f"{settings} cannot be read: {error}") from error
        for key, value in told.items():
            if key not in _KEYS or type(value) is not _KEYS[key]:
                raise WorkshopNotUsable(f"{settings}: {key!a} is no setting, or of another type")
        database = os.environ.get(DATABASE) or told.get("database") or str(path / "workshop.db")
        return cls(
            path,
            database,
            _texts(settings, told, "specs"),
            _texts(settings, told, "packages"),
            told.get("engine", "auto"),
            _rules(settings, told.get("rules", {})),
        )

    def trials(self) -> list[Any]:
        """The specs, each with how a plugin is tried.

        Raises:
            ConfigurationError: one cannot be imported.
        """
        from ringfence.plugins import HookSpec
        from ringfence.workshop import HookTrial

        found = []
        for name in self.specs:
            spec = _import(name)
            if isinstance(spec, type) and issubclass(spec, HookSpec):
                spec = HookTrial(spec, engine=self.engine, packages=self.packages)
            found.append(spec)
        return found


def _rules(settings: Path, told: dict[str, Any]) -> Rules:
    types = {one.name: type(getattr(Rules(), one.name)) for one in dataclasses.fields(Rules)}
    for key, value in told.items():
        if key not in types or type(value) is not types[key]:
            raise WorkshopNotUsable(f"{settings}: rules.{key!a} is no rule, or of another type")
    return Rules(**told)


def _texts(settings: Path, told: dict[str, Any], key: str) -> tuple[str, ...]:
    found = told.get(key, [])
    if not all(isinstance(one, str) for one in found):
        raise WorkshopNotUsable(f"{settings}: {key} is a list of texts")
    return tuple(found)


def _import(name: str) -> Any:
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        raise ConfigurationError(f"--spec {name}: write module:Class")
    sys.path.insert(0, str(Path.cwd()))  # the operator's own modules, as `python -m` has them
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"the spec {name} cannot be imported: {error}") from error
    finally:
        sys.path.pop(0)


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise ConfigurationError(f"{text!a} cannot stand in a file of settings")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _has_password(database: str) -> bool:
    """Whether an address has one: before the host, or among its parameters."""
    try:
        parts = urlsplit(database)
        told = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:  # it is none, which is told when it is opened
        return False
    return parts.password is not None or any("password" in name.lower() for name in told)
