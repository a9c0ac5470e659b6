"""One wheel, understood: what it is, what it requires, and its files where a guest finds them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from types import MappingProxyType
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import (
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from ringfence.wheels.archive import check_apart, unpack
from ringfence.wheels.defect import Defect, shown
from ringfence.wheels.record import check_record, write_record

__all__ = ["Distribution", "parse_wheel"]

_INFO: Final = ".dist-info"
_NATIVE: Final = (".so", ".pyd", ".dll", ".dylib", ".abi3.so")
_MOST_METADATA: Final = 1 << 20
_LONGEST_LINE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a wheel holds.

    Attributes:
        file: the wheel's file name.
        sha256: of the wheel.
        name: normalised.
        version: as a version.
        tags: the interpreters, ABIs and platforms that it was built for.
        requires: what it states to require, markers included.
        requires_python: the versions of Python that it states to work with.
        extras: those that it offers.
        files: by their place beneath the folder that is on the search path.
    """

    file: str
    sha256: str
    name: NormalizedName
    version: Version
    tags: frozenset[Tag]
    requires: tuple[Requirement, ...]
    requires_python: SpecifierSet
    extras: frozenset[NormalizedName]
    files: Mapping[str, bytes] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def parse_wheel(file: str, data: bytes) -> Distribution:
    """Read a wheel.

    Args:
        file: its name, which says what it is.
        data: its bytes.

    Raises:
        Defect: it is no wheel, not what its name or its RECORD says, or has native code.
    """
    try:
        name, version, _, tags = parse_wheel_filename(file)
    except InvalidWheelFilename as error:
        raise Defect(f"its name is not that of a wheel: {shown(str(error))}") from error
    _check_tags(tags)
    files = unpack(data)
    info = _find_info(files, name, version)
    _check_wheel_file(_text(files, info, "WHEEL"), tags)
    _text(files, info, "RECORD")
    check_record(files, info)
    native = sorted(place for place in files if place.lower().endswith(_NATIVE))
    if native:
        raise Defect(f"it has native code, {shown(native[0])}: {_INSTEAD}")
    requires, python, extras = _read_metadata(files, info, name, version)
    return Distribution(
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        version=version,
        tags=tags,
        requires=requires,
        requires_python=python,
        extras=extras,
        files=MappingProxyType(_place(files, info, name)),
    )


_INSTEAD: Final = (
    "only wheels of pure Python are lent by path. If the engine native shall have it, install it "
    "and lend it by name"
)


def _check_tags(tags: frozenset[Tag]) -> None:
    """Raise Defect unless one of the tags says that it is pure."""
    if not any(tag.abi == "none" and tag.platform == "any" for tag in tags):
        platforms = ", ".join(sorted({tag.platform for tag in tags} - {"any"}))
        abis = ", ".join(sorted({tag.abi for tag in tags}))
        raise Defect(f"it has native code for {platforms or abis}: {_INSTEAD}")


def _find_info(files: Mapping[str, bytes], name: NormalizedName, version: Version) -> str:
    tops = {place.partition("/")[0] for place in files if "/" in place}
    found = sorted(top for top in tops if top.lower().endswith(_INFO))
    if len(found) != 1:
        raise Defect(f"it has {len(found)} folders ending in {_INFO}, and must have one")
    stated, _, number = found[0][: -len(_INFO)].partition("-")
    try:
        same = (canonicalize_name(stated), Version(number)) == (name, version)
    except InvalidVersion:
        same = False
    if not same:
        raise Defect(f"its folder {shown(found[0])} is not of {name} {version}")
    return found[0]


def _text(files: Mapping[str, bytes], info: str, which: str) -> str:
    data = files.get(f"{info}/{which}")
    if data is None:
        raise Defect(f"it has no {which}")
    if which != "RECORD" and len(data) > _MOST_METADATA:
        raise Defect(f"its {which} is too large")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Defect(f"its {which} is not UTF-8") from None


def _check_wheel_file(text: str, tags: frozenset[Tag]) -> None:
    header = _Header(text)
    version = header.one("Wheel-Version")
    if version.partition(".")[0] != "1":
        raise Defect(f"its format is {shown(version)}, and this reads 1.0 and what is like it")
    if not any(_states(line, tag) for line in header.all("Tag") for tag in tags):
        raise Defect("it was built for other tags than its name says")


def _states(line: str, tag: Tag) -> bool:
    """Whether a line is of a set of tags that this one is of. Not expanded: a line of some kB
    stands for more tags than there is memory for.
    """
    sets = [set(part.lower().split(".")) for part in line.split("-")]
    one = (tag.interpreter, tag.abi, tag.platform)
    return len(sets) == 3 and all(part in known for part, known in zip(one, sets, strict=True))


class _Header:
    """The fields of a file that is written like the head of a mail."""

    def __init__(self, text: str) -> None:
        self._parsed = HeaderParser().parsestr(text)

    def all(self, field: str) -> list[str]:
        return [str(value).strip() for value in self._parsed.get_all(field, ())]

    def one(self, field: str) -> str:
        """The value of a field that is there once; otherwise nothing."""
        values = self.all(field)
        return values[0] if len(values) == 1 else ""


def _read_metadata(
    files: Mapping[str, bytes], info: str, name: NormalizedName, version: Version
) -> tuple[tuple[Requirement, ...], SpecifierSet, frozenset[NormalizedName]]:
    header = _Header(_text(files, info, "METADATA"))
    stated, number = header.one("Name"), header.one("Version")
    try:
        same = canonicalize_name(stated) == name and Version(number[:_LONGEST_LINE]) == version
    except InvalidVersion:
        same = False
    if not same:
        raise Defect(f"its METADATA is not of {name} {version}")
    requires = tuple(map(_requirement, header.all("Requires-Dist")))
    stated = ", ".join(header.all("Requires-Python"))
    try:
        python = SpecifierSet(_short(stated))
    except ValueError as error:
        raise Defect(f"its Requires-Python is {shown(stated)}, which says nothing") from error
    extras = frozenset(canonicalize_name(extra) for extra in header.all("Provides-Extra"))
    return requires, python, extras


def _requirement(line: str) -> Requirement:
    try:
        return Requirement(_short(line))
    # The parser calls itself for each bracket.
    except (ValueError, RecursionError) as error:
        raise Defect(f"it requires {shown(line)}, which is no requirement") from error


def _short(line: str) -> str:
    """A line that nobody needs minutes to read; raises ValueError for another."""
    if len(line) > _LONGEST_LINE:
        raise ValueError("a line too long")
    return line


def _place(files: Mapping[str, bytes], info: str, name: NormalizedName) -> dict[str, bytes]:
    """The files where ``pip install --target`` puts them: those of ``.data`` are spread.

    Scripts are not made executable, for a guest has no programs to start.
    """
    data = f"{info[: -len(_INFO)]}.data/"
    schemes = {
        "purelib": "",
        "platlib": "",
        "data": "",
        "scripts": "bin/",
        "headers": f"include/{name}/",
    }
    placed: dict[str, bytes] = {}
    names: list[str] = []
    for place, content in files.items():
        target = place
        if place.startswith(data):
            scheme, _, rest = place[len(data) :].partition("/")
            if scheme not in schemes or not rest:
                raise Defect(f"nobody knows where {shown(place)} belongs")
            target = schemes[scheme] + rest
        names.append(target)
        placed[target] = content
    check_apart(names)
    if names != list(files):
        placed[f"{info}/RECORD"] = write_record(placed, info)
    return placed
