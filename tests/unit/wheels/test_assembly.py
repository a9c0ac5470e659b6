"""What wheels come to when they are put together, beyond what a guest can show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from packaging.version import Version

from ringfence.errors import PackageNotAvailable, WheelRefused
from ringfence.model import Wheel
from ringfence.wheels.assembly import Assembly, Target, assemble, identify
from ringfence.wheels.distribution import parse_wheel
from tests.support.wheels import build_wheel

MARKERS = {
    "implementation_name": "cpython", "implementation_version": "3.13.5", "os_name": "posix",
    "platform_machine": "wasm32", "platform_python_implementation": "CPython",
    "platform_release": "", "platform_system": "wasi", "platform_version": "",
    "python_full_version": "3.13.5", "python_version": "3.13", "sys_platform": "wasi",
}  # fmt: skip
TARGET = Target((3, 13, 5), MARKERS, "a test")


def put(*paths: Path) -> Assembly:
    return assemble([identify(Wheel(path)) for path in paths], TARGET)


@pytest.mark.parametrize(
    "tag",
    ["py3-none-any", "py2.py3-none-any", "py313-none-any", "py312-none-any", "cp313-none-any"],
)
def test_tags_that_fit(tmp_path: Path, tag: str) -> None:
    (one,) = put(build_wheel(tmp_path, tag=tag)).distributions
    assert (one.name, one.version) == ("gadget", Version("1.0"))


@pytest.mark.parametrize("tag", ["py314-none-any", "cp312-none-any", "pp313-none-any"])
def test_tags_that_do_not(tmp_path: Path, tag: str) -> None:
    with pytest.raises(
        WheelRefused, match="it was built for .*, and this is Python 3.13.5 of a test"
    ):
        put(build_wheel(tmp_path, tag=tag))


def test_names_and_versions_in_any_spelling(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "Big_Gadget", "1.0", files={"a.py": ""})
    same = path.rename(tmp_path / "big_gadget-1.0.0-py3-none-any.whl")
    (one,) = put(same).distributions
    assert (one.name, one.version) == ("big-gadget", Version("1"))


def test_extras_are_followed_through_each_other(tmp_path: Path) -> None:
    one = build_wheel(
        tmp_path, "one", files={"one.py": ""}, lines=["Requires-Dist: two[Fast_Mode]"]
    )
    two = build_wheel(
        tmp_path, "two", files={"two.py": ""},
        lines=["Provides-Extra: fast-mode", "Requires-Dist: two[more]; extra == 'fast-mode'", "Requires-Dist: three>1,<3; extra == 'more'", "Requires-Dist: four; extra == 'never'"],
    )  # fmt: skip
    assert dict(put(two).missing) == {}
    assert dict(put(one, two).missing) == {"three<3,>1": "two 1.0"}
    with pytest.raises(
        PackageNotAvailable, match="'three<3,>1', for two 1.0. Give a wheel of each"
    ):
        put(one, two).require_nothing_else()


def test_prereleases_that_were_given_count(tmp_path: Path) -> None:
    one = build_wheel(tmp_path, "one", files={"one.py": ""}, lines=["Requires-Dist: two>=1"])
    two = build_wheel(tmp_path, "two", "2.0rc1", files={"two.py": ""})
    assert dict(put(one, two).missing) == {}


def test_equal_wheels_have_equal_keys_in_any_order(tmp_path: Path) -> None:
    one, two = (build_wheel(tmp_path, n, files={f"{n}.py": ""}) for n in ("one", "two"))
    assert put(one, two).key == put(two, one, one).key != put(one).key


def test_a_hash_is_looked_up_until_the_file_changes(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    first = identify(Wheel(path))
    assert identify(Wheel(path)) == first
    build_wheel(tmp_path, files={"gadget.py": "ANSWER = 1\n"})
    assert identify(Wheel(path)).sha256 != first.sha256
    with pytest.raises(WheelRefused, match="is not the file that was asked for"):
        assemble([first], TARGET)
    os.remove(path)
    with pytest.raises(WheelRefused, match="cannot be read: No such file or directory"):
        identify(Wheel(path))


def test_a_record_is_written_anew_only_when_something_moved(tmp_path: Path) -> None:
    plain = build_wheel(tmp_path, "plain", files={"plain.py": ""}).read_bytes()
    name = "plain-1.0-py3-none-any.whl"
    record = parse_wheel(name, plain).files["plain-1.0.dist-info/RECORD"]
    assert record.endswith(b"plain-1.0.dist-info/RECORD,,\n")
    moved = build_wheel(
        tmp_path, "plain", files={"plain-1.0.data/purelib/plain.py": ""}
    ).read_bytes()
    files = parse_wheel(name, moved).files
    assert sorted(files) == sorted(parse_wheel(name, plain).files)
    assert b".data" not in files["plain-1.0.dist-info/RECORD"]


def test_what_is_shown_of_an_assembly_is_short(tmp_path: Path) -> None:
    assembly = put(build_wheel(tmp_path, files={"gadget.py": "x = 1\n" * 10_000}))
    assert len(repr(assembly)) < 2_000
    assert str(assembly).startswith("gadget 1.0 (sha256 ")
