"""Where the files of one installed distribution lie: the smallest set that makes it importable.

A wheel lists its files in ``RECORD``; from that come package directories, single modules, library
folders (``numpy.libs``) and the parts of namespace packages. Without a list, the names in
``top_level.txt`` decide. An editable install leads to its source directory, through a path in a
``.pth`` file or through the table that setuptools writes (read as a literal, never executed); any
other import hook is refused.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence._engines.native.distributions import Installed, path_lines, recorded
from ringfence.errors import PackageNotAvailable

__all__ = ["NOT_IMPORTED", "Layout", "layout_of"]

# Top-level names that come with a package by accident, or for its authors only.
NOT_IMPORTED: Final = frozenset({"benchmarks", "docs", "examples", "test", "tests"})

_ADVICE: Final = "install it without -e (pip install .)"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one distribution.

    Attributes:
        modules: what can be imported, sorted; parts of a namespace package by their dotted names.
        paths: files and directories, absolute; the metadata is among them.
        sys_path: the directories to have on the module search path.
    """

    modules: tuple[str, ...]
    paths: tuple[str, ...]
    sys_path: tuple[str, ...]


class _Collector:
    """Gathers modules, paths and search path entries."""

    def __init__(self, installed: Installed, suffixes: Sequence[str]) -> None:
        self.installed = installed
        self.endings = (".py", *suffixes)
        self.modules: set[str] = set()
        self.paths: dict[str, None] = dict.fromkeys(_metadata(installed))
        self.sys_path: dict[str, None] = {installed.folder: None}

    def add(self, root: str, path: str, module: str | None) -> None:
        """Adds *path*, imported as *module* when *root* is on the search path."""
        self.paths[path] = None
        self.sys_path[root] = None
        if module is not None:
            self.modules.add(module)

    def find(self, root: str, name: str) -> str | None:
        """Returns the package or module called *name* in *root*, as an import would find it."""
        if Path(root, name).is_dir():
            return f"{root}/{name}"
        files = (f"{root}/{name}{ending}" for ending in self.endings)
        return next((file for file in files if Path(file).is_file()), None)

    def add_named(self, root: str, names: Iterable[str]) -> bool:
        """Adds those of *names* that lie in *root*; tells whether there were any."""
        places = {name: self.find(root, name) for name in names}
        for name, place in places.items():
            if place is not None:
                self.add(root, place, name)
        return any(places.values())

    def layout(self) -> Layout:
        """Returns what was gathered."""
        return Layout(tuple(sorted(self.modules)), tuple(self.paths), tuple(self.sys_path))


def layout_of(installed: Installed, suffixes: Sequence[str]) -> Layout:
    """Returns where the files of *installed* lie.

    Args:
        installed: the distribution.
        suffixes: the interpreter's file name endings of extension modules.

    Raises:
        PackageNotAvailable: it is an editable install that cannot be mapped to directories, or
            nothing says which files are its own.
    """
    collector = _Collector(installed, suffixes)
    entries = recorded(installed)
    if entries is None:
        if not collector.add_named(installed.folder, _stated(installed)):
            raise PackageNotAvailable(
                f"{installed}: nothing in {installed.metadata} says which files belong to it, and "
                f"{installed.folder} holds no module of its name; reinstall it with pip"
            )
        return collector.layout()
    links = [entry for entry in entries if entry.endswith(".pth") and "/" not in entry]
    if _is_editable(installed):
        hooks = _follow_editable(collector, entries, links)
        entries = [entry for entry in entries if entry not in hooks]
    else:
        for link in links:
            for folder in path_lines(f"{installed.folder}/{link}", installed.folder):
                if folder.startswith(f"{installed.folder}/"):
                    collector.sys_path[folder] = None
    _add_recorded(collector, "", [entry for entry in entries if entry not in links])
    return collector.layout()


def _metadata(installed: Installed) -> list[str]:
    """The metadata, which packages read at import; not where pip downloaded it from."""
    folder = Path(installed.metadata)
    if folder.is_dir() and (folder / "direct_url.json").exists():
        return sorted(str(file) for file in folder.iterdir() if file.name != "direct_url.json")
    return [installed.metadata]


def _stated(installed: Installed) -> list[str]:
    """The top-level names that the build tool wrote down, else the distribution's own name."""
    return installed.top_level or [installed.name.replace("-", "_")]


# ------------------------------------------------------------------------------ files of a wheel
def _add_recorded(collector: _Collector, prefix: str, entries: Iterable[str]) -> None:
    """Adds the *entries* below ``folder/prefix``, whole directories where they are its own."""
    folder = collector.installed.folder
    for first, rest in _grouped(entries).items():
        path = f"{folder}/{prefix}{first}"
        if rest == [""]:
            if Path(path).exists():
                collector.add(folder, path, _module(collector, prefix + first))
        elif not Path(path).is_dir():
            continue  # recorded, and removed since
        elif _is_package(rest):
            collector.add(folder, path, _dotted(prefix + first))
        elif not first.isidentifier():
            collector.add(folder, path, None)
        elif _is_own(path, rest):
            collector.add(folder, path, None)
            collector.modules.update(_modules(collector, f"{prefix}{first}/", rest))
        else:
            _add_recorded(collector, f"{prefix}{first}/", rest)


