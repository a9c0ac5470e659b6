"""``ringfence repl`` as a person uses it, in a terminal, and as a script does, through a pipe."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from ringfence.model import FULL_WALLS
from ringfence.runtime.registry import describe_engines
from tests.support.levels import HERE

COMMAND = [sys.executable, "-m", "ringfence", "repl"]
PATIENCE = 60.0
# What prompt_toolkit draws with: CSI sequences, OSC titles, other escapes, and what goes back.
DRAWING = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[=>]|\r")
FRESH = (
    "ringfence: fresh guest: the guest has ended, and its variables and files with it. This is a "
    "fresh one; "
)


@pytest.fixture(scope="module", autouse=True)
def _an_engine() -> None:
    if not any(
        set(info.availability.walls) & set(FULL_WALLS) for info in describe_engines().values()
    ):
        pytest.skip("no engine has its full set of walls here")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    state = tmp_path / "state"
    return {
        **os.environ,
        "XDG_STATE_HOME": str(state),
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "TERM": "xterm",
        "NO_COLOR": "1",
    }


# --- from a pipe -------------------------------------------------------------------------------


def piped(text: str, env: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=text.encode(),
        capture_output=True,
        cwd=HERE,
        env=env,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_statements_from_a_pipe_share_their_variables(env: dict[str, str]) -> None:
    text = "x = 20\ndef twice(n):\n    m = n\n\n    return 2 * m\ntwice(x) + 2\nprint('a', end='')\n'b'\n"
    assert piped(text, env) == (0, "42\na\n'b'\n", "")
    assert piped("import asyncio\nawait asyncio.sleep(0, 'slept')", env) == (0, "'slept'\n", "")
    assert piped("", env) == (0, "", "")


def test_what_fails_is_told_and_the_rest_runs(env: dict[str, str]) -> None:
    status, out, err = piped("x = 7\n1 / 0\n%nope\n%save\n%files get a b\nx\n", env)
    assert (status, out) == (1, "7\n")
    assert err.startswith('Traceback (most recent call last):\n  File "<cell 2>", line 1')
    assert err.endswith(
        "ZeroDivisionError: division by zero\n"
        "ringfence: there is no command %nope; %help lists them\n"
        "ringfence: write %save FILE [--key KEYFILE]\n"
        "ringfence: the guest has no file 'a'; %files lists them\n"
    )
    assert piped("%nope\n1 / 0\n", env)[0] == 2


def test_a_limit_that_ends_the_guest_starts_a_fresh_one_and_says_so(
    env: dict[str, str], tmp_path: Path
) -> None:
    text = "x = 7\n%save {0}\nsum(iter(int, 1))\n'x' in globals()\n%restore {0}\nx\n"
    kept = tmp_path / "kept"
    status, out, err = piped(text.format(kept), env, "--timeout", "0.3")
    assert status == 4
    assert re.sub(r"[\d,]+ bytes", "N bytes", out) == (
        f"saved {kept}: 1 variables, N bytes\nFalse\nrestored in a fresh guest: x\n7\n"
    )
    assert err == (
        "ringfence: limit: the guest reached wall = 0.3 s (enforced by host clock: interrupt, then "
        f"SIGKILL). Allow more with --timeout\n{FRESH}%restore {kept} brings back what was saved "
        "there\n"
    )
    assert piped("import os; os._exit(3)\n1 + 1", env) == (
        5,
        "2\n",
        "ringfence: crashed: Exit: the guest process ended with exit code 3\n"
        f"{FRESH}%save FILE keeps variables for the next time\n",
    )


def test_what_a_guest_chose_is_harmless_on_a_terminal(env: dict[str, str]) -> None:
    bad = r"\x1b]0;owned\x07\u202e"
    text = (
        f"print('{bad}')\nraise ValueError('{bad}')\n'{bad}'\nopen('a\\x1b', 'w').close()\n%files\n"
        f"class A:\n    __repr__ = lambda self: '{bad}'\na = A()\nglobals()['{bad}'] = 1\n%vars\n"
    )
    status, out, err = piped(text, env)
    assert status == 1
    assert not set(out + err) & set("\x1b\x07\u202e")
    assert out.startswith(r"\x1b]0;owned\x07\u202e" + "\n")


def test_states_with_a_key_of_ones_own(env: dict[str, str], tmp_path: Path) -> None:
    key, other, kept = tmp_path / "key", tmp_path / "other", tmp_path / "kept"
    key.write_bytes(bytes(32))
    other.write_bytes(bytes(31) + b"x")
    text = f"x = 7\nlock = open('a', 'w')\n%save {kept} --key {key}\n%reset\n%restore {kept}\n%restore {kept} --key {other}\n'x' in globals()\n%restore {kept} --key {key}\nx\n"
    status, out, err = piped(text, env)
    assert status == 6
    assert re.sub(r"[\d,]+ bytes", "N bytes", out).splitlines()[0] == (
        f"saved {kept}: 1 variables, N bytes"
    )
    assert out.splitlines()[1].startswith("not saved: lock (TextIOWrapper): ")
    assert out.splitlines()[2:4] == ["a fresh guest", "False"]
    assert out.splitlines()[-1] == "7"
    assert err.count("ringfence: failed: ") == 2
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_files_go_in_and_out(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"sent")
    (tmp_path / "given").write_bytes(b"given")
    text = (
        f"%files put {tmp_path}/in.txt\n%files put {tmp_path}/in.txt data/b.txt\n"
        "open('in.txt').read() + open('given').read()\n"
        "open('a\\tb', 'w').close()\n%files\n"
        f"%files get data/b.txt '{tmp_path}/out of it'\n%files rm data/b.txt\n%files\n"
        f"%files get given {tmp_path}\n%files put {tmp_path}/nope\n%files get ../x {tmp_path}/x\n"
    )
    status, out, err = piped(text, env, "--file", f"{tmp_path}/given")
    odd = "           -  a\\tb: holds a control character"
    assert status == 2
    assert out == (
        "in.txt: 4 bytes\ndata/b.txt: 4 bytes\n'sentgiven'\n"
        "           4  data/b.txt\n           5  given\n           4  in.txt\n"
        f"{odd}\n"
        f"{tmp_path}/out of it: 4 bytes\n"
        f"           5  given\n           4  in.txt\n{odd}\n"
    )
    assert err.splitlines()[:2] == [
        f"ringfence: cannot write '{tmp_path}': it is a folder",
        f"ringfence: cannot read '{tmp_path}/nope': No such file or directory",
    ]
    assert (tmp_path / "out of it").read_bytes() == b"sent"
    assert not (tmp_path / "x").exists()


def test_displays_are_told_and_kept(env: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "shown"
    text = f"display('one')\n%displays {folder}\ndisplay('two')\n"
    status, out, err = piped(text, env)
    assert status == 0
    assert out.splitlines()[1] == f"{folder}/index.html shows 1"
    assert err.splitlines() == [
        "ringfence: display 1: text/plain, 5 characters; %displays FOLDER keeps it",
        f"ringfence: display 2: text/plain, 5 characters; kept as {folder}/display-2.txt",
        f"ringfence: displays: {folder}/index.html shows them all",
    ]
    assert (folder / "display-1.txt").read_text() == "'one'"
    page = (folder / "index.html").read_text()
    assert "display-1.txt" in page and "display-2.txt" in page
    assert piped("display(1)", env, "--displays", str(tmp_path / "b"))[0] == 0
    assert (tmp_path / "b" / "display-1.txt").read_text() == "1"


def test_commands_about_the_session(env: dict[str, str]) -> None:
    status, out, err = piped("%limits\n%help\nx = 'y'\n%vars\n%quit\n1\n", env, "--threads", "3")
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert any(line.startswith("threads 3 ") for line in lines)
    assert "%files [get NAME PATH | put PATH [NAME] | rm NAME]" in lines
    assert re.fullmatch(r"x str \d+ 'y'", lines[-1])


def test_wrong_options_and_wrong_text_are_usage_errors(env: dict[str, str]) -> None:
    assert piped("1", env, "--memory", "x")[0] == 2
    done = subprocess.run(COMMAND, input=b"\xff", capture_output=True, env=env, timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr.startswith(b"ringfence: standard input is not UTF-8 text: ")


def test_ctrl_c_ends_a_session_from_a_pipe(env: dict[str, str]) -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"print('on', flush=True)\nwhile True: pass\n'never'\n")
        process.stdin.close()
        assert process.stdout.readline() == b"on\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == b""
        told = process.stderr.read().decode()
    assert process.returncode == 130
    assert told.endswith("ringfence: cancelled\n")


# --- in a terminal -----------------------------------------------------------------------------


class Terminal:
    """The command in a terminal of its own: what is typed, and what is seen."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        self._leader, follower = os.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=env,
            cwd=HERE,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(follower)
        self.seen = ""
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._leader)

    def type(self, keys: str) -> None:
        os.write(self._leader, keys.encode())

    def wait_for(self, text: str) -> str:
        """Read on until ``text`` is seen; gives what came before it."""
        until = time.monotonic() + PATIENCE
        while True:
            plain = DRAWING.sub("", self.seen)
            found = plain.find(text, self._read)
            if found >= 0:
                before, self._read = plain[self._read : found], found + len(text)
                return before
            ready, _, _ = select.select([self._leader], [], [], until - time.monotonic())
            assert ready, f"{text!r} is not in {plain[self._read :]!r}"
            self.seen += self._some()

    def _some(self) -> str:
        with contextlib.suppress(OSError):  # the other end is closed
            return os.read(self._leader, 65_536).decode(errors="replace")
        raise AssertionError(f"the terminal is closed after {self.seen[self._read :]!r}")

    def enter(self, line: str) -> None:
        self.wait_for(">>>")
        self.type(line + "\r")

    def leave(self) -> int:
        self.wait_for(">>>")
        self.type("\x04")
        with contextlib.suppress(OSError):
            while os.read(self._leader, 65_536):
                pass
        return self.process.wait(PATIENCE)


