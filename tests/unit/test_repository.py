"""What never goes into a commit: CONTRIBUTING.md has the list, this reads the tree for it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1_000_000
MADE_HERE = {".git", ".venv", "__pycache__", "dist", "build", "out", "htmlcov", ".hypothesis"}

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    "|".join(
        r"\.".join(labels)
        for labels in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("crates", "io"),
            ("conda", "anaconda", "org"),
            ("deb", "debian", "org"),
            ("archive", "ubuntu", "com"),
            ("ghcr", "io"),
            ("docker", "io"),
        ]
    )
    + r"|(?:index[-_]url|find[-_]links|trusted[-_]host)[\"'\s:=]+[\w/]",
    re.IGNORECASE,
)
MACHINE_PATHS = re.compile(r"(?<![\w.*])/(?:root|work|home/[a-z_][a-z0-9_-]*)/[\w.]")
SECRETS = re.compile(
    r"://[^/\s:@'\"]+:[^/\s@'\"]+@[\w-]+\.\w"  # a name and a password in an address
    r"|\b(?:gh[pousr]|glpat|xox[bp])[-_]\w{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)


def tracked() -> list[Path]:
    """List what a commit would hold: what git knows or would add; without git, what lies here."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=False,  # git refuses a tree that belongs to somebody else
        )
        if listing.returncode == 0:
            names = {os.fsdecode(name) for name in listing.stdout.split(b"\0") if name}
            return sorted(path for path in map(ROOT.joinpath, names) if path.is_file())
    return sorted(walk(ROOT))


def walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without what running and building leaves."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name not in MADE_HERE and not path.name.endswith(("_cache", ".egg-info")):
                yield from walk(path)
        elif path.is_file():
            yield path


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = tracked()
    assert ROOT / "pyproject.toml" in found
    return found


def lines_with(files: list[Path], *patterns: re.Pattern[str]) -> list[str]:
    """List the lines, as ``path:number: text``, in which a pattern occurs."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in files
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if any(pattern.search(line) for pattern in patterns)
    ]


def test_no_address_of_a_registry(files: list[Path]) -> None:
    assert lines_with(files, REGISTRIES) == []


def test_no_host_that_this_machine_gets_packages_from(files: list[Path]) -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=True,
    )
    places = told.stdout + "".join(
        f"\n{value}" for name, value in os.environ.items() if re.search("INDEX|REGISTRY", name)
    )
    hosts = set(re.findall(r"://(?:[^/\s@'\"]*@)?([\w-]+(?:\.[\w-]+)+)", places))
    folders = set(re.findall(r"file://(/[^\s'\",]+)", places))
    assert lines_with(files, *(re.compile(re.escape(place)) for place in hosts | folders)) == []


def test_no_path_of_a_machine(files: list[Path]) -> None:
    here = re.compile(re.escape(f"{ROOT}/"))
    # An attack names the files it goes for.
    attacks = [ROOT / "tests/attacks", ROOT / "tests/analysis/corpus"]
    elsewhere = [path for path in files if not any(map(path.is_relative_to, attacks))]
    assert lines_with(elsewhere, MACHINE_PATHS) + lines_with(files, here) == []


def test_no_secret(files: list[Path]) -> None:
    assert lines_with(files, SECRETS) == []


def test_no_binary(files: list[Path]) -> None:
    binary = []
    for path in files:
        content = path.read_bytes()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            binary.append(str(path.relative_to(ROOT)))
    assert binary == []


def test_no_large_file(files: list[Path]) -> None:
    assert [str(path) for path in files if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize("name", ["build.lock", "dev.lock", "service.lock"])
def test_a_lock_holds_pins_and_hashes_only(name: str) -> None:
    entry = re.compile(
        r"[a-z0-9-]+==[0-9A-Za-z.+!]+(?: ; [^\\\n/]+?)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    )
    text = (ROOT / "requirements" / name).read_text()
    assert [line for line in entry.sub("", text).splitlines() if not line.startswith("# ")] == []


def test_the_locks_satisfy_every_requirement_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    requirements = [Requirement(one) for one in asked]
    locked = re.findall(
        r"^([a-z0-9-]+)==(\S+)",
        "".join((ROOT / "requirements" / name).read_text() for name in ("build.lock", "dev.lock")),
        re.MULTILINE,
    )
    versions: dict[str, set[str]] = {}
    for name, version in locked:
        versions.setdefault(name, set()).add(version)
    unmet = [
        str(one)
        for one in requirements
        if one.name != "ringfence"
        and not all(
            one.specifier.contains(version, prereleases=True)
            for version in versions.get(canonicalize_name(one.name), {"0"})
        )
    ]
    assert unmet == []
