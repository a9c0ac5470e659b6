"""Which files of the host a guest must see to import the packages that it was given.

How a jail shows packages: after the interpreter (see
:mod:`~ringfence._engines.native.interpreter`), bind ``os.path.realpath(p)`` read-only at ``p`` for
every ``p`` in :attr:`PackageSet.paths`, creating missing parents as plain directories. No path lies
below another one, nor below the standard library except inside its masks. Paths may lie under a
directory that only root can enter: bind before dropping root. Extend the guest's ``sys.path`` with
``sys_path`` and ``LD_LIBRARY_PATH`` with ``library_path``.

Only what belongs to the packages is visible, never a whole ``site-packages``; no ``.pth`` file is,
and none is executed. Files that a system's package manager keeps elsewhere without a link to them
(Debian's ``python3-matplotlib`` and ``/usr/share/matplotlib``) are not found: grant them with
``Policy(read=[...])``.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from ringfence._engines.native.distributions import Catalogue
from ringfence._engines.native.interpreter import Interpreter, is_below, loader_for
from ringfence._engines.native.layout import NOT_IMPORTED, Layout, layout_of
from ringfence._engines.native.requirements import Requested, resolve_requirements
from ringfence._engines.native.visible import survey
from ringfence.errors import PackageNotAvailable

__all__ = ["PackageSet", "resolve"]

_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class PackageSet:
    """The packages of a guest and the files that they consist of.

    Attributes:
        requested: what was asked for, normalised, in order.
        imports: modules to import while the image is warmed, in order.
        distributions: name and version of everything in the closure, sorted.
        paths: host paths to make visible read-only, sorted: packages, modules, library folders,
            metadata, shared libraries of the system, targets of symbolic links.
        sys_path: entries for the guest's ``sys.path``, in order.
        library_path: entries for ``LD_LIBRARY_PATH``, usually none.
        notes: what is odd and did not stop anything: version conflicts, libraries that are nowhere
            to be found, links that are not followed.
        key: a digest over all of this and over the state of the paths.
    """

    requested: tuple[str, ...]
    imports: tuple[str, ...]
    distributions: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    sys_path: tuple[str, ...]
    library_path: tuple[str, ...]
    notes: tuple[str, ...]
    key: str


_State = tuple[tuple[str, int | None], ...]
_remembered: OrderedDict[tuple[str, tuple[str, ...]], tuple[_State, PackageSet]] = OrderedDict()
_lock = threading.Lock()


def resolve(requested: Sequence[str], interpreter: Interpreter) -> PackageSet:
    """Finds the files of *requested*, and of everything that it requires.

    Args:
        requested: names of distributions (``"pandas"``, ``"pandas[excel]"``), requirements that
            the installed version must meet (``"numpy>=2"``), or modules (``"PIL"``,
            ``"matplotlib.pyplot"``), which are then what is imported.
        interpreter: whose packages; see ``describe_interpreter``.

    Returns:
        The set, remembered until something is installed or removed.

    Raises:
        PackageNotAvailable: something is not installed, not in a version that was asked for, or
            installed in a way that a guest cannot see. Names what requires it and what to do.
        ConfigurationError: *requested* is not a list of strings.
    """
    if isinstance(requested, (list, tuple)) and all(type(entry) is str for entry in requested):
        key = (interpreter.key, tuple(requested))
        with _lock:
            known = _remembered.get(key)
        if known is not None and known[0] == _state(path for path, _ in known[0]):
            return known[1]
    else:
        key = None
    catalogue = Catalogue(interpreter.site)
    state = _state(catalogue.watched)
    packages = _resolve(requested, catalogue, interpreter)
    if key is not None:
        with _lock:
            _remembered[key] = (state, packages)
            while len(_remembered) > _REMEMBERED:
                _remembered.popitem(last=False)
    return packages


def _state(paths: Iterable[str]) -> _State:
    state: list[tuple[str, int | None]] = []
    for path in paths:
        try:
            state.append((path, os.stat(path).st_mtime_ns))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            state.append((path, None))
    return tuple(state)


def _resolve(
    requested: Sequence[str], catalogue: Catalogue, interpreter: Interpreter
) -> PackageSet:
    resolution = resolve_requirements(requested, catalogue, interpreter)
    layouts = {d.name: layout_of(d, interpreter.suffixes) for d in resolution.distributions}
    imports: dict[str, None] = {}
    for entry in resolution.requested:
        layout = layouts[entry.installed.name]
        imports.update(dict.fromkeys(_imports(entry, layout, interpreter)))
    own = _outermost(path for layout in layouts.values() for path in layout.paths)
    seen = survey(own, (*catalogue.folders, os.path.expanduser("~")))
    closure = loader_for(interpreter).closure(seen.objects)
    libraries = set(closure.libraries).difference(interpreter.libraries)
    paths = _outermost((*seen.paths, *libraries))
    used = {folder for layout in layouts.values() for folder in layout.sys_path}
    order = [folder for folder in catalogue.folders if folder in used]
    sys_path = (*order, *sorted(used.difference(order)))
    notes = [f"{file} needs {name}, which is not installed" for file, name in closure.missing]
    found = PackageSet(
        requested=tuple(entry.text for entry in resolution.requested),
        imports=tuple(imports),
        distributions=tuple(sorted((d.name, d.version) for d in resolution.distributions)),
        paths=paths,
        sys_path=sys_path,
        library_path=closure.search,
        notes=(*resolution.notes, *seen.notes, *notes),
        key="",
    )
    digest = hashlib.sha256(json.dumps([astuple(found), _state(paths)]).encode())
    return replace(found, key=digest.hexdigest())


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Returns *paths* without those that lie below another, sorted."""
    kept: list[str] = []
    # With a slash at the end a directory sorts right before everything in it.
    for path in sorted(set(paths), key=lambda p: p + "/"):
        if not kept or not is_below(path, kept[-1]):
            kept.append(path)
    return tuple(sorted(kept))


def _imports(entry: Requested, layout: Layout, interpreter: Interpreter) -> list[str]:
    """The modules to import for one entry: the one that it names, else the one of its name."""
    if entry.module is not None:
        _check_module(entry, layout, interpreter)
        return [entry.module]
    named = [m for m in layout.modules if canonicalize_name(m) == entry.installed.name]
    if named:
        return named
    public = [m for m in layout.modules if not any(p.startswith("_") for p in m.split("."))]
    return [m for m in public if m not in NOT_IMPORTED] or public


def _check_module(entry: Requested, layout: Layout, interpreter: Interpreter) -> None:
    """Refuses a dotted name behind which there is no file."""
    assert entry.module is not None
    parts = entry.module.split(".")
    endings = ("", ".py", *interpreter.suffixes)
    for folder in layout.sys_path:
        place = Path(folder, *parts)
        if any(Path(f"{place}{ending}").exists() for ending in endings):
            return
    raise PackageNotAvailable(
        f"packages={entry.module!r}: {entry.installed} has no module of that name in "
        f"{', '.join(layout.sys_path)}"
    )
