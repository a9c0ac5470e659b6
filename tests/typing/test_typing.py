"""mypy --strict, asked about the public names."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"


def check(path: Path, cache: Path) -> tuple[str, int]:
    out, err, status = api.run(
        [
            "--config-file=",
            "--strict",
            "--warn-unreachable",
            "--no-error-summary",
            "--hide-error-context",
            "--no-color-output",
            f"--cache-dir={cache}",
            str(path),
        ]
    )
    assert err == ""
    return out, status


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(autouse=True)
def find_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYPYPATH", str(ROOT / "src"))
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("program", ["use.py", "clients.py"])
def test_what_the_public_names_are(cache: Path, program: str) -> None:
    assert check(PROGRAMS / program, cache) == ("", 0)


WRONG = [
    ("ringfence.run(5)", "arg-type"),
    ("ringfence.run('1', memory='1GiB')", "call-arg"),
    ("ringfence.run('1', limits={'wall': 5})", "arg-type"),
    ("ringfence.Sandbox(limit=ringfence.Limits())", "call-arg"),
    ("ringfence.Sandbox(files={'a': 'text'})", "dict-item"),
    ("ringfence.Sandbox(packages='numpy', engine=5)", "arg-type"),
    ("ringfence.AsyncSandbox(stdin=5)", "arg-type"),
    ("ringfence.Limits(5)", "call-arg"),
    ("ringfence.Limits(wall='long')", "arg-type"),
    ("ringfence.Policy(isolation='none')", "arg-type"),
    ("ringfence.run('1').status = 'ok'", "misc"),
    ("ringfence.run('1').nothing", "attr-defined"),
    ("ringfence.Reader(5)", "arg-type"),
    ("ringfence.host_function(5)", "call-overload"),
    ("ringfence.nothing", "attr-defined"),
    ("ringfence.Client(5)", "arg-type"),
    ("ringfence.Client().run('1', memory='1GiB')", "call-arg"),
    ("ringfence.Client().session(durability='always')", "arg-type"),
    ("ringfence.RemoteEngine()", "call-arg"),
]


def test_what_a_type_checker_refuses(cache: Path, tmp_path: Path) -> None:
    program = tmp_path / "wrong.py"
    program.write_text("import ringfence\n" + "".join(f"{line}\n" for line, _ in WRONG))
    out, status = check(program, cache)
    assert status == 1
    found: dict[int, set[str]] = {}
    for line in out.splitlines():
        if ": error: " in line:
            number = int(line.split(":")[1])
            found.setdefault(number, set()).add(line.rpartition("[")[2].rstrip("]"))
    expected = {number: {code} for number, (_, code) in enumerate(WRONG, start=2)}
    assert found == expected, out


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "src/ringfence/py.typed").is_file()
    assert (ROOT / "src/ringfence_guest/py.typed").is_file()
