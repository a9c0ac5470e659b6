"""Extensions, and block libraries, as bundles: ``plugin.toml`` beside their modules.

::

    [plugin]
    name = "obj-import"
    version = "1.0.0"
    author = "ada"
    title = "Import Wavefront OBJ"
    kind = "importer"              # or "exporter", "command"; "blocks" is a library of blocks
    entry = "main"                 # the module that has its function
    grants = ["define-blocks"]     # what else it asks for; default: nothing

    [spec]
    name = "vishwakarma"
    version = "1.0"

    [host]
    function = "import_obj"        # in that module
    suffixes = [".obj"]            # of the files that it reads or writes
    engines = ["native", "wasi"]   # where it runs; both by default

    [parameters.scale]
    type = "float"                 # or "int", "str", "bool"
    default = 1.0
    help = "what lengths are multiplied by"

:func:`read_bundle` is the one place that makes an extension or a library of a bundle. The
application reads the manifest; no code of an extension runs outside of its sandbox.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from ringfence import ConfigurationError
from ringfence.plugins import Bundle, BundleRefused, Manifest, Parameter
from vishwakarma_app.blocks import BlockLibrary, check_library, library_of
from vishwakarma_app.errors import ExtensionRefused
from vishwakarma_app.manifests import GRANTS, HostTable, check_asked, check_spec

__all__ = [
    "KINDS",
    "LENT",
    "Extension",
    "ExtensionKind",
    "Parameter",
    "check_manifest",
    "load",
    "read_bundle",
    "shipped",
]

SHIPPED = Path(__file__).parent.parent / "shipped"

ExtensionKind = Literal["importer", "exporter", "command"]

KINDS = ("importer", "exporter", "command", "blocks")
"""The kinds of bundles that the application takes."""

LENT = ("vishwakarma", "vishwakarma_api", "vishwakarma_drawing")
"""What every extension can import, by the outermost names."""

_ENGINES = ("native", "wasi")
_TAKEN = frozenset({*LENT, "google"})
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Extension:
    """An extension, ready to run.

    Attributes:
        name: lower-case words with hyphens.
        kind: what it is.
        title: for people: its author's text.
        modules: dotted name -> source of what its guest may import beside the API.
        function: what is called, in the module ``entry``.
        entry: the module.
        suffixes: of the files that it reads or writes, with their dots, in lower case.
        engines: where it runs.
        packages: installed packages that it is lent.
        parameters: name -> what may be set.
        grants: what else it may do, of ``GRANTS``.
        version: as people write it; empty where it has none.
    """

    name: str
    kind: ExtensionKind
    title: str
    modules: Mapping[str, str]
    function: str
    entry: str = "main"
    suffixes: tuple[str, ...] = ()
    engines: tuple[str, ...] = _ENGINES
    packages: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    grants: tuple[str, ...] = tuple(GRANTS)
    version: str = ""

    def arguments(self, given: Mapping[str, object]) -> dict[str, float | str | bool]:
        """Values for all parameters: those given, else the defaults. Texts will do for numbers.

        Raises:
            ExtensionRefused: there is no such parameter, or a value is wrong.
        """
        found = {name: parameter.default for name, parameter in self.parameters.items()}
        for name, value in given.items():
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise ExtensionRefused(f"{self.name} has no parameter {name!r}; it has {known}")
            parameter = self.parameters[name]
            try:
                found[name] = parameter.accept(_parsed(parameter, value))
            except ValueError as error:
                raise ExtensionRefused(f"{self.name}: {name}: {error}") from None
        return found


def _parsed(parameter: Parameter, value: object) -> object:
    """A text of the command line as a value of the parameter's type.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or parameter.type == "str":
        return value
    if parameter.type == "bool":
        if value.lower() not in _WORDS:
            raise ValueError(f"true or false was expected, got {value[:40]!r}")
        return _WORDS[value.lower()]
    return int(value) if parameter.type == "int" else float(value)


