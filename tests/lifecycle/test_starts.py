"""Zygotes that do not start: interpreters that are none, packages that misbehave, ends in between."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import ringfence
from tests.lifecycle.hosts import Host, run_host
from tests.support.leaks import Belongings

# --- interpreters ------------------------------------------------------------------------------

_INTERPRETERS = {
    "exits": ("exit 3", "does not run as Python 3 (exit status 3: it said nothing)"),
    "complains": ("echo 'no such option' >&2; exit 2", "exit status 2: no such option"),
    "prints garbage": ("echo garbage", "is not a Python interpreter: it did not run the probe"),
    "prints other JSON": ("echo '[1]'", "is not a Python interpreter: it did not run the probe"),
    "prints for ever": ("yes | head -c 3000000", "is not a Python interpreter"),
    "is too old": (
        """echo '{"implementation": "cpython", "version": [3, 10, 4]}'""",
        "is CPython 3.10.4, which is too old",
    ),
    "is too new": (
        """echo '{"implementation": "cpython", "version": [3, 99, 0]}'""",
        "is CPython 3.99.0, which is too new",
    ),
    "is another": (
        """echo '{"implementation": "pypy", "version": [3, 11, 0]}'""",
        "is pypy 3.11.0, not CPython",
    ),
    "kills itself": ("kill -9 $$", "does not run as Python 3"),
}


@pytest.mark.parametrize("how", _INTERPRETERS)
def test_an_interpreter_that(how: str, tmp_path: Path) -> None:
    script, message = _INTERPRETERS[how]
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    before = Belongings.now().processes
    with pytest.raises(ringfence.ConfigurationError) as caught:
        ringfence.run("1", python=python)
    assert message in str(caught.value)
    assert str(python) in str(caught.value)
    assert Belongings.now().processes == before


def test_an_interpreter_that_hangs(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 1000\n")
    python.chmod(0o755)
    said = run_host(f"""
from ringfence._engines.native import interpreter
from tests.attacks.canaries import descendants
interpreter._PROBE_SECONDS = 0.2
try:
    ringfence.run("1", python={str(python)!r})
except ringfence.ConfigurationError as error:
    tell(str(error))
tell(sorted(descendants(os.getpid())))
""")
    assert "did not answer within 0.2 s" in said[0]
    assert said[1] == []


_TURNCOATS = {
    "exits": ("exit 3", "the process ended with code 3"),
    "ends by a signal": ("kill -11 $$", "the process was ended by signal 11 (Segmentation fault)"),
    "closes the socket": ("exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exit 0", "ended with code 0"),
}


@pytest.mark.parametrize("how", _TURNCOATS)
def test_a_program_that_is_no_zygote(how: str, tmp_path: Path) -> None:
    """The engine starts what the probe names; here that program was replaced meanwhile."""
    otherwise, message = _TURNCOATS[how]
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{otherwise}\n")
    script.chmod(0o755)
    said = run_host(f"""
import dataclasses
import ringfence._engines.native.engine as engine
from ringfence._engines.native import interpreter
from tests.support.leaks import Belongings
real = interpreter.describe_interpreter
engine.describe_interpreter = lambda python: dataclasses.replace(real(python), executable={str(script)!r})
before = Belongings.now()
try:
    ringfence.run("1")
except ringfence.EngineFailure as error:
    tell(str(error))
tell(Belongings.now().left_since(before))
engine.describe_interpreter = real
tell(ringfence.run("6 * 7").value)
""")
    assert said[0].startswith("the zygote failed at start: ")
    assert message in said[0]
    assert said[1:] == [[], 42]


def test_a_program_that_never_answers(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 1000\n")
    script.chmod(0o755)
    said = run_host(f"""
import dataclasses
from ringfence._engines.native import engine, interpreter
from ringfence.zygote import launch
from tests.support.leaks import Belongings
real = interpreter.describe_interpreter
engine.describe_interpreter = lambda python: dataclasses.replace(real(python), executable={str(script)!r})
launch.START_SECONDS = 0.2
before = Belongings.now()
try:
    ringfence.run("1")
except ringfence.EngineFailure as error:
    tell(str(error))
