"""Options as arguments of a sandbox: what is wrong is refused by the name that the user typed."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from ringfence.cli.request import (
    limits_from,
    option_of,
    policy_from,
    read_files,
    read_source,
    stdin_for,
)
from ringfence.errors import ConfigurationError
from ringfence.model import Limits, Policy
from ringfence.model.limits import LIMIT_NAMES


class Stdin:
    """Standard input that is no terminal."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return False


def test_nothing_given_is_the_default() -> None:
    assert limits_from() == Limits()
    assert policy_from() == Policy()


def test_every_option_has_its_limit() -> None:
    limits = limits_from(
        memory="64MiB",
        timeout=2,
        cpu=0.5,
        threads=1,
        disk="1MiB",
        others=["output=10KiB", "calls=5", "host_wall=3.5", "files=7", "fuel=9"],
    )
    assert limits == Limits(
        memory="64MiB",
        wall=2,
        host_wall=3.5,
        cpu=0.5,
        threads=1,
        disk="1MiB",
        output="10KiB",
        calls=5,
        files=7,
        fuel=9,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "--timeout: wall=0 must be more than 0"),
        ({"cpu": -1.0}, "--cpu: cpu=-1.0 must be more than 0"),
        ({"memory": "5X"}, "--memory: memory='5X' is not a size"),
        ({"threads": -1}, "--threads: threads=-1 must be a whole number"),
        ({"disk": "1GiB"}, "--disk: disk=1073741824 must be less than memory"),
        ({"others": ["memroy=1"]}, "--limit 'memroy=1': write NAME=VALUE, where NAME is one of"),
        ({"others": ["wall"]}, "--limit 'wall': write NAME=VALUE"),
        ({"others": ["calls=many"]}, "--limit calls: 'many' is not a whole number"),
        ({"others": ["wall=soon"]}, "--limit wall: 'soon' is not a number of seconds"),
        ({"others": ["output=x"]}, "output='x' is not a size"),
    ],
)
def test_what_is_wrong_is_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        limits_from(**options)
    assert str(caught.value).startswith(message)


def test_every_limit_can_be_set() -> None:
    for name in LIMIT_NAMES:
        assert option_of(name).startswith("--")


def test_walls_and_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    policy = policy_from(read=["data"], walls=["landlock+seccomp", "seccomp"])
    assert policy.read_paths == (str(tmp_path / "data"),)
    assert policy.wall_sets == (frozenset({"landlock", "seccomp"}), frozenset({"seccomp"}))
    with pytest.raises(ConfigurationError, match="does not exist"):
        policy_from(read=["nowhere"])
    with pytest.raises(ConfigurationError, match="is not a set of walls"):
        policy_from(walls=["chroot"])


def test_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = tmp_path / "latin.py"
    latin.write_bytes("# coding: latin-1\nname = 'Zoë'\n".encode("latin-1"))
    source = read_source(str(latin), None)
    assert (source.code, source.name) == ("# coding: latin-1\nname = 'Zoë'\n", "latin.py")
    assert read_source(None, "1 + 1").name == "<string>"
    monkeypatch.setattr(sys, "stdin", Stdin(b"print(1)\r\n"))
    source = read_source("-", None)
    assert (source.code, source.name) == ("print(1)\n", "<stdin>")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\xff\xfe", "is not Python source"), (b"# coding: no-such\n", "unknown encoding")],
)
def test_files_that_are_no_programs(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=reason):
        read_source(str(path), None)


def test_one_program_and_no_more() -> None:
    for file, code in ((None, None), ("x.py", "1")):
        with pytest.raises(ConfigurationError, match="name one program"):
            read_source(file, code)
    with pytest.raises(ConfigurationError, match=r"cannot read 'no/such.py': No such file"):
        read_source("no/such.py", None)


def test_files_for_the_guest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1")
    (tmp_path / "b.csv").write_bytes(b"2")
    files = read_files([str(tmp_path / "a.csv"), f"in/b.csv={tmp_path / 'b.csv'}"])
    assert files == {"a.csv": b"1", "in/b.csv": b"2"}
    with pytest.raises(ConfigurationError, match=r"two files would be called 'a\.csv'"):
        read_files([str(tmp_path / "a.csv"), f"a.csv={tmp_path / 'b.csv'}"])
    with pytest.raises(ConfigurationError, match="--file: cannot read"):
        read_files([str(tmp_path / "none")])


def test_standard_input_is_bounded_text(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(value=2_000)
    monkeypatch.setattr(sys, "stdin", Stdin("Zoë\n".encode()))
    assert stdin_for(limits) == "Zoë\n"
    monkeypatch.setattr(sys, "stdin", Stdin(b"x" * 2_001))
    with pytest.raises(ConfigurationError, match=r"more than value=2,000 bytes.*--limit value=…"):
        stdin_for(limits)
    monkeypatch.setattr(sys, "stdin", Stdin(b"\xff"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        stdin_for(limits)
