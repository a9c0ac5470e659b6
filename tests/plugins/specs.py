"""A spec and bundles for the tests: what runs on every engine has no arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from ringfence.plugins import Bundle, Case, HookSpec, Range, Unit, hook

MANIFEST = """\
[plugin]
name = "{name}"
version = "{version}"
author = "ada"
entry = "{name}"
packages = {packages}
[spec]
name = "{spec}"
version = "{spec_version}"
"""


@dataclass(frozen=True)
class Town:
    """A declared class: what comes back is one of the host's, and never the guest's."""

    name: str
    people: Annotated[int, Range(0, 1_000_000)]


class Counting(HookSpec, name="tests.counting", version="1.2"):
    """What the tests ask plugins for."""

    @hook()
    def probe(self, n: int) -> int:
        """A number for a number."""
        return -1

    @hook()
    def undecided(self, n: int) -> int | None:
        """None is an answer here."""
        return -1

    @hook()
    def bare(self, n: int) -> int:
        """There is no answer of the spec's own."""

    @hook(rule="all")
    def name_of(self, n: int) -> str:
        """A text, of each plugin."""
        return ""

    @hook(rule="fold", fold="total")
    def add(self, n: int, total: float = 0.5) -> Annotated[float, Range(-100, 100), Unit("m")]: ...

    @hook()
    def town(self, name: str) -> Town:
        """A record."""
        return Town(name, 0)

    cases = (
        Case("probe", {"n": 3}, "three", check=lambda value: value == 6),
        Case("town", {"name": "Ulm"}, "a town"),
    )

    # The fold's annotation of its argument is that of what it returns.
    add.__annotations__["total"] = add.__annotations__["return"]


def bundle(source: str, name: str = "counter", /, **more: Any) -> Bundle:
    """A plugin of one module."""
    files = {f"{name}.py": source.encode()}
    files |= {path: text.encode() for path, text in more.pop("files", {}).items()}
    fields = {
        "version": "1.0.0",
        "packages": [],
        "spec": "tests.counting",
        "spec_version": "1.0",
        "extra": "",
        **more,
    }
    manifest = MANIFEST.format(name=name, **fields) + fields["extra"]
    return Bundle.of_files({**files, "plugin.toml": manifest.encode()})
