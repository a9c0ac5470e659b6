"""What programs print, log, warn and report; and what they read from stdin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ringfence
from ringfence import Output, Progress
from tests.conformance.conftest import Make, Run


@pytest.mark.requirement("output.streams")
def test_streams_are_apart(run: Run) -> None:
    result = run("import sys\nprint('a')\nprint('b', file=sys.stderr)\nsys.stdout.write('c')")
    assert (result.stdout, result.stderr, result.value) == ("a\nc", "b\n", 1)


@pytest.mark.requirement("output.streams")
def test_long_text_is_whole(run: Run) -> None:
    result = run("text = 'äx' * 100_000\nprint(text)\nimport sys\nsys.stderr.write(text[:9])")
    assert result.stdout == "äx" * 100_000 + "\n"
    assert result.stderr == "äxäxäxäxä"


@pytest.mark.requirement("output.streams")
def test_each_turn_has_its_own_output(make: Make) -> None:
    box = make()
    assert box.run("print('one')").stdout == "one\n"
    assert box.run("2").stdout == ""
    assert box.run("print('three')").stdout == "three\n"


@pytest.mark.requirement("output.unicode")
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("'ä€😀\\u2028'", "ä€😀\u2028"),
        ("'\\ud800'", "\\ud800"),
        ("'a\\0b\\x1b[31m'", "a\0b\x1b[31m"),
        ("'one\\r\\ntwo'", "one\r\ntwo"),
    ],
)
def test_any_text_prints(shared: ringfence.Sandbox, code: str, text: str) -> None:
    assert shared.run(f"print({code})").stdout == text + "\n"


@pytest.mark.requirement("output.bytes")
def test_bytes(shared: ringfence.Sandbox) -> None:
    result = shared.run("import sys\nsys.stdout.buffer.write(b'a\\xff\\xe2\\x82\\xac\\xe2')")
    assert result.stdout == "a\ufffd€\ufffd"


@pytest.mark.requirement("output.bytes")
def test_character_split_over_writes(shared: ringfence.Sandbox) -> None:
    code = "import sys\nfor part in (b'\\xe2', b'\\x82', b'\\xac'):\n    sys.stdout.buffer.write(part)\n    sys.stdout.flush()"
    assert shared.run(code).stdout == "€"


@pytest.mark.requirement("output.unended")
@pytest.mark.parametrize(
    "end",
    [
        "5",
        "1/0",
        "raise SystemExit",
        "raise SystemExit(1)",
        "raise KeyboardInterrupt",
        "bytearray(10**12)",
    ],
)
def test_unended_line(make: Make, end: str) -> None:
    box = make()
    result = box.run(
        f"import sys\nprint('out', end='')\nprint('err', end='', file=sys.stderr)\n{end}"
    )
    assert (result.stdout, result.stderr) == ("out", "err")
    assert box.run("1").stdout == ""


@pytest.mark.requirement("output.unended-limit")
def test_unended_line_before_a_limit(make: Make) -> None:
    box = make(limits=ringfence.Limits(wall=0.3))
    result = box.run("print('...', end='')\nwhile True: len('')")
    assert (result.limit, result.stdout) == ("wall", "...")


@pytest.mark.requirement("output.live")
def test_output_arrives_before_the_guest_goes_on(make: Make) -> None:
    seen: list[str] = []

    def seen_so_far() -> str:
        return "".join(seen)

    box = make(functions=[seen_so_far])
    code = "print('first')\na = seen_so_far()\nprint('second', end='')\nb = seen_so_far()\na, b"
    value: Any = None
    for event in box.stream(code):
        if isinstance(event, Output):
            seen.append(event.text)
        elif isinstance(event, ringfence.Result):
            value = event.value
    assert value == ("first\n", "first\nsecond")


@pytest.mark.requirement("output.replaced")
@pytest.mark.parametrize(
    ("code", "stdout"),
    [
        ("import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as f: print('in')\nprint(f.getvalue() + '!')", "in\n!\n"),
        ("import sys\nkept = sys.stdout\nsys.stdout = None\nprint('lost')\nsys.stdout = kept\nprint('found')", "found\n"),
        ("import sys\nprint('a', flush=True)\nsys.stdout.flush()\nprint('b', end='', flush=True)", "a\nb"),
        ("import sys\nsys.stdout.writelines(['a', 'b'])", "ab"),
        ("import sys\nsys.stdout.reconfigure(line_buffering=False)\nprint('x')", "x\n"),
        ("import sys\nprint(sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.writable())", "False utf-8 True\n"),
        ("print('a', 'b', sep='-', end='.')", "a-b."),
    ],
)  # fmt: skip
def test_guest_may_replace_its_streams(make: Make, code: str, stdout: str) -> None:
    result = make().run(code)
    assert result.status == "ok", result.error
    assert result.stdout == stdout


@pytest.mark.requirement("output.replaced")
@pytest.mark.parametrize(
    "code", ["sys.stdout.close()", "sys.stdout = 5", "del sys.stdout", "sys.stderr.close()"]
)
def test_broken_streams_break_only_the_guests_printing(make: Make, code: str) -> None:
    box = make()
    box.run(f"import sys\n{code}")
    assert box.run("6 * 7").value == 42


@pytest.mark.requirement("output.many-lines")
def test_many_short_lines(make: Make) -> None:
    result = make().run(
        "import sys\nfor i in range(30_000): print(i, file=(sys.stdout, sys.stderr)[i % 2])"
    )
    assert result.status == "ok"
    assert result.stdout == "".join(f"{i}\n" for i in range(0, 30_000, 2))
    assert result.stderr == "".join(f"{i}\n" for i in range(1, 30_000, 2))


@pytest.mark.requirement("output.logging")
def test_logging(make: Make) -> None:
    box = make()
    assert box.run(
        "import logging\nlogging.warning('low %s', 'fuel')\nlogging.info('no')"
    ).stderr == ("WARNING:root:low fuel\n")
    code = (
        "logging.basicConfig(level='INFO', format='%(levelname)s %(message)s', force=True)\n"
        "logging.getLogger('a.b').info('ready')\n"
        "try:\n    1/0\nexcept ZeroDivisionError:\n    logging.exception('failed')"
    )
    lines = box.run(code).stderr.splitlines()
    assert lines[:3] == ["INFO ready", "ERROR failed", "Traceback (most recent call last):"]
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert box.run("logging.getLogger().info('next turn')").stderr == "INFO next turn\n"


@pytest.mark.requirement("output.warnings")
def test_warnings(make: Make) -> None:
    result = make().run("import warnings\ndef f():\n    warnings.warn('careful')\nf()")
    assert result.stderr == "<cell 1>:3: UserWarning: careful\n  warnings.warn('careful')\n"


@pytest.mark.requirement("output.warnings")
def test_warning_of_the_compiler_comes_once(make: Make) -> None:
    result = make().run("1 is 1")
    assert result.status == "ok"
    assert result.stderr.count('"is" with') == 1
    assert result.stderr.startswith("<cell 1>:1: ")


@pytest.mark.requirement("output.warnings")
def test_coroutine_that_was_not_awaited(make: Make) -> None:
    result = make().run("async def work(): pass\nwork()\n1")
    assert result.stderr.startswith(
        "<cell 1>:2: RuntimeWarning: coroutine 'work' was never awaited"
    )


@pytest.mark.requirement("output.progress")
def test_progress(make: Make) -> None:
    events = list(make().stream("progress(0.25, 'reading')\nprogress(1.0)\nprogress(1, 'done')"))
    assert events[:-1] == [Progress(0.25, "reading"), Progress(1.0, ""), Progress(1.0, "done")]


@pytest.mark.requirement("output.progress")
@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("progress()", Progress(None, "")),
        ("progress(message='busy')", Progress(None, "busy")),
        ("progress(7)", Progress(1.0, "")),
        ("progress(-7)", Progress(0.0, "")),
        ("progress(0.5, 'x' * 5000)", Progress(0.5, "x" * 4_096)),
        ("progress(0.5, 5)", Progress(0.5, "5")),
        ("from host import progress as p\np(0.5)", Progress(0.5, "")),
    ],
)
def test_progress_arguments(make: Make, code: str, event: Progress) -> None:
    assert next(iter(make().stream(code))) == event


@pytest.mark.requirement("output.progress")
def test_frequent_progress_is_thinned_out_and_ends(make: Make) -> None:
    result = make().run("for i in range(100_001): progress(i / 100_000)")
    assert result.status == "ok"


# --- stdin ----------------------------------------------------------------------------------


@pytest.mark.requirement("input.text")
def test_input_reads_the_text(run: Run) -> None:
    result = run("[input(), input(), input()]", stdin="one\n\nthree")
    assert result.value == ["one", "", "three"]


@pytest.mark.requirement("input.text")
def test_end_of_the_text(run: Run) -> None:
    result = run("input()\ninput()", stdin="one\n")
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("EOFError", "EOF when reading a line")


@pytest.mark.requirement("input.none")
def test_no_stdin(run: Run) -> None:
    result = run("input()")
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("EOFError", "EOF when reading a line")


@pytest.mark.requirement("input.per-run")
def test_stdin_of_a_run(make: Make) -> None:
    box = make(stdin="a\nb\n")
    assert box.run("input()").value == "a"
    assert box.run("input()", stdin="z").value == "z"


@pytest.mark.requirement("input.prompt")
def test_prompt(run: Run) -> None:
    result = run("name = input('Name? ')\nprint('Hello', name)", stdin="Ada")
    assert result.stdout == "Name? Hello Ada\n"


@pytest.mark.requirement("input.files")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("[line for line in sys.stdin]", ["a\n", "ä\n", "c"]),
        ("sys.stdin.read()", "a\nä\nc"),
        ("sys.stdin.readlines()", ["a\n", "ä\n", "c"]),
        ("sys.stdin.readline(), sys.stdin.readline()", ("a\n", "ä\n")),
        ("sys.stdin.isatty()", False),
        ("sys.stdin.name, sys.stdout.name, sys.stderr.name", ("<stdin>", "<stdout>", "<stderr>")),
        ("open(0, closefd=False).read()", ""),
    ],
)
def test_stdin_is_a_file(run: Run, code: str, value: Any) -> None:
    assert run(f"import sys\n{code}", stdin="a\nä\nc").value == value


def _lines(*lines: str) -> Callable[[], str]:
    left = iter(lines)
    return lambda: next(left)


@pytest.mark.requirement("input.callback")
def test_callback(run: Run) -> None:
    result = run("[input(), input('? ')]", stdin=_lines("one", "two\n"))
    assert (result.value, result.stdout) == (["one", "two"], "? ")
    assert result.usage.calls == 2


@pytest.mark.requirement("input.callback")
def test_callback_sees_what_was_printed(make: Make) -> None:
    seen: list[str] = []
    box = make(stdin=lambda: f"saw {''.join(seen)}")
    value = None
    for event in box.stream("print('one')\ninput('two')"):
        if isinstance(event, Output):
            seen.append(event.text)
        elif isinstance(event, ringfence.Result):
            value = event.value
    assert value == "saw one\ntwo"


@pytest.mark.requirement("input.callback-end")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("sys.stdin.read()", "a\nb\n"),
        ("list(sys.stdin)", ["a\n", "b\n"]),
        ("sys.stdin.readlines()", ["a\n", "b\n"]),
    ],
)
def test_end_of_the_callback(run: Run, code: str, value: Any) -> None:
    assert run(f"import sys\n{code}", stdin=_lines("a\n", "b\n", "", "")).value == value


@pytest.mark.requirement("input.callback-end")
def test_input_at_the_end_of_the_callback(run: Run) -> None:
    result = run("input()", stdin=lambda: "")
    assert result.error is not None
    assert result.error.type == "EOFError"


@pytest.mark.requirement("input.callback-fails")
def test_callback_that_fails(make: Make) -> None:
    def fail() -> str:
        raise RuntimeError("the host's password")

    box = make(stdin=fail)
    result = box.run("input()")
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("HostFunctionError", "input")
    assert "password" not in str(result)
    assert box.run("1").value == 1


@pytest.mark.requirement("input.callback-fails")
def test_callback_that_returns_no_text(make: Make) -> None:
    result = make(stdin=lambda: 5).run("input()")
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("HostFunctionError", "input")
