"""Whether a plugin can be used by a host: its spec, its packages, its grants."""

from __future__ import annotations

import functools
import importlib.metadata
import inspect
import re
import sys
from collections.abc import Collection, Mapping

from ringfence.errors import ConfigurationError, SpecMismatch
from ringfence.plugins.bundle import Bundle
from ringfence.plugins.hookspec import HookSpec
from ringfence.plugins.manifest import Manifest

__all__ = ["STANDARD", "check_compatible", "check_grants", "top_level_modules"]

STANDARD = frozenset(
    {
        "__future__", "abc", "array", "base64", "binascii", "bisect", "calendar", "cmath",
        "collections", "colorsys", "contextlib", "copy", "csv", "dataclasses", "datetime",
        "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq",
        "html", "io", "itertools", "json", "math", "numbers", "operator", "random", "re",
        "statistics", "string", "struct", "textwrap", "typing", "unicodedata", "zlib",
    }
)  # fmt: skip
"""What plugins may import of the standard library, unless the host says otherwise: what computes.
``io`` and ``datetime`` are among it, for ``StringIO`` and dates; what they open and what they tell
is what the walls let them.
"""


def check_compatible(manifest: Manifest, spec: type[HookSpec]) -> None:
    """Whether a plugin was written for a spec, and for a version that still serves it.

    Raises:
        SpecMismatch: it was not.
    """
    wanted, (major, minor) = manifest.spec, spec.spec_version
    if wanted.name != spec.spec_name:
        raise SpecMismatch(
            f"{manifest} is written for {wanted.name}, and this host has {spec.spec_name}"
        )
    if wanted.version[0] != major or wanted.version[1] > minor:
        what = "a newer" if wanted.version > spec.spec_version else "an older"
        raise SpecMismatch(
            f"{manifest} is written for {wanted}, {what} version than this host's {major}.{minor}; "
            f"versions from {major}.0 to {major}.{minor} go with it"
        )


def check_grants(bundle: Bundle, packages: Collection[str]) -> None:
    """Whether a host lends what a plugin asks for.

    Args:
        bundle: the plugin.
        packages: what the host lends, by normalised name.

    Raises:
        ConfigurationError: it does not, or one of the plugin's modules is called like Python's.
    """
    manifest = bundle.manifest
    refused = [name for name in manifest.packages if name not in packages]
    if refused:
        raise ConfigurationError(
            f"{manifest} asks for the package {refused[0]!r}, and this host lends "
            f"{', '.join(sorted(packages)) or 'none'}"
        )
    if manifest.grants:
        raise ConfigurationError(
            f"{manifest} asks for the grant {manifest.grants[0]!r}, and hooks have none to give: a "
            "plugin sees its arguments and nothing else"
        )
    for module in bundle.modules:
        root = module.partition(".")[0]
        if root in sys.stdlib_module_names or root in {"host", "ringfence", "ringfence_guest"}:
            raise ConfigurationError(f"{manifest} has a module {root!r}, which is Python's or ours")


def top_level_modules(packages: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Package, by normalised name -> what it is imported as; of what is installed here."""
    found = {}
    for name in packages:
        try:
            found[name] = _modules_of(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ()
    return found


@functools.cache
def _modules_of(package: str) -> tuple[str, ...]:
    """What one package is imported as: only its own files are looked at, and once."""
    found = importlib.metadata.distribution(package)
    said = (found.read_text("top_level.txt") or "").split()
    if said:
        return tuple(dict.fromkeys(said))
    tops: dict[str, None] = {}
    for file in found.files or ():
        top = inspect.getmodulename(file.parts[0]) if len(file.parts) == 1 else file.parts[0]
        if top and top.isidentifier() and file.suffix in {".py", ".pyi", ".so"}:
            tops[top] = None
    return tuple(tops)


def normalized(name: str) -> str:
    """A package's name, as manifests write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
