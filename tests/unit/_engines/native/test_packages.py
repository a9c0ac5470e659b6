"""What a list of packages comes to, and that it suffices in an otherwise empty root."""

import dataclasses
import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from ringfence._engines.native.interpreter import Interpreter, describe_interpreter
from ringfence._engines.native.packages import resolve
from ringfence.errors import ConfigurationError, PackageNotAvailable
from tests.unit._engines.native import empty_root
from tests.unit._engines.native.installed import Site, editable
from tests.unit._engines.native.test_shared_libraries import write_elf

# ------------------------------------------------------------------------------------- the closure


def test_the_closure_follows_markers_of_the_target(site: Site) -> None:
    site.install(
        "demo",
        files=["demo.py"],
        requires=[
            "direct>=1",
            'here; sys_platform == "linux"',
            'elsewhere; sys_platform == "win32"',
            'old; python_version < "3.0"',
            'optional; extra == "more"',
        ],
    )
    site.install("direct", files=["direct.py"], requires=["indirect (>=0.5)", "demo"])
    site.install("indirect", files=["indirect.py"])
    site.install("here", files=["here.py"])

    assert [name for name, _ in site.resolve("demo").distributions] == [
        "demo",
        "direct",
        "here",
        "indirect",
    ]
    windows = dict(site.interpreter.markers) | {"sys_platform": "win32"}
    elsewhere = dataclasses.replace(
        site.interpreter, markers=tuple(sorted(windows.items())), key="windows"
    )
    with pytest.raises(PackageNotAvailable, match="'elsewhere' is not installed"):
        resolve(["demo"], elsewhere)


def test_extras_bring_what_they_ask_for(site: Site) -> None:
    site.install(
        "demo",
        files=["demo.py"],
        requires=['a; extra == "one"', 'b; extra == "two"', 'demo[one,two]; extra == "all"'],
        extras=["one", "two", "all"],
    )
    site.install("a", files=["a.py"])
    site.install("b", files=["b.py"])

    def names(*requested: str) -> str:
        return " ".join(name for name, _ in site.resolve(*requested).distributions)

    assert names("demo") == "demo"
    assert names("demo[one]") == "a demo"
    assert names("demo", "demo[two]") == "b demo"
    assert names("demo[all]") == "a b demo"
    assert site.resolve("demo [two,one]").requested == ("demo[one,two]",)
    with pytest.raises(PackageNotAvailable, match="no extra 'three'; it has all, one, two"):
        site.resolve("demo[three]")


def test_requested_is_normalised(site: Site) -> None:
    site.install("Demo.Thing", files=["thing.py"])
    site.install("other", files=["other.py"])

    found = site.resolve("demo_thing>=0.5", "other; python_version < '3'", "DEMO-thing")

    assert found.requested == ("demo-thing",)
    assert found.imports == ("thing",)


def test_a_module_stands_for_its_distribution(site: Site) -> None:
    site.install("demo-dist", files=["demo/__init__.py", "demo/sub.py", "demo/c.abi3.so"])

    assert site.resolve("demo").requested == ("demo-dist",)
    assert site.resolve("demo").imports == ("demo",)
    assert site.resolve("demo.sub").requested == ("demo.sub",)
    assert site.resolve("demo.sub", "demo.c").imports == ("demo.sub", "demo.c")
    with pytest.raises(PackageNotAvailable, match=r"demo-dist 1.0 has no module of that name"):
        site.resolve("demo.absent")


