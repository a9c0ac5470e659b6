"""The ``ringfence`` command as a user runs it: exact output, exact exit status."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence.model import FULL_WALLS
from ringfence.model.limits import LIMIT_NAMES
from ringfence.runtime.registry import describe_engines, list_evaluators
from tests.support.levels import HERE, command

COMMAND = [sys.executable, "-m", "ringfence"]
PATIENCE = 120.0


@pytest.fixture(scope="module", autouse=True)
def _an_engine() -> None:
    missing = {}
    for name, info in describe_engines().items():
        if set(info.availability.walls) & set(FULL_WALLS):
            return
        missing[name] = dict(info.availability.missing)
    pytest.skip(f"no engine has its full set of walls here: {missing}")


def run(
    *arguments: str, stdin: str | bytes = "", env: dict[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        options.pop("command", None) or [*COMMAND, *arguments],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        cwd=options.pop("cwd", HERE),
        env={**os.environ, **(env or {})},
        timeout=PATIENCE,
        check=False,
        **options,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def seen(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


# --- what a program gives ----------------------------------------------------------------------


def test_the_value_of_the_last_expression_is_printed() -> None:
    assert seen(run("run", "-c", "print('a'); [1, 'b']")) == (0, "a\n[1, 'b']\n", "")
    assert seen(run("run", "-c", "import sys; sys.stdout.write('x'); None")) == (0, "x", "")
    assert seen(run("run", "-c", "print('no end', end='')\n7")) == (0, "no end\n7\n", "")


def test_a_file_and_standard_input(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys\nprint('out')\nprint('err', file=sys.stderr)\n__name__\n")
    assert seen(run("run", str(program))) == (0, "out\n'__main__'\n", "err\n")
    assert seen(run("run", "-", stdin="1 + 1")) == (0, "2\n", "")


def test_an_exception_shows_the_programs_own_lines(tmp_path: Path) -> None:
    program = tmp_path / "fails.py"
    program.write_text("def f():\n    return 1 / 0\n\nf()\n")
    status, out, err = seen(run("run", str(program)))
    assert (status, out) == (1, "")
    assert re.sub(r"\n +[~^]+(?=\n)", "", err) == (
        "Traceback (most recent call last):\n"
        '  File "fails.py", line 4, in <module>\n'
        "    f()\n"
        '  File "fails.py", line 2, in f\n'
        "    return 1 / 0\n"
        "ZeroDivisionError: division by zero\n"
    )
    assert str(tmp_path) not in err


def test_the_files_that_a_program_leaves(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("given")
    out = tmp_path / "new" / "out"
    code = (
        "import os\nos.mkdir('d')\nopen('d/made', 'w').write('by the guest')\n"
        "open('two\\nlines', 'w').close()\nopen('con', 'w').close()\nNone"
    )
    arguments = ["run", "--file", str(tmp_path / "in.csv"), "--out", str(out), "-c", code]
    assert seen(run(*arguments)) == (
        0,
        "",
        "ringfence: out: not written: two\\nlines: holds a control character\n"
        "ringfence: out: not written: con: names a device on Windows\n",
    )
    assert {
        p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()
    } == {"d/made": b"by the guest"}
    told = json.loads(run(*arguments, "--json").stdout)["files"]
    assert told == {
        "written": {"d/made": 12},
        "refused": {
            "two\\nlines": "holds a control character",
            "con": "names a device on Windows",
        },
        "lost": None,
    }


def test_a_program_that_was_killed_leaves_no_files(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nopen('f', 'w')\nwhile True: pass"
    status, _, err = seen(run("run", "--out", str(tmp_path), "--timeout", "0.2", "-c", code))
    assert status == 4
    assert err.endswith(
        "ringfence: out: the guest has ended, and its files with it: nothing was written\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["-c", "while True: pass", "--timeout", "0.2"],
            4,
            "ringfence: limit: the guest reached wall = 0.2 s (enforced by host clock: interrupt, "
            "then SIGKILL). Allow more with --timeout\n",
        ),
        (
            ["-c", "while True: pass", "--cpu", "0.2"],
            4,
            "ringfence: limit: the guest reached cpu = 0.2 s (enforced by process CPU clock read by "
            "the host; RLIMIT_CPU as backstop). Allow more with --cpu\n",
        ),
        (
            ["-c", "while True: print('x' * 500)", "--limit", "output=1kb"],
            4,
            "ringfence: limit: the guest reached output = 1,000 (enforced by host: bytes counted as "
            "they arrive). Allow more with --limit output=…\n",
        ),
        (
            ["-c", "import os; os.execv('/bin/sh', ['sh'])"],
            5,
            "ringfence: crashed: SIGSYS: the guest made a system call that only an attack needs, "
            "and was killed by seccomp\n",
        ),
        (
            ["-c", "import os; os._exit(3)"],
            5,
            "ringfence: crashed: Exit: the guest process ended with exit code 3\n",
        ),
    ],
)
def test_each_bad_end_has_its_status(arguments: list[str], status: int, message: str) -> None:
    done = run("run", *arguments)
    assert (done.returncode, done.stderr) == (status, message)


def test_memory_is_a_limit_with_a_traceback() -> None:
    status, out, err = seen(run("run", "--memory", "32MiB", "-c", "len(bytearray(1 << 30))"))
    assert (status, out) == (4, "")
    assert err.startswith('Traceback (most recent call last):\n  File "<string>", line 1')
    assert err.splitlines()[-1].startswith(
        "ringfence: limit: the guest reached memory = 33,554,432 ("
    )
    assert err.endswith("Allow more with --memory\n")


# --- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "ringfence: name one program: a FILE, - for standard input, or -c CODE\n"),
        (
            ["-c", "1", "x.py"],
            "ringfence: name one program: a FILE, - for standard input, or -c CODE\n",
        ),
        (["no.py"], "ringfence: FILE: cannot read 'no.py': No such file or directory\n"),
        (
            ["-c", "1", "--memory", "x"],
            "ringfence: --memory: memory='x' is not a size; write bytes (1048576) or a text such as "
            '"1MiB"\n',
        ),
        (
            ["-c", "1", "--engine", "docker"],
            "ringfence: engine='docker' is not installed; there is native, remote, wasi\n",
        ),
        (["-c", "1", "--read", "/nowhere"], "ringfence: read: '/nowhere' does not exist\n"),
        (["-", "--stdin"], "ringfence: --stdin: standard input holds the program already\n"),
    ],
)
def test_wrong_options_are_refused_by_name(arguments: list[str], message: str) -> None:
    assert seen(run("run", *arguments)) == (2, "", message)


def test_a_package_that_is_not_installed() -> None:
    status, out, err = seen(run("run", "--package", "no-such-package", "-c", "1"))
    assert (status, out) == (2, "")
    assert err.startswith("ringfence: ")
    assert "no-such-package" in err
    assert "Traceback" not in err


def test_an_unknown_option_is_a_usage_error() -> None:
    done = run("run", "--memmory", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such option: --memmory" in done.stderr


def test_what_cannot_be_enforced_is_refused() -> None:
    status, out, err = seen(run("run", "-c", "1", "--limit", "steps=1000"))
    assert (status, out) == (3, "")
    assert err.startswith("ringfence: not available here: no engine can honour the request ")
    assert "steps: only scripts compiled by ringfence.blocks have steps" in err
    assert "wasi: steps: " in err
    native = run("run", "-c", "1", "--limit", "fuel=1000", "--engine", "native")
    assert native.stderr.startswith("ringfence: not available here: native: ")


def test_fuel() -> None:
    spin = ("run", "-c", "while True: pass", "--limit", "fuel=20000000", "--engine", "wasi")
    status, out, err = seen(run(*spin))
    assert (status, out) == (4, "")
    assert err == (
        "ringfence: limit: the guest reached fuel = 20,000,000 (enforced by wasm: compiled code "
        "counts its instructions). Allow more with --limit fuel=…\n"
    )


def test_a_weaker_set_of_walls_says_what_it_needs() -> None:
    status, _, err = seen(run("run", "-c", "1", "--walls", "landlock+seccomp"))
    assert status == 3
    assert err.splitlines()[-1] == (
        "On this command line: --walls landlock+seccomp --threads 0 --disk 0 accepts that weaker "
        "set."
    )


def test_a_machine_without_user_namespaces(tmp_path: Path) -> None:
    nothing_built = {"XDG_CACHE_HOME": str(tmp_path)}
    refused = run(
        command=command("nobody+no-userns", "ringfence", "run", "-c", "1"), env=nothing_built
    )
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "User namespaces are closed to this user." in refused.stderr
    weaker = ["run", "--walls", "landlock+seccomp", "--threads", "0", "--disk", "0", "-c", "1 + 1"]
    accepted = run(command=command("nobody+no-userns", "ringfence", *weaker))
    assert seen(accepted) == (0, "2\n", "")


# --- what a program is given -------------------------------------------------------------------


def test_files_paths_packages_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1,2\n3,4\n")
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "note").write_text("seen")
    code = (
        "import numpy as np, sys\n"
        "total = int(np.loadtxt('in.csv', delimiter=',').sum())\n"
        "[total, open(sys.stdin.readline().strip()).read(), sys.stdin.read()]"
    )
    done = run(
        *("run", "--package", "numpy", "--file", "in.csv=data.csv", "--read", "shown"),
        *("--stdin", "-c", code),
        stdin=f"{tmp_path}/shown/note\nrest ü\n",
        cwd=tmp_path,
    )
    assert seen(done) == (0, "[10, 'seen', 'rest ü\\n']\n", "")


def test_nothing_is_given_unless_it_is_asked_for() -> None:
    code = "import os, sys\n[os.listdir('.'), sys.stdin.read(), 'CANARY' in os.environ]"
    assert seen(run("run", "-c", code, stdin="secret", env={"CANARY": "x"})) == (
        0,
        "[[], '', False]\n",
        "",
    )


def test_plots_are_kept_as_files(tmp_path: Path) -> None:
    code = "from matplotlib import pyplot\npyplot.plot([1, 2])\npyplot.show()\n"
    done = run("run", "--package", "matplotlib", "--displays", str(tmp_path), "-c", code)
    assert done.returncode == 0
    assert (tmp_path / "display-1.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert done.stdout.startswith("<Figure size")
    assert re.fullmatch(
        r"ringfence: display 1: image/png, [\d,]+ bytes; text/plain, \d+ characters; kept as "
        rf"{re.escape(str(tmp_path))}/display-1\.png, {re.escape(str(tmp_path))}/display-1\.txt\n"
        rf"ringfence: displays: {re.escape(str(tmp_path))}/index\.html shows them all\n",
        done.stderr,
    )


# --- JSON --------------------------------------------------------------------------------------


def test_json_is_the_whole_result_and_nothing_else() -> None:
    code = "print('\\x1b[2Jü')\ndisplay(b'x')\n(1, b'\\x00')"
    done = run("run", "--json", "-c", code)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout
    told = json.loads(done.stdout)
    result = ringfence.run(code)
    assert set(told) == set(ringfence.Result.__dataclass_fields__)
    assert told["status"] == "ok"
    assert told["stdout"] == "\x1b[2Jü\n"
    assert told["value"] == {
        "$type": "tuple",
        "items": [1, {"$type": "bytes", "base64": "AA=="}],
    }
    assert told["displays"] == [{"text/plain": "b'x'"}]
    assert told["enforced"] == dict(result.enforced)
    assert told["walls"] == sorted(result.walls)
    assert set(told["usage"]) == set(result.usage.as_dict())


def test_json_of_a_failure_and_its_status() -> None:
    done = run("run", "--json", "-c", "1/0")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert (told["status"], told["error"]["type"]) == ("error", "ZeroDivisionError")


def test_json_of_a_plot() -> None:
    code = "class Plot:\n    def _repr_png_(self): return b'\\x89PNG'\ndisplay(Plot())"
    told = json.loads(run("run", "--json", "-c", code).stdout)
    image = told["displays"][0]["image/png"]
    assert image == {"$type": "bytes", "base64": base64.b64encode(b"\x89PNG").decode()}


# --- terminals ---------------------------------------------------------------------------------

EVERY_CHANNEL = r"""
import sys
EVIL = "\x1b]0;t\x07\x1b]8;;http://a\x1b\\L\x1b]8;;\x1b\\\x1b]52;c;eA==\x07\x1b[2J\x9b2J\x90q\x9c\x85\u202e\u2066\u2028\u2029\x07\b\x7f"
print(EVIL)
print(EVIL, file=sys.stderr)
progress(0.5, EVIL)
class Evil:
    def __repr__(self): return EVIL
    def _repr_mimebundle_(self, **kw): return {EVIL: EVIL, "text/plain": EVIL}