@pytest.fixture
def terminal(env: dict[str, str]) -> Iterator[Terminal]:
    with Terminal(env) as terminal:
        terminal.wait_for("%help lists the commands, Ctrl-D leaves.")
        yield terminal


def test_blocks_are_typed_line_by_line(terminal: Terminal) -> None:
    terminal.enter("def f(x):")
    terminal.wait_for("...")
    terminal.type("return 2 * x\r")
    terminal.wait_for("...")
    terminal.type("\r")
    terminal.enter("f(21)")
    terminal.wait_for("\n42")
    assert terminal.leave() == 0


def test_ctrl_c_ends_a_loop_and_keeps_the_variables(terminal: Terminal) -> None:
    terminal.enter("kept = 40 + 1")
    terminal.enter("print('on', 'it'); exec('while True: pass')")
    terminal.wait_for("on it\n")
    terminal.type("\x03\x03")  # once more does no harm
    terminal.wait_for("cancelled: the variables and files are as they were left\n")
    terminal.enter("kept + 1")
    terminal.wait_for("\n42")
    terminal.wait_for(">>>")
    terminal.type("half a line\x03")
    terminal.enter("'after', 1")
    terminal.wait_for("('after', 1)")
    assert terminal.leave() == 0


def test_a_guest_that_ignores_ctrl_c_is_ended_and_a_fresh_one_told(terminal: Terminal) -> None:
    terminal.enter(
        "import signal; signal.signal(2, signal.SIG_IGN); print('on', 'it'); exec('while 1: pass')"
    )
    terminal.wait_for("on it\n")
    terminal.type("\x03")
    terminal.wait_for("ringfence: cancelled: the guest was ended\n")
    terminal.wait_for(FRESH)
    terminal.enter("6 * 7")
    terminal.wait_for("\n42")
    assert terminal.leave() == 0


