"""PocketPy's library: taken out of Debian's package, known by hash, kept, and of no other origin."""

from __future__ import annotations

import hashlib
import io
import platform
import re
import tarfile
import tomllib
from pathlib import Path

import pytest

from ringfence.errors import ConfigurationError, ImageNotBuilt, ImageNotUsable
from ringfence.images.cache import ImageCache
from ringfence.images.debian import Apt
from ringfence.images.pocketpy import fetch, recipe
from ringfence.images.pocketpy.fetch import fetch_image, find_library, read_library
from ringfence.images.pocketpy.recipe import KIND, LIBRARY, Build, find_build

ROOT = Path(__file__).resolve().parents[3]
CODE = b"\x7fELF" + bytes(range(256)) * 5
MEMBER = "./usr/lib/machine/libpocketpy.so.2.1.8"


def entry(name: bytes, data: bytes) -> bytes:
    """One part of an ar archive."""
    header = b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name, 0, 0, 0, b"100644", len(data))
    return header + data + b"\n" * (len(data) % 2)


def package_of(files: dict[str, bytes]) -> bytes:
    """A package as dpkg makes it."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:xz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    parts = (b"debian-binary", b"2.0\n"), (b"control.tar.xz", b"odd"), (b"data.tar.xz", b"")
    names = [name for name, _ in parts]
    return b"!<arch>\n" + b"".join(
        entry(name, data or whole.getvalue()) for name, (_, data) in zip(names, parts, strict=True)
    )


def build_of(package: bytes) -> Build:
    sha = hashlib.sha256
    return Build("amd64", sha(package).hexdigest(), MEMBER, sha(CODE).hexdigest(), len(CODE))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A small package, which is taken for the real one."""
    package = package_of({"./usr/share/doc/copyright": b"MIT", MEMBER: CODE})
    build = build_of(package)
    monkeypatch.setitem(recipe._BUILDS, platform.machine(), build)
    path = tmp_path / "given.deb"
    path.write_bytes(package)
    return path


def cache_in(tmp_path: Path) -> ImageCache:
    return ImageCache(tmp_path / "cache")


@pytest.mark.parametrize("what", ["package", "library"])
def test_a_file_of_the_callers_is_kept_closed_to_others(
    tmp_path: Path, small: Path, what: str
) -> None:
    given = small
    if what == "library":
        given = tmp_path / "some.so"
        given.write_bytes(CODE)
    cache = cache_in(tmp_path)

    folder = fetch_image(cache, print, given)

    assert find_library(cache) == folder / LIBRARY
    assert (folder / LIBRARY).read_bytes() == CODE
    assert [oct(place.stat().st_mode & 0o777) for place in (cache.root, folder)] == ["0o700"] * 2


def test_another_file_is_refused_with_both_hashes(tmp_path: Path, small: Path) -> None:
    build = find_build()
    other = tmp_path / "other.deb"
    other.write_bytes(small.read_bytes() + b"\n")
    with pytest.raises(ConfigurationError, match=f"(?s){build.package}.*{build.library}"):
        fetch_image(cache_in(tmp_path), print, other)
    with pytest.raises(ConfigurationError, match="no such file"):
        fetch_image(cache_in(tmp_path), print, tmp_path / "absent.deb")


def test_one_that_was_never_fetched_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ImageNotUsable, match="ringfence image fetch pocketpy$"):
        find_library(cache_in(tmp_path))


def test_one_that_was_changed_is_not_loaded_and_fetched_again(tmp_path: Path, small: Path) -> None:
    cache = cache_in(tmp_path)
    library = fetch_image(cache, print, small) / LIBRARY
    library.write_bytes(CODE[:-1] + b"!")

    with pytest.raises(ImageNotUsable, match="is not the file that was built"):
        find_library(cache)
    said: list[str] = []
    fetch_image(cache, said.append, small)

    assert find_library(cache).read_bytes() == CODE
    assert [text.partition(":")[0] for text in said] == ["fetching again"]


def test_a_manifest_that_agrees_with_a_changed_file_does_not_help_it(
    tmp_path: Path, small: Path
) -> None:
    cache = cache_in(tmp_path)
    fetch_image(cache, print, small)
    cache.publish(KIND, recipe.image_key(), {LIBRARY: b"\x7fELF another"}, readable=True)
    with pytest.raises(ImageNotUsable, match="is not PocketPy"):
        find_library(cache)


def test_it_is_fetched_through_apt_get_by_version(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def download(self: Apt, *wanted: str | Path) -> None:
        folder = wanted[-1]
        assert isinstance(folder, Path)
        asked.append(tuple(str(one) for one in wanted[:-1]))
        (folder / find_build().file).write_bytes(small.read_bytes())

    monkeypatch.setattr(Apt, "download", download)
    cache = cache_in(tmp_path)
    fetch_image(cache, print)
    assert asked == [("libpocketpy2", "2.1.8+ds-8", "sid", "amd64")]
    assert find_library(cache).read_bytes() == CODE


def test_a_mirror_that_hands_out_something_else_is_not_believed(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(self: Apt, *wanted: str | Path) -> None:
        (Path(wanted[-1]) / find_build().file).write_bytes(b"!<arch>\nnothing of it")

    monkeypatch.setattr(Apt, "download", download)
    cache = cache_in(tmp_path)
    with pytest.raises(ImageNotBuilt, match=r"(?s)another hash.*pass --source PATH"):
        fetch_image(cache, print)
    assert list((cache.root / "downloads").iterdir()) == []


@pytest.mark.parametrize(
    "package",
    [
        b"",
        b"!<arch>\n",
        b"not an archive",
        b"!<arch>\n" + entry(b"data.tar.xz", b"no tar"),
        package_of({"./usr/lib/other.so": CODE}),
        package_of({MEMBER: CODE[:-1]}),
        package_of({MEMBER: CODE[:-1] + b"?"}),
        package_of({MEMBER: CODE})[:-900],
    ],
)
def test_what_is_no_such_package_is_an_error_of_ours(tmp_path: Path, package: bytes) -> None:
    path = tmp_path / "odd.deb"
    path.write_bytes(package)
    with pytest.raises(ImageNotBuilt, match="odd.deb"):
        read_library(path, build_of(package))


def test_other_machines_are_told_what_to_use() -> None:
    with pytest.raises(ImageNotBuilt, match="riscv64.*Use the engine micro"):
        find_build("riscv64")


def test_what_is_pinned() -> None:
    assert (recipe.PACKAGE, recipe.VERSION, recipe.RELEASE) == ("libpocketpy2", "2.1.8+ds-8", "sid")
    assert {machine: build.architecture for machine, build in recipe._BUILDS.items()} == {
        "x86_64": "amd64",
        "aarch64": "arm64",
    }
    assert fetch.FETCH == "ringfence image fetch pocketpy"


def test_nothing_depends_on_the_package_of_that_name() -> None:
    """It is another project: a client of a web site, whose name is all that it shares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"]]
    for group in (project["project"]["optional-dependencies"], project["dependency-groups"]):
        wanted += [line for lines in group.values() for line in lines if isinstance(line, str)]
    locks = [path.read_text() for path in (ROOT / "requirements").rglob("*.lock")]
    wanted += [line for text in locks for line in text.splitlines()]
    assert locks
    assert [line for line in wanted if re.match(r"pocketpy\b", line.strip(), re.IGNORECASE)] == []