Evil.__name__ = Evil.__qualname__ = EVIL
display(Evil())
"""


@pytest.mark.parametrize(
    "last",
    [
        "Evil()", "[EVIL, {EVIL: EVIL}, EVIL.encode()]", "raise ValueError(EVIL)",
        "raise type(EVIL, (Exception,), {})(EVIL)", "compile(EVIL, EVIL, 'exec')",
        "exec(compile('1/0', EVIL, 'exec'))",
    ],
)  # fmt: skip
def test_no_channel_reaches_the_terminal_as_it_is(tmp_path: Path, last: str) -> None:
    done = run("run", "--displays", str(tmp_path), "-c", EVERY_CHANNEL + last)
    assert done.returncode in (0, 1)
    assert done.stdout.count("\\x1b]52;c;") >= 2
    shown = done.stdout + done.stderr
    assert [c for c in shown if c != "\n" and not c.isprintable()] == []


HOSTILE = "print('\\x1b]0;owned\\x07\\x9b2J\\u202e')\nraise ValueError('\\x1b[2J')"


def test_guest_text_is_harmless_in_a_pipe() -> None:
    status, out, err = seen(run("run", "-c", HOSTILE))
    assert (status, out) == (1, "\\x1b]0;owned\\x07\\x9b2J\\u202e\n")
    assert err.splitlines()[-1] == "ValueError: \\x1b[2J"
    assert "\x1b" not in err


def on_terminal(*arguments: str) -> tuple[int, str]:
    """Run it on a terminal of its own; gives the status and everything that was drawn."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.environ.pop("NO_COLOR", None)
        os.execv(COMMAND[0], [*COMMAND, *arguments])
    return os.waitstatus_to_exitcode(_wait(pid, drawn := list(_read(terminal)))), "".join(drawn)


