"""The image as a wheel: built once, installed where nothing can be built, and run there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ringfence
from ringfence.images.wasi.build import MODULE, find_image
from ringfence.images.wasi.recipe import SOURCES, WORKERS, ZIG

VERSION = ringfence.__version__
NO_COMPILER = (
    "building this image needs the compiler of PyPI's ziglang 0.17.1, which is 0.0.0 here: "
    "pip install 'ringfence[build]'"
)


def _call(*arguments: str | Path, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


class Elsewhere:
    """An environment without a compiler, with a cache that is empty."""

    def __init__(self, site: Path, cache: Path) -> None:
        self.site = site
        self.cache = cache

    @property
    def package(self) -> Path:
        return self.site / "ringfence_image_wasi"

    def call(self, *arguments: str) -> tuple[int, str, str]:
        environment = {"PYTHONPATH": str(self.site), "XDG_CACHE_HOME": str(self.cache)}
        return _call("ringfence", *arguments, PATH="/nonexistent", **environment)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    path = folder / f"ringfence_image_wasi-{VERSION}-py3-none-any.whl"
    assert _call("ringfence", "image", "wheel", "wasi", "--out", folder) == (0, f"{path}\n", "")
    return path


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has installed it, beside a compiler of a version that will not do."""
    site = tmp_path_factory.mktemp("site")
    flags = ("--quiet", "--isolated", "--no-deps", "--no-index", "--disable-pip-version-check")
    status, _, err = _call("pip", "install", *flags, "--target", site, wheel)
    assert status == 0, err
    info = site / "ziglang-0.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ziglang\nVersion: 0.0.0\n")
    return site


@pytest.fixture
def elsewhere(site: Path, tmp_path: Path) -> Elsewhere:
    """Its files are hard links: replace them."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy, copy_function=os.link)
    return Elsewhere(copy, tmp_path / "cache")


def test_where_nothing_can_be_compiled_from_source_it_is_made_and_runs(
    elsewhere: Elsewhere,
) -> None:
    missing = "the image wasi was not built for this version: ringfence image build wasi"
    status, _, err = elsewhere.call("run", "--engine", "wasi", "-c", "1")
    assert status == 3
    assert missing in err  # still never silently
    status, out, err = elsewhere.call("image", "build", "wasi")
    folder = elsewhere.cache / "ringfence" / "images" / "wasi" / find_image().name
    assert (status, out) == (0, f"{folder}\n")
    assert [line.partition(" s  ")[2] for line in err.splitlines()] == [
        f"taking the module from ringfence-image-wasi {VERSION}, which is installed",
        "compiling native code",
    ]
    # What was built from sources, to the byte: the manifest has the hash of each file.
    theirs, ours = (json.loads((f / "manifest.json").read_text()) for f in (folder, find_image()))
    assert theirs == ours
    assert sorted(p.name for p in (elsewhere.cache / "ringfence").iterdir()) == ["images", "locks"]
    code = "import sys, zlib, sqlite3; sys.platform, len(zlib.compress(bytes(1000)))"
    assert elsewhere.call("run", "--engine", "wasi", "-c", code) == (0, "('wasi', 17)\n", "")


def test_one_of_another_version_is_passed_by(elsewhere: Elsewhere) -> None:
    manifest = elsewhere.package / "manifest.json"
    changed = {**json.loads(manifest.read_text()), "key": "0123"}
    manifest.unlink()
    manifest.write_text(json.dumps(changed))
    status, out, err = elsewhere.call("image", "build", "wasi")
    assert (status, out) == (6, "")
    said, error = err.splitlines()
    assert said.endswith(
        f" s  passing by ringfence-image-wasi {VERSION}, which is installed: it is of another "
        "version of Ringfence"
    )
    assert error == f"ringfence: failed: {NO_COMPILER}"


def test_a_damaged_one_is_refused(elsewhere: Elsewhere) -> None:
    module = elsewhere.package / MODULE
    data = bytearray(module.read_bytes())
    data[len(data) // 2] ^= 1
    module.unlink()
    module.write_bytes(data)
    status, out, err = elsewhere.call("image", "build", "wasi")
    assert (status, out) == (6, "")
    assert err.splitlines()[1:] == [
        f"ringfence: failed: the image that is installed as ringfence-image-wasi {VERSION} is "
        f"damaged: {module} is not the file that was published; install it again (pip install "
        f"--force-reinstall --no-deps ringfence-image-wasi=={VERSION}), or remove it"
    ]
    assert not (elsewhere.cache / "ringfence" / "images").exists()


@pytest.mark.parametrize("machine", WORKERS)
def test_code_for_the_processes_around_it_has_to_be_known(
    elsewhere: Elsewhere, machine: str
) -> None:
    """Whoever made this one has made the manifest, too."""
    library = elsewhere.package / WORKERS[machine].file
    data = library.read_bytes() + b"\0"
    library.unlink()
    library.write_bytes(data)
    manifest = elsewhere.package / "manifest.json"
    told = json.loads(manifest.read_text())
    told["files"][library.name] = hashlib.sha256(data).hexdigest()
    manifest.unlink()
    manifest.write_text(json.dumps(told))
    status, out, err = elsewhere.call("image", "build", "wasi")
    assert (status, out) == (6, "")
    assert err.splitlines()[1:] == [
        f"ringfence: failed: the image that is installed as ringfence-image-wasi {VERSION} brings "
        "other code for the processes around its module than this version of Ringfence knows: "
        f"{library.name}. It was not made by `ringfence image wheel wasi`, or not by the compiler "
        f"of PyPI's ziglang {ZIG}: remove it"
    ]
    assert not (elsewhere.cache / "ringfence" / "images").exists()


def test_what_is_built_here_is_known() -> None:
    for name, expected in WORKERS.values():
        assert hashlib.sha256((find_image() / name).read_bytes()).hexdigest() == expected


def test_a_source_that_is_given_is_built_from(elsewhere: Elsewhere) -> None:
    zlib = next(source for source in SOURCES if source.name == "zlib")
    kept = find_image().parents[2] / "downloads" / zlib.file
    if not kept.exists():
        pytest.skip(f"{zlib.file} is not kept any more")
    status, out, err = elsewhere.call("image", "build", "wasi", "--source", f"zlib={kept}")
    assert (status, out, err) == (6, "", f"ringfence: failed: {NO_COMPILER}\n")


def test_the_same_image_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    status, out, _ = _call("ringfence", "image", "wheel", "wasi", "--out", tmp_path)
    assert status == 0
    assert Path(out.removesuffix("\n")).read_bytes() == wheel.read_bytes()


def test_what_was_not_built_cannot_be_packed(tmp_path: Path) -> None:
    found = _call(
        "ringfence", "image", "wheel", "wasi", "--out", tmp_path, XDG_CACHE_HOME=str(tmp_path)
    )
    assert found == (
        6, "", "ringfence: failed: the image wasi was not built for this version: ringfence image build wasi\n"
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_another_kind(tmp_path: Path) -> None:
    found = _call("ringfence", "image", "wheel", "python", "--out", tmp_path)
    assert found == (2, "", "ringfence: image 'python': there are wasi\n")