def test_a_conflict_that_the_host_lives_with_is_noted(site: Site) -> None:
    site.install("demo", files=["demo.py"], requires=["dep<1", "not a requirement"])
    site.install("dep", "2.0", ["dep.py"])

    assert site.resolve("demo").notes == (
        "demo 1.0 states a requirement that cannot be read: not a requirement",
        "demo 1.0 requires dep<1; dep 2.0 is installed",
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("absent", r"'absent' is not installed for CPython .* -m pip install 'absent'$"),
        ("dem", r"'dem' is not installed .* Is it 'demo'\?"),
        ("demo>=9", r"'demo>=9': demo 1.0 is installed for CPython .* -m pip install 'demo>=9'$"),
        ("shared", "several distributions share; name the one you want: shared-a, shared-b"),
        ("json", "'json' is part of Python; guests can import it without asking"),
        ("demo @ https://example.org/demo.whl", "names a URL; .* nothing is fetched"),
        ("demo demo", "is not a requirement such as 'numpy' or 'numpy>=2'"),
        ("", "is not a requirement such as"),
        ("../demo", "is not a requirement such as"),
        (
            "needy",
            (
                r"'gone>=2' is not installed .*; it is required by middle 1.0, which is required "
                r"by needy 1.0. Install it with: .* -m pip install 'gone>=2'$"
            ),
        ),
    ],
)
def test_what_is_missing_is_said(site: Site, entry: str, message: str) -> None:
    site.install("demo", files=["demo/__init__.py"])
    site.install("shared-a", files=["shared/a.py"])
    site.install("shared-b", files=["shared/b.py"])
    site.install("needy", files=["needy.py"], requires=["middle"])
    site.install("middle", files=["middle.py"], requires=["gone>=2"])

    with pytest.raises(PackageNotAvailable, match=message):
        site.resolve(entry)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("numpy", r"packages='numpy' is one string; pass a list: \['numpy'\]"),
        ([5], "packages= holds 5, a int; it takes names"),
    ],
)
def test_what_is_no_list_of_names_is_refused(site: Site, value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        resolve(value, site.interpreter)  # type: ignore[arg-type]


def test_is_remembered_until_something_is_installed(site: Site) -> None:
    site.install("demo", files=["demo.py"])
    first = site.resolve("demo")
    assert site.resolve("demo") is first

    info = site.path / "demo-1.0.dist-info"
    info.rename(site.path / "demo-1.1.dist-info")
    (site.path / "demo-1.1.dist-info" / "METADATA").write_text("Name: demo\nVersion: 1.1\n")
    os.utime(site.path, ns=(0, 0))

    second = site.resolve("demo")
    assert second.distributions == (("demo", "1.1"),)
    assert second.key != first.key


def test_a_missing_library_is_noted(site: Site) -> None:
    module = write_elf(site.path / "demo" / "c.abi3.so", "libnowhere.so.7")
    site.install("demo", files=["demo/__init__.py", "demo/c.abi3.so"])

    assert site.resolve("demo").notes == (
        f"{module} needs libnowhere.so.7, which is not installed",
    )


# --------------------------------------------------------------------- in an otherwise empty root


def test_the_guest_sees_what_was_resolved_and_nothing_else(
    site: Site, source: Path, tmp_path: Path, empty: Path
) -> None:
    (tmp_path / "shared.txt").write_text("shared")
    site.install("other", files=["other/__init__.py"])
    site.install("ns-a", files=["ns/a/__init__.py"])
    site.install("ns-b", files=["ns/b/__init__.py"])
    site.install("demo", "4.2", ["demo/__init__.py"], requires=["ns-a", "inner"])
    (site.path / "demo" / "shared.txt").symlink_to(tmp_path / "shared.txt")
    site.write("inner.pth", f"{source}/src")
    editable(site, "inner", source, "inner.pth")
    found = site.resolve("demo", "inner")
    code = f"""
import demo, inner, ns.a, os
from importlib.metadata import version, distributions
print(version("demo"), *sorted(d.metadata["Name"] for d in distributions()))
print(open(os.path.join(os.path.dirname(demo.__file__), "shared.txt")).read())
for name in ("other", "ns.b", "single"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        print(error)
files = [os.path.join(f, n) for f, _, ns in os.walk({str(tmp_path)!r}) for n in ns]
print(*sorted(n for n in files if ".dist-info" not in n), sep="\\n")
"""

    done = empty_root.run_python(empty, site.interpreter, code, found)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "4.2 demo inner ns-a",
        "shared",
        "No module named 'other'",
        "No module named 'ns.b'",
        "No module named 'single'",
        f"{source}/src/inner/__init__.py",
        f"{tmp_path}/shared.txt",
        f"{site.path}/demo/__init__.py",
        f"{site.path}/demo/shared.txt",
        f"{site.path}/ns/a/__init__.py",
    ]


WORK = {
    "numpy": "import numpy as np; print(int((np.eye(3) @ np.arange(9).reshape(3, 3)).sum()))",
    "pandas": """
import pandas as pd
print(pd.DataFrame({"a": [1, 2]}).a.sum(), pd.Timestamp("2024-07-01", tz="Europe/Paris").hour)
""",
    "matplotlib.pyplot": """
import io, matplotlib.pyplot as plt
plt.plot([1, 2])
plt.title("title")
for kind in ("png", "svg", "pdf"):
    file = io.BytesIO()
    plt.savefig(file, format=kind)
    print(file.getvalue()[:4])
""",
    "scipy": """
import numpy as np, scipy.linalg, scipy.optimize, scipy.sparse, scipy.stats
print(scipy.linalg.det(2 * np.eye(2)), scipy.optimize.brentq(lambda x: x - 1, 0, 3))
""",
}
ANSWERS = {
    "numpy": "36\n",
    "pandas": "3 0\n",
    "matplotlib.pyplot": "b'\\x89PNG'\nb'<?xm'\nb'%PDF'\n",
    "scipy": "4.0 1.0\n",
}


@pytest.mark.parametrize("package", WORK)
def test_real_packages_work(interpreter: Interpreter, empty: Path, package: str) -> None:
    try:
        found = resolve([package], interpreter)
    except PackageNotAvailable as error:
        pytest.skip(str(error))
    code = f"import {found.imports[0]}\n{WORK[package]}"

    done = empty_root.run_python(empty, interpreter, code, found)

    assert (done.stdout, done.stderr) == (ANSWERS[package], "")
    site_packages = [str(Path(folder)) for folder in interpreter.site]
    assert not set(site_packages) & set(found.paths)


def test_agrees_with_what_the_running_interpreter_says(tmp_path: Path) -> None:
    found = resolve(["packaging", "pytest"], describe_interpreter(sys.executable))

    assert found.imports == ("packaging", "pytest")
    for name, version in found.distributions:
        assert importlib.metadata.version(name) == version