def _wait(pid: int, drawn: list[str]) -> int:
    del drawn  # read to its end before
    return os.waitpid(pid, 0)[1]


def _read(terminal: int) -> Iterator[str]:
    try:
        while select.select([terminal], [], [], PATIENCE)[0]:
            try:
                data = os.read(terminal, 65_536)
            except OSError:  # EIO: the other end is closed
                return
            if not data:
                return
            yield data.decode(errors="replace")
    finally:
        os.close(terminal)


def test_guest_text_is_harmless_on_a_terminal() -> None:
    status, drawn = on_terminal("run", "-c", HOSTILE)
    assert status == 1
    assert "\\x1b]0;owned\\x07\\x9b2J\\u202e\r\n" in drawn
    assert "\x1b]" not in drawn
    assert "\x1b[2J" not in drawn
    assert "\u202e" not in drawn


def test_only_ringfence_speaks_in_colour() -> None:
    status, drawn = on_terminal("run", "-c", "print('ringfence: fake'); import os; os._exit(1)")
    assert status == 5
    assert "ringfence: fake\r\n" in drawn
    assert "\x1b[1;31mringfence: crashed:\x1b[0m Exit" in drawn


def test_what_takes_long_is_shown_and_taken_away() -> None:
    code = "import time\nfor n in range(8): progress(n / 8, f'step {n}'); time.sleep(0.25)\n'end'"
    status, drawn = on_terminal("run", "-c", code)
    assert status == 0
    assert re.search(r"step [4-7] ", drawn)
    last = drawn.rstrip().splitlines()[-1]
    assert last.endswith("'end'")
    assert "\x1b[2K" in drawn  # the line was erased


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    code = "import time\nprogress(0.5, 'half')\ntime.sleep(1.5)\n'end'"
    assert seen(run("run", "-c", code)) == (0, "'end'\n", "")


