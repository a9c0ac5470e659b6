"""The modules that are part of the interpreter, which finds no files before it has them.

CPython's own way on Windows: a program of most of the interpreter compiles them, and runs on
Windows, which is Wine here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from scripts.windows_python.compiling import side_by_side
from scripts.windows_python.wine import Prefix, windows_path

__all__ = ["freeze"]

_LISTED = re.compile(
    r"""
    <(?:None|GetPath)\ Include="\.\.\\(?P<source>[^"]+)">\s*
    <ModName>(?P<module>[^<]+)</ModName>\s*
    <IntFile>[^<]*</IntFile>\s*
    <OutFile>\$\(GeneratedFrozenModulesDir\)(?P<header>[^<]+)</OutFile>
    """,
    re.VERBOSE,
)


class _Module(NamedTuple):
    name: str
    source: Path
    header: Path


def freeze(program: Path, source: Path, prefix: Prefix) -> None:
    """Write their headers into CPython's sources.

    Raises:
        ImageNotBuilt: one does not compile.
    """
    with prefix.running(), side_by_side() as threads:

        def run(module: _Module) -> None:
            arguments = [module.name, *map(windows_path, (module.source, module.header))]
            prefix.check(program, arguments, f"freezing {module.name}")

        list(threads.map(run, _modules(source)))


def _modules(source: Path) -> Iterable[_Module]:
    project = (source / "PCbuild" / "_freeze_module.vcxproj").read_text()
    for one in _LISTED.finditer(project):
        below, header = (one[part].replace("\\", "/") for part in ("source", "header"))
        yield _Module(one["module"], source / below, source / header)
