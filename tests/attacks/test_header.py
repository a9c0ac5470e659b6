"""The header of an attack file: what it may say, and that nothing else gets past the parser."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ringfence.model import Limits
from tests.attacks.conditions import Setting, parse_conditions
from tests.attacks.corpus import Cell, HeaderError, Verdict, needs_of_module, parse

_HEAD = "# goal: something\n# technique: memory\n"


def _file(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "memory"
    folder.mkdir(exist_ok=True)
    path = folder / "attack.py"
    path.write_text(text)
    return path


def test_a_whole_header(tmp_path: Path) -> None:
    attack = parse(
        _file(
            tmp_path,
            _HEAD
            + "# trap: 4, 5\n# field: step-sleep kernel-bpf\n# limits: wall=0.5 memory=64MiB calls=3\n"
            "# packages: numpy\n# functions: echo add\n# needs: x86_64, threads\n# twice: equal\n"
            "# grant: folder\n# stdout: 'a\\n'\n# expect: ok [1, 2] alive\n"
            "# expect[landlock+seccomp]: error OSError ~'x.*'\n\n1\n# --- next turn after 0.5 s\n2\n",
        )
    )
    assert attack.id == "memory/attack"
    assert attack.traps == {4, 5}
    assert attack.techniques == {"step-sleep", "kernel-bpf"}
    assert attack.limits == {"wall": 0.5, "memory": "64MiB", "calls": 3}
    assert attack.packages == ("numpy",)
    assert attack.functions == ("echo", "add")
    assert attack.twice == "equal"
    assert attack.grant
    assert attack.cells[1] == Cell("2\n", 0.5)
    assert [str(e.verdict) for e in attack.expectations] == [
        "error OSError ~'x.*'",
        "ok [1, 2] alive",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "# colour: red",
        "# goal: again",
        "# limits: wall",
        "# limits: wall=1 wall=2",
        "# trap: five",
        "# twice: perhaps",
        "# needs: luck",
        "# needs: module:",
        "# expect[luck]: ok 1",
        "# needs[x86_64]: threads",
        "# stdout: bare words",
        "# just a comment",
    ],
)
def test_a_line_that_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(HeaderError):
        parse(_file(tmp_path, f"{_HEAD}# expect: ok 1\n{line}\n\n1\n"))


@pytest.mark.parametrize("missing", ["goal", "technique", "expect"])
def test_a_key_that_is_missing(tmp_path: Path, missing: str) -> None:
    lines = f"{_HEAD}# expect: ok 1\n".splitlines()
    text = "\n".join(line for line in lines if f"# {missing}:" not in line)
    with pytest.raises(HeaderError, match="is missing"):
        parse(_file(tmp_path, f"{text}\n\n1\n"))


def test_the_folder_is_the_technique(tmp_path: Path) -> None:
    with pytest.raises(HeaderError, match="is in the folder"):
        parse(_file(tmp_path, "# goal: x\n# technique: signals\n# expect: ok 1\n\n1\n"))


@pytest.mark.parametrize(
    "text",
    ["fine", "ok", "error ValueError", "limit", "crashed", "error X bare", 'error X ~"("'],
)
def test_a_verdict_that_is_none(text: str) -> None:
    with pytest.raises(HeaderError):
        Verdict.parse(text)


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ("ok 1", "ok 1 alive", True),
        ("ok 1", "ok 12 alive", False),
        ("ok 1 dead", "ok 1 alive", False),
        ('ok ~"1."', "ok 12 alive", True),
        ('ok ~"1."', "ok 123 alive", False),
        ('error OSError "x"', "error OSError 'x' alive", True),
        ('error OSError "x"', "error OSError 'xy' alive", False),
        ('error OSError "x"', "error PermissionError 'x' alive", False),
        ("limit wall", "limit wall 'it took long' dead", True),
        ("limit wall", "limit cpu 'it took long' dead", False),
        ("crashed SIGSYS", "crashed SIGSYS 'x' dead", True),
        ("crashed SIGSYS", "crashed SIGSEGV 'x' dead", False),
        ("limit memory", "crashed Exit 'x' dead", False),
    ],
)
def test_fits(expected: str, actual: str, fits: bool) -> None:
    assert Verdict.parse(expected).fits(Verdict.parse(actual)) is fits


_HERE = Setting(
    engine="native",
    walls=frozenset({"landlock", "seccomp"}),
    limits=Limits(threads=0),
    landlock=4,
    python=(3, 12),
    machine="x86_64",
    modules=frozenset({"ctypes"}),
)


@pytest.mark.parametrize(
    ("word", "holds"),
    [
        ("x86_64", True),
        ("aarch64", False),
        ("landlock+seccomp", True),
        ("seccomp+landlock", True),
        ("namespaces+landlock+seccomp", False),
        ("landlock", True),
        ("namespaces", False),
        ("no:namespaces", True),
        ("only:seccomp", False),
        ("no:only:seccomp", True),
        ("seccomp", True),
        ("landlock>=4", True),
        ("landlock>=5", False),
        ("landlock<5", True),
        ("python>=3.12", True),
        ("python>=3.13", False),
        ("python<3.12", False),
        ("engine=native", True),
        ("engine=wasi", False),
        ("threads", False),
        ("disk", True),
        ("module:ctypes", True),
        ("module:os.path", False),
        ("no:module:ctypes", False),
    ],
)
def test_conditions(word: str, holds: bool) -> None:
    (condition,) = parse_conditions(word)
    assert condition.holds(_HERE) is holds


def test_an_engine_without_threads() -> None:
    (condition,) = parse_conditions("threads")
    some = dataclasses.replace(_HERE, limits=Limits(threads=1))
    assert condition.holds(some)
    assert not condition.holds(dataclasses.replace(some, starts_threads=False))


def test_what_a_module_of_the_suite_needs() -> None:
    (condition,) = needs_of_module('"""Calls."""\n\n# needs: module:ctypes\nimport ctypes\n')
    assert condition.module == "ctypes"
    assert needs_of_module("import json\n") == ()
    with pytest.raises(HeaderError):
        needs_of_module("# needs: luck\n")