def check_manifest(manifest: Manifest, *, first_party: bool = False) -> None:
    """Check what a manifest says of itself as an extension or a library.

    Args:
        manifest: of a bundle.
        first_party: whether it may ask for installed packages: ours may.

    Raises:
        SpecMismatch: it is for another application, or another version.
        ExtensionRefused: it is of no kind that there is, asks for what it cannot have, or its
            ``[host]`` is wrong; names the field.
    """
    check_spec(manifest)
    if not first_party:
        check_asked(manifest)
    if manifest.kind not in KINDS:
        raise ExtensionRefused(f"{manifest.name}: kind must be {', '.join(KINDS[:-1])} or blocks")
    if manifest.kind == "blocks":
        check_library(manifest)
    else:
        _host(manifest)


def read_bundle(bundle: Bundle, *, first_party: bool = False) -> Extension | BlockLibrary:
    """The extension or the library that a bundle is.

    Raises:
        SpecMismatch: it is for another application, or another version.
        ExtensionRefused: it is neither; names the field or the module.
    """
    manifest = bundle.manifest
    check_manifest(manifest, first_party=first_party)
    if manifest.kind == "blocks":
        return library_of(bundle)
    for module in bundle.modules:
        if module.partition(".")[0] in _TAKEN:
            raise ExtensionRefused(
                f"{manifest.name}: {module}: a module of this name is there already; rename it"
            )
    function, suffixes, engines = _host(manifest)
    return Extension(
        name=manifest.name,
        kind=cast("ExtensionKind", manifest.kind),
        title=manifest.title,
        modules=bundle.modules,
        function=function,
        entry=manifest.entry,
        suffixes=suffixes,
        engines=engines,
        packages=manifest.packages,
        parameters=manifest.parameters,
        grants=manifest.grants,
        version=manifest.version_text,
    )


def load(folder: Path, *, first_party: bool = False) -> Extension:
    """Read an extension from its folder.

    Args:
        folder: holds ``plugin.toml`` and its modules.
        first_party: whether it may ask for installed packages: ours may.

    Raises:
        ExtensionRefused: a file is missing or too large, the manifest is wrong, or it is no
            extension.
    """
    if not folder.is_dir():
        raise ExtensionRefused(f"{folder.name}: there is no such folder")
    try:
        found = read_bundle(Bundle.of_folder(folder), first_party=first_party)
    except (BundleRefused, ConfigurationError) as error:
        raise ExtensionRefused(f"{folder.name}: {error}") from None
    if isinstance(found, BlockLibrary):
        raise ExtensionRefused(
            f"{found.name} is a library of blocks; one's own go in with `block insert --source`"
        )
    return found


@functools.cache
def shipped() -> Mapping[str, Extension]:
    """The extensions that come with the application, by name."""
    folders = sorted(one.parent for one in SHIPPED.glob("*/plugin.toml"))
    found = (load(folder, first_party=True) for folder in folders)
    return MappingProxyType({one.name: one for one in found})


def _host(manifest: Manifest) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Function, suffixes and engines."""
    table = HostTable(manifest.name, "host", manifest.host)
    table.only("function", "suffixes", "engines")
    function = table.text("function", r"[A-Za-z][A-Za-z0-9_]{0,63}", "the name of a function")
    files = manifest.kind != "command"
    suffixes = table.texts(
        "suffixes",
        r"\.[a-z0-9][a-z0-9._-]{0,15}",
        'a suffix in lower case, such as ".obj"',
        default=(),
        most=16,
    )
    if files != bool(suffixes):
        raise table.wrong("suffixes", "an importer or exporter has some, and a command has none")
    engines = table.texts(
        "engines", "|".join(_ENGINES), f"one of {', '.join(_ENGINES)}", default=_ENGINES, most=2
    )
    if not engines:
        raise table.wrong("engines", "it has to run somewhere")
    return function, suffixes, engines
