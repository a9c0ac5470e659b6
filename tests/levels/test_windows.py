"""Windows, as far as Wine is one: what is written for it, and the suites, run by a Python for Windows."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import Sandbox
from ringfence.images.cache import ImageCache
from ringfence.images.wasi.build import pack_image
from tests.attacks.corpus import load
from tests.levels.selection import EVERYTHING
from tests.levels.suites import Count, read_report
from tests.support.windows import ROOT, Windows, require

_EACH_TEST, _EACH_ATTACK = (1, 1) if EVERYTHING else (60, 120)
"""One of so many is run: a guest starts in seconds there."""
_NOT_HERE = (
    # They start interpreters that lack what PYTHONPATH has here, or compare with this one's paths.
    "test_twenty_processes_of_two_pythons",
    "test_traceback_is_that_of_cpython[wasi-stdlib]",
)
_BUILD = """
from ringfence.images.cache import ImageCache
from ringfence.images.wasi.build import build_image
build_image(ImageCache(), print)
"""


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """What is installed there beside these sources: that they are, and the image's wheel."""
    if not ringfence.engines()["wasi"].availability.walls:
        pytest.skip("wasi has no image here: ringfence image build wasi")
    with tempfile.TemporaryDirectory(prefix="ringfence-installed-") as folder:
        target = Path(folder)
        wheel = pack_image(ImageCache(), target, ringfence.__version__)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
        name = f"ringfence-{ringfence.__version__}.dist-info"
        shutil.copytree(str(distribution("ringfence").locate_file(name)), target / name)
        yield target


class There:
    """Runs modules there.

    Args:
        windows: that is used.
        installed: a folder of packages.
    """

    def __init__(self, windows: Windows, installed: Path) -> None:
        self._windows = windows
        paths = (ROOT / "src", ROOT, installed)
        self._environment = {
            "PYTHONPATH": ";".join(map(windows.path, paths)),
            "RINGFENCE_TEST_ENGINES": "wasi",
            "RINGFENCE_REQUIRE_ENGINES": "wasi",
        }

    def path(self, here: Path) -> str:
        """What a path of this machine is called there."""
        return self._windows.path(here)

    def run(
        self, *arguments: str, timeout: float = 300, environment: dict[str, str] | None = None
    ) -> str:
        """What the interpreter says with these arguments; an exit code of 0 or 1 is none."""
        more = self._environment | (environment or {})
        done = self._windows.run(arguments, environment=more, timeout=timeout)
        assert done.returncode in (0, 1), done.stdout[-4_000:] + done.stderr[-4_000:]
        return done.stdout or done.stderr

    def test(self, folder: Path, *arguments: str, **environment: str) -> Count:
        """What came of tests."""
        report = folder / "report.xml"
        options = ("-q", "-p", "no:cacheprovider", "-p", "tests.levels.slices", "--timeout=300")
        said = self.run(
            *("-m", "pytest", *options, f"--junit-xml={self.path(report)}", *arguments),
            timeout=5_400,
            environment=environment,
        )
        assert report.exists(), said[-4_000:]
        return read_report(report)


@pytest.fixture(scope="module")
def there(installed: Path) -> Iterator[There]:
    with require() as windows:
        made = There(windows, installed)
        sources = [made.path(ROOT / "src" / name) for name in ("ringfence", "ringfence_guest")]
        made.run("-m", "compileall", "-q", *sources)  # or each guest would compile them anew
        made.run("-c", _BUILD, timeout=600)
        yield made


def _told(there: There, source: str) -> Any:
    """What a program there says, as JSON."""
    return json.loads(there.run("-m", "tests.levels.program", source))


@pytest.mark.timeout(1_800)
def test_what_is_written_for_windows(there: There, tmp_path: Path, record_property: Any) -> None:
    # The doctor takes some minutes there.
    count = there.test(tmp_path, "tests/windows", *(() if EVERYTHING else ("-k", "not witnessed")))
    record_property("windows", str(count))
    assert not count.failed, "\n\n".join(count.failed)
    assert count.passed > 50


@pytest.mark.timeout(6_000)
def test_the_conformance_suite_passes(there: There, tmp_path: Path, record_property: Any) -> None:
    deselected = " and ".join(f"not {name.partition('[')[0]}" for name in _NOT_HERE)
    count = there.test(
        tmp_path, "tests/conformance", "-k", deselected, RINGFENCE_TEST_EACH=str(_EACH_TEST)
    )
    record_property("conformance", str(count))
    assert not count.failed, "\n\n".join(count.failed)
    assert count.passed > count.total // 3


@pytest.mark.timeout(6_000)
def test_attacks_are_repelled(there: There, record_property: Any) -> None:
    attacks = [there.path(one.path) for one in list(load())[::_EACH_ATTACK]]
    asked = ("--json", "--engine", "wasi", "--walls", "process+wasm")
    told = json.loads(there.run("-m", "tests.attacks", *asked, *attacks, timeout=5_400))
    # Wine itself may fail to start a process, of some thousand: that is one more that is skipped.
    skipped = sum(told["skipped"].values())
    counts = f"{told['repelled']} repelled, {len(told['failed'])} failed, {skipped} skipped"
    record_property("attacks", counts)
    assert not told["failed"], "\n\n".join(told["failed"])
    assert told["repelled"] > len(attacks) // 4


@pytest.mark.timeout(600)
def test_a_state_goes_there_and_comes_back(there: There, tmp_path: Path) -> None:
    """What a guest is does not depend on the system that it runs on."""
    key = bytes(range(16))
    going, coming = tmp_path / "going", tmp_path / "coming"
    go_on = "n = text.write('gun'); [text.getvalue(), random.random()]"
    with Sandbox(engine="wasi") as box:
        setup = "import io, random; text = io.StringIO(); random.seed(4); n = text.write('be')"
        box.run(setup).raise_for_status()
        going.write_bytes(box.snapshot(key=key))
        with box.fork() as twin:
            expected = [twin.run(go_on).value for _ in range(2)]
    told = _told(
        there,
        f"""
from pathlib import Path
state = Path({there.path(going)!r}).read_bytes()
with Sandbox.restore(state, key={key!r}, engine="wasi") as box:
    said.append(box.run({go_on!r}).value)
    Path({there.path(coming)!r}).write_bytes(box.snapshot(key={key!r}))
tell(said)
""",
    )
    with Sandbox.restore(coming.read_bytes(), key=key, engine="wasi") as box:
        assert [*told, box.run(go_on).value] == expected


@pytest.mark.timeout(600)
def test_no_process_is_left(there: There) -> None:
    """Each of them is one of this machine's, whatever it is called there."""
    source = "box = Sandbox(engine='wasi').start(); box.run('1'); tell(os.getpid())"
    before = _processes()
    assert _told(there, f"import os\n{source}") > 0
    while _processes() - before:
        pass


def _processes() -> set[int]:
    """Those that run Windows programs here."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if b"python.exe" in (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
            except OSError:
                continue
    return found - {os.getpid()}