tell(Belongings.now().left_since(before))
""")
    assert said == ["the zygote failed at start: no answer within 0.2 s", []]


# --- packages ----------------------------------------------------------------------------------

_PACKAGES = {
    "raises": ("raise LookupError('no table')", "LookupError: no table"),
    "raises something odd": ("raise BaseException('odd')", "BaseException: odd"),
    "calls sys.exit": ("import sys\nsys.exit(5)", "SystemExit: 5"),
    "exits": ("import os\nos._exit(5)", "the process ended with code 5"),
    "crashes": (
        "import ctypes\nctypes.string_at(0)",
        "was ended by signal 11 (Segmentation fault)",
    ),
    "starts a thread": (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
        "2 threads after importing the packages",
    ),
    "leaves a process": (
        "import os, signal\nif os.fork() == 0:\n    signal.pause()",
        "leaves a process running",
    ),
    "opens a socket": ("import socket\nsocket.socket()", "PermissionError"),
    "starts a program": ("import subprocess\nsubprocess.run(['/bin/true'])", "PermissionError"),
    "is no Python": ("def (", "SyntaxError"),
}
_HARMLESS = {
    "prints": "print('hello')\nimport sys\nsys.stderr.write('x')",
    "reads stdin": "import sys\nassert sys.stdin.read() == ''",
    "writes a cache": "import tempfile\ntempfile.NamedTemporaryFile(delete=False).write(b'x')",
    "leaves a descriptor open": "import os\nkept = os.open('/', os.O_RDONLY)",
    "forks, and both copies go on": "import os\nchild = os.fork()\nif child: os.waitpid(child, 0)",
    "forks a process that ends": "import os\nif os.fork() == 0: os._exit(0)\nos.wait()",
    "forks one that nobody waits for": (
        "import os\nread, write = os.pipe()\nif os.fork() == 0: os._exit(0)\n"
        "os.close(write)\nos.read(read, 1)"
    ),
    "ignores signals": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)",
    "registers an exit handler": "import atexit, os\natexit.register(os._exit, 9)",
}


def _install(folder: Path, source: str | None) -> None:
    """An installed distribution ``trouble`` with one module."""
    info = folder / "trouble-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1.0\n")
    (info / "RECORD").write_text("trouble.py,,\ntrouble-1.0.dist-info/METADATA,,\n")
    (info / "top_level.txt").write_text("trouble\n")
    if source is not None:
        (folder / "trouble.py").write_text(textwrap.dedent(source))


_WITH_PACKAGE = """
from ringfence._engines.native import engine, interpreter
from ringfence.zygote import launch
import dataclasses
from tests.support.leaks import Belongings
real = interpreter.describe_interpreter
def describe(python):
    found = real(python)
    return dataclasses.replace(found, site=({folder!r}, *found.site), key=found.key + {folder!r})
engine.describe_interpreter = describe
import ringfence._engines.native.packages as packages
before = Belongings.now()
try:
    result = ringfence.run({code!r}, packages=["trouble"])
    tell(["ok", result.value, result.error and result.error.message])
except ringfence.RingfenceError as error:
    tell([type(error).__name__, str(error)])
"""


@pytest.mark.parametrize("how", _PACKAGES)
def test_a_package_that(how: str, tmp_path: Path) -> None:
    source, message = _PACKAGES[how]
    _install(tmp_path / "site", source)
    said = run_host(
        _WITH_PACKAGE.format(folder=str(tmp_path / "site"), code="1")
        + "tell(Belongings.now().left_since(before))\ntell(ringfence.run('6 * 7').value)"
    )
    kind, text = said[0]
    assert kind in ("EngineFailure", "StartFailed", "PackageNotAvailable"), text
    assert message in text
    assert "trouble" in text
    assert said[1:] == [[], 42]


@pytest.mark.parametrize("how", _HARMLESS)
def test_a_package_that_is_harmless_though_it(how: str, tmp_path: Path) -> None:
    _install(tmp_path / "site", _HARMLESS[how] + "\nanswer = 42\n")
    said = run_host(
        _WITH_PACKAGE.format(folder=str(tmp_path / "site"), code="import trouble\ntrouble.answer")
        + "tell(len(Belongings.now().left_since(before)) > 0)"
    )
    assert said[0] == ["ok", 42, None]


def test_a_package_that_hangs(tmp_path: Path) -> None:
    _install(tmp_path / "site", "import threading\nthreading.Event().wait()")
    said = run_host(
        "from ringfence.zygote import launch\nlaunch.START_SECONDS = 2\n"
        + _WITH_PACKAGE.format(folder=str(tmp_path / "site"), code="1")
        + "tell(Belongings.now().left_since(before))"
    )
    kind, text = said[0]
    assert kind in ("EngineFailure", "StartFailed")
    assert "no answer within 2 s" in text
    assert "trouble" in text
    assert said[1] == []


def test_a_host_that_is_killed_while_a_package_hangs(
    tmp_path: Path, nothing_left: Callable[[], list[str]]
) -> None:
    """The zygote cannot notice, but its alarm does: here it is set to go off at once."""
    _install(
        tmp_path / "site",
        "import signal, threading\n"
        "left, _ = signal.getitimer(signal.ITIMER_REAL)\n"
        "assert 100 < left <= 150, left\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.3)\n"
        "threading.Event().wait()",
    )
    code = "tell('starts')\n" + _WITH_PACKAGE.format(folder=str(tmp_path / "site"), code="1")
    with Host(code) as host:
        host.hear()
        from tests.attacks.canaries import descendants

        while len(descendants(host.pid)) < 3:
            assert host._process.poll() is None
        host.kill()
    assert nothing_left() == []


def test_the_environment_of_a_zygote_is_the_products_own() -> None:
    """Nothing of the host's environment starts it differently, and nothing of it is to be seen."""
    said = run_host(
        "tell(ringfence.run('import os, sys; sorted(os.environ), sys.flags.isolated').value[1])",
        environment={"PYTHONSTARTUP": "/nonexistent", "PYTHONHASHSEED": "1", "SECRET": "x"},
    )
    assert said == [1]
    assert os.environ.get("SECRET") is None
    assert sys.flags.isolated == 0