def test_tab_completes_with_the_guests_names(terminal: Terminal) -> None:
    terminal.enter("number_of_things = 42")
    terminal.enter("number_o\t + 0")
    terminal.wait_for("\n42")
    terminal.enter("'%d' % number_of_things.bit_c\t()")  # a name in the middle of a line
    terminal.wait_for("'3'")
    terminal.enter("%lim\t")
    terminal.wait_for("host_wall")
    assert terminal.leave() == 0


def test_completing_may_cost_the_guest_and_keeps_what_was_typed(terminal: Terminal) -> None:
    terminal.enter(
        "a = type('A', (), {'__dir__': lambda self: sum(iter(int, 1))})(); print('it', 'is')"
    )
    terminal.wait_for("\nit is")  # the line is drawn more than once, and has no such text
    terminal.wait_for(">>>")
    terminal.type("'typed', a.\t")
    terminal.wait_for(FRESH)
    terminal.wait_for(">>> 'typed', a.")
    terminal.type("\x7f\x7f1\r")
    terminal.wait_for("('typed', 1)")
    assert terminal.leave() == 0


def test_history_is_private_and_knows_no_keys(env: dict[str, str], tmp_path: Path) -> None:
    for _ in range(2):
        with Terminal(env) as terminal:
            terminal.enter("'once', 1")
            terminal.wait_for("('once', 1)")
            terminal.enter(f"%save {tmp_path}/kept --key {tmp_path}/secret")
            terminal.wait_for("cannot read")
            assert terminal.leave() == 0
    history = tmp_path / "state" / "ringfence" / "repl_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "secret" not in history.read_text()
    with Terminal(env) as terminal:
        terminal.wait_for(">>>")
        terminal.type("\x1b[A\r")
        terminal.wait_for("\n('once', 1)")
        assert terminal.leave() == 0


def test_a_history_that_is_a_link_is_not_used(env: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "state" / "ringfence"
    folder.mkdir(parents=True)
    (folder / "repl_history").symlink_to(tmp_path / "elsewhere")
    with Terminal(env) as terminal:
        terminal.wait_for("ringfence: history: nothing that you type is kept for the next time: ")
        terminal.enter("6 * 7")
        terminal.wait_for("\n42")
        assert terminal.leave() == 0
    assert not (tmp_path / "elsewhere").exists()
