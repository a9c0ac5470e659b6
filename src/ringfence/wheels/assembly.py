"""Wheels put together for one guest: what they require is there, and none hides another's files."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.tags import compatible_tags
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from ringfence.errors import PackageNotAvailable, WheelRefused
from ringfence.model.wheel import Wheel
from ringfence.system.opening import FOLLOWING
from ringfence.wheels.archive import MOST_FILES, MOST_PACKED, MOST_UNPACKED
from ringfence.wheels.defect import Defect, shown
from ringfence.wheels.distribution import Distribution, parse_wheel

__all__ = ["Assembly", "Target", "assemble", "identify"]

_LAYOUT: Final = 1  # raised when the same wheels give other files
_REMEMBERED: Final = 256
_Seen = tuple[int, int, int, int, int]
_hashes: dict[str, tuple[_Seen, str]] = {}


@dataclass(frozen=True, slots=True)
class Target:
    """The Python that wheels are for.

    Attributes:
        python: its version.
        markers: the environment that requirements are evaluated in (PEP 508).
        called: what messages call it.
    """

    python: tuple[int, int, int]
    markers: Mapping[str, str]
    called: str


@dataclass(frozen=True, slots=True)
class Assembly:
    """The files of several wheels.

    Attributes:
        distributions: the wheels, in the order of their names.
        files: by their place beneath the folder that is on the search path.
        missing: what they require, and is none of them -> what requires it.
        key: names all of it.
    """

    distributions: tuple[Distribution, ...]
    files: Mapping[str, bytes] = field(repr=False)
    missing: Mapping[str, str]
    key: str

    def __str__(self) -> str:
        return ", ".join(f"{d} (sha256 {d.sha256})" for d in self.distributions)

    def require_nothing_else(self) -> None:
        """Raise PackageNotAvailable if a requirement is none of the wheels."""
        if self.missing:
            listed = "; ".join(f"{what!r}, for {by}" for what, by in self.missing.items())
            raise PackageNotAvailable(
                f"packages: the wheels require what was not given: {listed}. Give a wheel of each"
            )


# --- the file on the host --------------------------------------------------------------------


def identify(wheel: Wheel) -> Wheel:
    """A wheel with its hash, so that equal ones are equal. Looked up, when the file has not changed
    since.

    Raises:
        WheelRefused: it is not there, or is not the file that it should be.
    """
    known = _hashes.get(wheel.file)
    try:
        seen = _see(Path(wheel.file).stat())
    except OSError as error:
        raise _unreadable(wheel, error) from error
    if known is None or known[0] != seen:
        known = seen, hashlib.sha256(_read(wheel)).hexdigest()
        if len(_hashes) >= _REMEMBERED:
            _hashes.clear()
        _hashes[wheel.file] = known
    _check_hash(wheel, known[1])
    return replace(wheel, sha256=known[1])


def _see(state: os.stat_result) -> _Seen:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _unreadable(wheel: Wheel, error: OSError) -> WheelRefused:
    return WheelRefused(f"packages: {wheel.file} cannot be read: {error.strerror}")


def _check_hash(wheel: Wheel, digest: str) -> None:
    if wheel.sha256 not in (None, digest):
        raise WheelRefused(
            f"packages: {wheel.file} is not the file that was asked for: its sha256 is {digest}, "
            f"not {wheel.sha256}"
        )


def _read(wheel: Wheel) -> bytes:
    """The bytes of the file; a pipe or a device would never end."""
    try:
        descriptor = os.open(wheel.file, os.O_RDONLY | FOLLOWING)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise WheelRefused(f"packages: {wheel.file} is no ordinary file")
            data = file.read(MOST_PACKED + 1)
    except OSError as error:
        raise _unreadable(wheel, error) from error
    if len(data) > MOST_PACKED:
        raise WheelRefused(
            f"packages: {wheel.file} is larger than the {MOST_PACKED:,} bytes that a wheel may have"
        )
    return data


# --- all of them -----------------------------------------------------------------------------


def assemble(wheels: Sequence[Wheel], target: Target) -> Assembly:
    """Read wheels, and put their files together.

    Args:
        wheels: as :func:`identify` gave them.
        target: the Python that shall import them.

    Raises:
        WheelRefused: one is no wheel that can be lent there, or two do not go together.
        PackageNotAvailable: one of them is required in another version.
    """
    by_name: dict[NormalizedName, Distribution] = {}
    for wheel in wheels:
        data = _read(wheel)
        _check_hash(wheel, hashlib.sha256(data).hexdigest())
        try:
            found = parse_wheel(wheel.file_name, data)
            _check_target(found, target)
        except Defect as defect:
            raise WheelRefused(f"packages: {wheel.file_name}: {defect}") from defect
        other = by_name.setdefault(found.name, found)
        if other.sha256 != found.sha256:
            raise WheelRefused(f"packages: {found.name} is given twice: {other} and {found}")
    distributions = tuple(by_name[name] for name in sorted(by_name))
    return Assembly(
        distributions=distributions,
        files=_merge(distributions),
        missing=_missing(by_name, target),
        key=_key(distributions),
    )


def _key(distributions: Iterable[Distribution]) -> str:
    parts = [_LAYOUT, *((d.name, d.sha256) for d in distributions)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _check_target(found: Distribution, target: Target) -> None:
    major, minor, micro = target.python
    version = f"{major}.{minor}.{micro}"
    fitting = compatible_tags((major, minor), f"cp{major}{minor}", ())
    if found.tags.isdisjoint(fitting):
        tags = ", ".join(sorted({tag.interpreter for tag in found.tags}))
        raise Defect(f"it was built for {tags}, and this is Python {version} of {target.called}")
    if not found.requires_python.contains(Version(version), prereleases=True):
        raise Defect(
            f"it requires Python {found.requires_python}, and this is {version} of {target.called}"
        )


def _merge(distributions: Iterable[Distribution]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    owners: dict[str, Distribution] = {}
    folders: dict[str, Distribution] = {}
    for one in distributions:
        for place, data in one.files.items():
            parents = [place[:end] for end, sign in enumerate(place) if sign == "/"]
            blocking = next((p for p in parents if p in files), None)
            other = owners.get(blocking or place) or folders.get(place)
            if other is not None and (blocking or files.get(place) != data):
                raise WheelRefused(
                    f"packages: {other} and {one} both bring {shown(blocking or place)}, and they "
                    "are not the same"
                )
            files[place] = data
            owners[place] = one
            folders.update(dict.fromkeys(parents, one))
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_UNPACKED:
        raise WheelRefused(
            f"packages: the wheels have more than {MOST_FILES:,} files or {MOST_UNPACKED:,} bytes "
            "in all"
        )
    return files


def _missing(by_name: Mapping[NormalizedName, Distribution], target: Target) -> dict[str, str]:
    """What is required and not there, with extras; refuses what is there in another version."""
    missing: dict[str, str] = {}
    followed: set[tuple[NormalizedName, str]] = set()
    queue = [(name, "") for name in by_name]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in followed:
            continue
        followed.add((name, extra))
        one = by_name[name]
        for requirement in one.requires:
            if not _applies(requirement, extra, target, one):
                continue
            wanted = canonicalize_name(requirement.name)
            other = by_name.get(wanted)
            if other is None:
                extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
                missing.setdefault(f"{wanted}{extras}{requirement.specifier}", str(one))
                continue
            if not requirement.specifier.contains(other.version, prereleases=True):
                raise PackageNotAvailable(
                    f"packages: {one} requires {wanted}{requirement.specifier}, and {other} is "
                    "given"
                )
            queue += [(wanted, canonicalize_name(e)) for e in requirement.extras]
    return dict(sorted(missing.items()))


def _applies(requirement: Requirement, extra: str, target: Target, by: Distribution) -> bool:
    if requirement.marker is None:
        return not extra
    try:
        return requirement.marker.evaluate({**target.markers, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName, RecursionError) as error:
        raise WheelRefused(
            f"packages: {by.file}: it requires {shown(str(requirement))}, which cannot be evaluated"
        ) from error
