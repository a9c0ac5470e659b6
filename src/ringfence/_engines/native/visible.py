"""What lies behind a set of paths: the symbolic links that leave it, and the code it can load.

A jail shows directories as they are, so a symbolic link that leads out of them would lead nowhere.
Its target is made visible too, at the place where the link points to.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ringfence._engines.native.interpreter import is_below
from ringfence.errors import PackageNotAvailable

__all__ = ["Survey", "survey"]

_MAX_LINKS: Final = 256


@dataclass(slots=True)
class Survey:
    """What was found.

    Attributes:
        paths: the paths that were given, and what symbolic links in them lead to.
        objects: files that may be shared libraries or extension modules, by their names.
        notes: links that are not followed, and directories that cannot be read.
    """

    paths: list[str]
    objects: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def survey(paths: Iterable[str], keep_out: Iterable[str]) -> Survey:
    """Looks through *paths*.

    Args:
        paths: absolute and normal; files or directories.
        keep_out: a link to a directory that holds one of these is not followed: it would show far
            more than a package (the whole ``site-packages``, a home directory, ``/``).

    Raises:
        PackageNotAvailable: more than 256 links leave the paths: the installation consists of
            links, and has to be made anew as files.
    """
    result = Survey(list(paths))
    guarded = tuple(keep_out)
    given = len(result.paths)
    queue = list(result.paths)
    while queue:
        for link in _look_through(queue.pop(), result):
            target = _target(link, result, guarded)
            if target is None:
                continue
            if len(result.paths) - given >= _MAX_LINKS:
                raise PackageNotAvailable(
                    f"more than {_MAX_LINKS} symbolic links lead out of {Path(link).parent}: the "
                    "package was installed as links to a cache; reinstall it as files "
                    "(uv pip install --reinstall --link-mode=copy)"
                )
            result.paths.append(target)
            queue.append(target)
    result.objects.sort()
    return result


def _look_through(path: str, result: Survey) -> list[str]:
    """Notes the loadable files in *path*; returns the symbolic links."""
    if not Path(path).is_dir():
        if ".so" in Path(path).suffixes:
            result.objects.append(path)
        return []
    links: list[str] = []
    folders = [path]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except PermissionError:
            result.notes.append(f"{folder} cannot be read")
            continue
        for entry in entries:
            if entry.is_symlink():
                links.append(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    folders.append(entry.path)
            elif ".so" in entry.name and entry.is_file():
                result.objects.append(entry.path)
    return links


def _target(link: str, result: Survey, keep_out: tuple[str, ...]) -> str | None:
    """Where the guest will look for the target of *link*; None if nothing has to be added."""
    # In the guest every parent of `link` is a plain directory, so `..` in it is a matter of text.
    target = os.path.normpath(Path(link).parent / Path(link).readlink())
    if any(is_below(target, path) for path in result.paths) or not Path(link).exists():
        return None  # visible already, or dangling on the host too
    if os.path.realpath(target) != os.path.realpath(link):
        result.notes.append(f"{link} is a symbolic link that cannot be followed in a guest")
        return None
    if any(is_below(folder, target) for folder in keep_out):
        result.notes.append(f"{link} leads to {target}, which is too much to show to a guest")
        return None
    return target
