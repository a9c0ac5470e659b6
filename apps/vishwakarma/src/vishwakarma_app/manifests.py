"""What every bundle for Vishwakarma has to say: which version it is for, and its ``[host]`` table.

Ringfence has read the manifest's form; what stands in ``[host]`` is whatever its author wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ringfence.plugins import Manifest, SpecMismatch
from vishwakarma_app.errors import ExtensionRefused

__all__ = ["GRANTS", "SPEC", "VERSION", "HostTable", "check_asked", "check_spec"]

SPEC = "vishwakarma"
"""What bundles name as their spec."""

VERSION = (1, 0)
"""Of the spec: an extension for another major version, or a newer minor one, is refused."""

GRANTS: Mapping[str, str] = {
    "define-blocks": "leave scripts of blocks in the model, which run whenever it is open",
}
"""What an extension may ask for, and what that lets it do."""

_MOST = 200


def check_spec(manifest: Manifest) -> None:
    """Let a manifest pass that is written for a version of Vishwakarma that this one can be.

    Raises:
        SpecMismatch: it is not.
    """
    spec = manifest.spec
    major, minor = VERSION
    if spec.name != SPEC or spec.version[0] != major or spec.version[1] > minor:
        raise SpecMismatch(
            f"{manifest.name} is for {spec}, and this is {SPEC} {major}.{minor}; it needs a "
            "version of it that is for this one"
        )


def check_asked(manifest: Manifest) -> None:
    """Let a manifest pass that asks for nothing but what strangers may have.

    Raises:
        ExtensionRefused: it asks for packages, or for a grant that there is none.
    """
    if manifest.packages:
        raise ExtensionRefused(
            f"{manifest.name}: packages are lent to the application's own extensions only; it "
            f"asks for {', '.join(manifest.packages)}, and has to bring what it needs as Python"
        )
    for grant in manifest.grants:
        if grant not in GRANTS:
            raise ExtensionRefused(
                f"{manifest.name}: there is no grant {grant[:80]!r}; there is {', '.join(GRANTS)}"
            )


class HostTable:
    """A table of a manifest below ``[host]``, taken apart; every complaint names the field.

    Args:
        name: of the bundle, for complaints.
        where: of the table, for complaints.
        table: what stands there.
    """

    def __init__(self, name: str, where: str, table: object) -> None:
        self._name, self._where = name, where
        if not isinstance(table, Mapping):
            raise self.wrong("", "it must be a table")
        self._table: Mapping[str, Any] = table

    def wrong(self, key: str, why: str) -> ExtensionRefused:
        """A complaint about a field, or about the table."""
        field = f"{self._where}.{ascii(key)[1:-1][:60]}" if key else self._where
        return ExtensionRefused(f"{self._name}: plugin.toml: {field}: {why}")

    def only(self, *keys: str) -> None:
        """Refuse any other field: a misspelt one would be a silent default."""
        if unknown := sorted(self._table.keys() - {*keys}):
            raise self.wrong(unknown[0], f"there is no such field; there are {', '.join(keys)}")

    def text(self, key: str, pattern: str, meant: str) -> str:
        """A text of one line.

        Args:
            key: its name.
            pattern: what all of it has to match.
            meant: what that is, for people.
        """
        return self._text(key, self._table.get(key), pattern, meant)

    def texts(
        self, key: str, pattern: str, meant: str, *, default: tuple[str, ...], most: int
    ) -> tuple[str, ...]:
        """Texts, each of one line, none of them twice."""
        value = self._table.get(key, list(default))
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(key, f"it must be a list of at most {most} texts")
        found = tuple(self._text(key, one, pattern, meant) for one in value)
        if len(set(found)) != len(found):
            raise self.wrong(key, "one is in it twice")
        return found

    def tables(self, key: str, pattern: str, meant: str, *, most: int) -> dict[str, HostTable]:
        """Tables by name; none where the field is missing."""
        value = self._table.get(key, {})
        if not isinstance(value, Mapping) or len(value) > most:
            raise self.wrong(key, f"it must have at most {most} tables")
        return {
            self._text(key, name, pattern, meant): HostTable(
                self._name, f"{self._where}.{key}.{name}", table
            )
            for name, table in value.items()
        }

    def rows(self, key: str, *, most: int) -> dict[str, list[Any]]:
        """Lists by name, with whatever is in them; none where the field is missing."""
        value = self._table.get(key, {})
        if not isinstance(value, Mapping) or len(value) > most:
            raise self.wrong(key, f"it must have at most {most} lists")
        for row in value.values():
            if not isinstance(row, list):
                raise self.wrong(key, "each must be a list")
        return dict(value)

    def _text(self, key: str, value: object, pattern: str, meant: str) -> str:
        if (
            not isinstance(value, str)
            or len(value) > _MOST
            or not value.isprintable()
            or not re.fullmatch(pattern, value)
        ):
            raise self.wrong(key, f"it must be {meant}")
        return value