def _grouped(entries: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for entry in entries:
        first, _, rest = entry.partition("/")
        groups.setdefault(first, []).append(rest)
    return groups


def _is_package(rest: Iterable[str]) -> bool:
    return any(entry.startswith("__init__.") for entry in rest)


def _is_own(path: str, entries: Iterable[str]) -> bool:
    """Tells whether the directory of a namespace package holds files of no other distribution."""
    groups = _grouped(entries)
    with os.scandir(path) as listing:
        children = list(listing)
    for child in children:
        if child.name == "__pycache__":
            continue
        rest = groups.get(child.name)
        if rest is None:
            return False
        if child.is_dir() and not _is_package(rest) and not _is_own(child.path, rest):
            return False
    return True


def _modules(collector: _Collector, prefix: str, entries: Iterable[str]) -> set[str]:
    """The modules of a namespace package, by their dotted names."""
    found: set[str] = set()
    for first, rest in _grouped(entries).items():
        if rest == [""]:
            name = _module(collector, prefix + first)
        elif _is_package(rest):
            name = _dotted(prefix + first)
        else:
            name = None
            found |= _modules(collector, f"{prefix}{first}/", rest)
        if name is not None:
            found.add(name)
    return found


def _module(collector: _Collector, path: str) -> str | None:
    """The module in the file *path*, None if it is none."""
    folder, _, name = path.rpartition("/")
    for ending in collector.endings:
        if name.endswith(ending):
            return _dotted(f"{folder}/{name.removesuffix(ending)}".lstrip("/"))
    return None


def _dotted(path: str) -> str | None:
    parts = path.split("/")
    return ".".join(parts) if all(part.isidentifier() for part in parts) else None


# ----------------------------------------------------------------------------- editable installs
def _is_editable(installed: Installed) -> bool:
    text = installed.read("direct_url.json")
    if text is None:
        return False
    try:
        return bool(json.loads(text).get("dir_info", {}).get("editable", False))
    except (ValueError, AttributeError) as error:
        raise PackageNotAvailable(
            f"{installed}: {installed.metadata}/direct_url.json is damaged; reinstall it with pip"
        ) from error


def _follow_editable(
    collector: _Collector, entries: Sequence[str], links: Sequence[str]
) -> set[str]:
    """Adds the sources of an editable install; returns the entries that only serve to find them."""
    installed = collector.installed
    hooks: set[str] = set()
    for entry in entries:
        if "/" not in entry and entry.endswith(".py"):
            try:
                table = _mapping(f"{installed.folder}/{entry}")
            except (ValueError, SyntaxError) as error:
                raise PackageNotAvailable(
                    f"{installed}: {installed.folder}/{entry} is not the table that setuptools "
                    f"writes for an editable install; {_ADVICE}"
                ) from error
            if table is not None:
                hooks.add(entry)
                for module, place in table.items():
                    _add_mapped(collector, module, place)
    for link in links:
        pth = f"{installed.folder}/{link}"
        for source in path_lines(pth, installed.folder):
            _add_source(collector, source)
        if not hooks and _runs_code(pth):
            raise PackageNotAvailable(
                f"{installed} is an editable install that works through an import hook "
                f"({link}); the guest gets directories only: {_ADVICE}"
            )
    return hooks


def _runs_code(pth: str) -> bool:
    text = Path(pth).read_text(encoding="utf-8", errors="surrogateescape")
    return any(line.startswith(("import ", "import\t")) for line in text.splitlines())


def _mapping(path: str) -> dict[str, str] | None:
    """The table of setuptools' finder module (module to path), None if *path* has none."""
    if not Path(path).name.startswith("__editable__"):
        return None
    for statement in ast.parse(Path(path).read_text(encoding="utf-8"), path).body:
        if isinstance(statement, ast.AnnAssign):
            target: ast.expr = statement.target
        elif isinstance(statement, ast.Assign):
            target = statement.targets[0]
        else:
            continue
        if isinstance(target, ast.Name) and target.id == "MAPPING" and statement.value is not None:
            table: dict[str, str] = ast.literal_eval(statement.value)
            return table
    return None


def _add_mapped(collector: _Collector, module: str, place: str) -> None:
    """Adds one line of setuptools' table; only a path that ends like the module can be imported."""
    parts = module.split(".")
    root = os.path.normpath(place)
    found: str | None = None
    if root.split("/")[-len(parts) :] == parts:
        root = "/".join(root.split("/")[: -len(parts)])
        found = collector.find(os.path.join(root, *parts[:-1]), parts[-1])
    if found is None:
        raise PackageNotAvailable(
            f"{collector.installed} is an editable install that maps the module {module} to "
            f"{place}, which a search path cannot express; {_ADVICE}"
        )
    collector.add(root, found, module)


def _add_source(collector: _Collector, source: str) -> None:
    """Adds what belongs to the distribution in a source directory, never the whole project."""
    installed = collector.installed
    if collector.add_named(source, _stated(installed)):
        return
    names = [child.name for child in sorted(Path(source).iterdir()) if _is_source(child)]
    alone = len(names) == 1 or Path(source).name == "src"
    if not alone or not collector.add_named(source, names):
        raise PackageNotAvailable(
            f"{installed} is an editable install of {source}, and nothing says which of the "
            f"modules there are its own ({', '.join(names) or 'none'}); {_ADVICE}"
        )


def _is_source(path: Path) -> bool:
    return path.name not in NOT_IMPORTED and (path / "__init__.py").is_file()