# --- Ctrl-C and pipes --------------------------------------------------------------------------


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "run", "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )


@pytest.mark.parametrize(
    "code",
    [
        "print('ready')\nwhile True: pass",
        "print('ready')\nimport time\ntime.sleep(1000)",
        "print('ready')\nwhile True:\n    try:\n        while True: pass\n"
        "    except BaseException: pass",
    ],
)
def test_output_comes_live_and_ctrl_c_ends_it(code: str) -> None:
    with start(code) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (
        130,
        "",
        "ringfence: cancelled: the guest was ended\n",
    )


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    with start("import time\nwhile True:\n    print('x' * 100)\n    time.sleep(0.01)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "x" * 100 + "\n"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(PATIENCE) == 141


# --- the command itself ------------------------------------------------------------------------


def test_version_and_help() -> None:
    assert seen(run("--version")) == (0, f"ringfence {ringfence.__version__}\n", "")
    for arguments in (["-h"], ["run", "--help"], ["repl", "--help"], ["doctor", "--help"]):
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"Usage: {' '.join(['ringfence', *arguments[:-1]])} " in done.stdout
        assert "Exit status:" in done.stdout or arguments == ["-h"]


def test_the_command_is_installed_under_its_name() -> None:
    script = Path(sys.executable).parent / "ringfence"
    if not script.exists():
        pytest.skip("ringfence is not installed beside this interpreter")
    assert seen(run(command=[str(script), "run", "-c", "6 * 7"])) == (0, "42\n", "")


@pytest.mark.parametrize("missing", ["typer", "rich", "prompt_toolkit"])
def test_without_the_extra_it_says_how_to_get_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from ringfence.cli import main; main()"
    assert seen(run(command=[sys.executable, "-c", code])) == (
        3,
        "",
        f"ringfence: the command line needs {missing}, which this Python does not have. Get it "
        "with: pip install 'ringfence[cli]'\n",
    )


def test_a_fault_of_our_own_has_a_status_of_its_own() -> None:
    code = (
        "import ringfence.cli.run as run, sys\n"
        "def broken(request): raise ZeroDivisionError('ours')\n"
        "run.run_program = broken\n"
        "sys.argv = ['ringfence', 'run', '-c', '1']\n"
        "from ringfence.cli import main; main()"
    )
    done = run(command=[sys.executable, "-c", code])
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith(
        "ZeroDivisionError: ours\n"
        "ringfence: this is a fault of Ringfence, not of the guest; please report it\n"
    )


def test_engines_are_listed() -> None:
    done = run("engines", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == [*sorted(describe_engines()), *list_evaluators()]
    assert {name for name, one in told.items() if not one["sandboxes"]} == set(list_evaluators())
    assert told["micro"]["capabilities"]["walls"] == [["wasm"]]
    assert "fuel" in told["micro"]["capabilities"]["budgets"]
    native = told["native"]
    assert native["available"] is True
    assert native["capabilities"]["walls"][0] == ["landlock", "namespaces", "seccomp"]
    listed = run("engines")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "{landlock, namespaces, seccomp}  stands (the default)" in listed.stdout
    assert "micro  evaluates blocks and short calls, by name only" in listed.stdout


# --- the doctor --------------------------------------------------------------------------------


def witnesses(told: dict[str, Any], engine: str = "native") -> list[dict[str, Any]]:
    (stand,) = (one for one in told["engines"][engine]["stands"] if one["default"])
    found: list[dict[str, Any]] = stand["witnesses"]
    return found


def test_the_doctor_witnesses_every_wall_and_every_limit() -> None:
    done = run("doctor", "--engine", "native", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr, told["verdict"]) == (0, "", "stood")
    rows = witnesses(told)
    assert {one["verdict"] for one in rows} <= {"stood", "refused"}
    stood = {(one["kind"], one["subject"]) for one in rows if one["verdict"] == "stood"}
    native = describe_engines()["native"].capabilities
    assert {name for kind, name in stood if kind == "limit"} == native.limits
    assert {name for kind, name in stood if kind == "wall"} == native.walls[0]
    assert {name for kind, name in stood if kind == "denial"} == {
        "files",
        "network",
        "processes",
        "environment",
        "descriptors",
    }
    refused = {one["subject"] for one in rows if one["verdict"] == "refused"}
    assert refused >= set(LIMIT_NAMES) - native.limits
    for one in rows:
        if one["kind"] == "limit" and one["verdict"] == "stood":
            assert one["mechanism"], one


def test_the_doctor_examines_guests_of_another_interpreter() -> None:
    done = run("doctor", "--json", "--python", "/usr/bin/python3")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "stood"), done.stdout


def test_the_doctor_refuses_what_is_no_interpreter() -> None:
    done = run("doctor", "--python", "/bin/ls")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ringfence: python='/bin/ls' is not a Python interpreter")


def test_the_doctors_report_for_people() -> None:
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "native behind {landlock, namespaces, seccomp}, the default\n" in done.stdout
    assert re.search(r"^  memory  RLIMIT_\w+", done.stdout, re.MULTILINE)
    assert re.search(r"^ +stood +call mount +killed by SIGSYS", done.stdout, re.MULTILINE)
    assert done.stdout.endswith(" witnesses: everything stood, or was refused by name.\n")


def test_the_doctor_as_an_ordinary_user() -> None:
    done = run(command=command("nobody", "ringfence", "doctor", "--json"))
    told = json.loads(done.stdout)
    fallen = [
        one
        for stand in told["engines"]["native"]["stands"]
        for one in stand["witnesses"]
        if one["verdict"] == "fell"
    ]
    assert fallen == []
    assert (done.returncode, told["verdict"]) == (0, "stood")


def test_the_doctor_where_walls_are_missing(tmp_path: Path) -> None:
    nothing_built = {"XDG_CACHE_HOME": str(tmp_path)}
    done = run(command=command("nobody+no-userns", "ringfence", "doctor"), env=nothing_built)
    assert done.returncode == 3
    assert "native: {landlock, namespaces, seccomp} does not stand here\n" in done.stdout
    assert "What would mend it\nUser namespaces are closed to this user." in done.stdout
    assert done.stdout.endswith(
        "No engine has its full set of walls here: by default nothing runs on this machine.\n"
    )


LEAKY = """
from ringfence.engine import Availability
from ringfence._engines.native.engine import NativeEngine

class Image:
    def __init__(self, inner):
        self.inner, self.walls, self.enforced = inner, inner.walls, inner.enforced
    alive = property(lambda self: self.inner.alive)
    def start(self, limits):
        return self.inner.start(limits.replace(threads=64))
    def prepare(self, limits):
        pass
    def close(self):
        self.inner.close()

class Leaky(NativeEngine):
    name = "leaky"
    def availability(self):
        return Availability(super().availability().walls[:1])
    def image(self, spec):
        return Image(super().image(spec))

def engine():
    return Leaky()
"""


def test_the_doctor_goes_red_when_an_engine_does_not_keep_a_limit(tmp_path: Path) -> None:
    (tmp_path / "leaky.py").write_text(LEAKY)
    about = tmp_path / "leaky-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: leaky\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[ringfence.engines]\nleaky = leaky:engine\n")
    env = {"PYTHONPATH": str(tmp_path)}
    done = run("doctor", "--engine", "leaky", "--json", env=env)
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"]) == (1, "fell")
    fallen = [one for one in witnesses(told, "leaky") if one["verdict"] == "fell"]
    assert {one["subject"] for one in fallen} == {"threads"}


def test_an_unknown_engine_is_a_usage_error() -> None:
    assert seen(run("doctor", "--engine", "docker")) == (
        2,
        "",
        "ringfence: engine='docker' is not installed; there is native, remote, wasi\n",
    )


def test_the_jails_as_data() -> None:
    done = run("doctor", "--profile", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    full = json.loads(done.stdout)[0]
    assert (full["engine"], full["walls"]) == ("native", ["landlock", "namespaces", "seccomp"])
    assert full["profile"]["landlock_abi"] > 0
    calls = {entry["name"]: entry for entry in full["system_calls"]}
    assert (calls["read"]["action"], calls["fork"]["action"]) == ("allow", "EPERM")
    assert calls["mount"]["action"] == "kill"
    assert all(entry["reason"] for entry in full["system_calls"])
    text = run("doctor", "--profile")
    assert text.returncode == 0
    assert '"landlock_abi": ' in text.stdout
    assert "a guest never starts a program" in re.sub(r"\s+", " ", text.stdout)
