"""Attacks on PocketPy in the jail, each with its exact verdict: scripts, scripts that lost nothing
to the lock-down, and native code in the guest's place.

Each script is called between calls of a good one, so that every attack also shows that the others'
results stand and that the next guest is as good as new.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ringfence._engines.pocketpy.engine import PocketPyEngine
from ringfence.engine import Cancel
from ringfence.errors import GuestCrashed
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, CallStatus, Script
from ringfence.zygote.launch import ZygoteConfig
from tests.support.broken_pocketpy import DEEDS
from tests.support.evaluators import require_evaluator
from tests.support.leaks import Belongings

NOT_RUN, OK, ERROR, LIMIT, CRASHED = map(int, CallStatus)
BUDGET = Budget(wall=20.0, output=4096, records=512)
SHORT = dataclasses.replace(BUDGET, wall=0.2)  # for what would go on for ever
REPOSITORY = str(Path(__file__).parents[2])


@pytest.fixture(scope="module")
def pocketpy() -> PocketPyEngine:
    found = require_evaluator("pocketpy")
    assert isinstance(found, PocketPyEngine)
    return found


@pytest.fixture(scope="module")
def unlocked(pocketpy: PocketPyEngine) -> Iterator[PocketPyEngine]:
    """The jail alone: scripts have all that PocketPy has."""
    made = PocketPyEngine(locked=False)
    yield made
    made.close()


@dataclass(frozen=True)
class Attack:
    """A script that attacks in ``f(x)``, or while it is loaded, and what comes of it.

    Attributes:
        source: its text.
        verdict: ``ok``, a bound's name, a signal, or the type of an exception.
    """

    source: str
    verdict: str


def attack(body: str, verdict: str, before: str = "") -> Attack:
    lines = "\n".join(f" {line}" for line in body.splitlines())
    return Attack(f"{before}\ndef f(x):\n{lines}\n return 1", verdict)


def loading(source: str, verdict: str) -> Attack:
    return Attack(f"{source}\ndef f(x): return 1", verdict)


MODULES = (
    "os", "sys", "io", "stdc", "pkpy", "gc", "importlib", "inspect", "dis", "conio", "picoterm",
    "traceback", "time", "pickle", "json", "math", "random", "builtins", "__main__", "struct", "socket",
    "dataclasses", "collections",
)  # fmt: skip
TAKEN = (
    "eval('1')", "exec('1')", "open('/etc/passwd', 'r')", "compile('1', '', 'eval')", "getattr(1, 'a')",
    "setattr(f, 'a', 1)", "hasattr(1, 'a')", "delattr(f, 'a')", "globals()", "locals()", "dir(1)", "input()",
    "help(1)", "type(1)", "super()", "exit(0)", "__import__('os')", "breakpoint()",
)  # fmt: skip

ATTACKS = {
    # time
    "loop": attack("while True: pass", "wall"),
    "loop-catching-all": attack(
        "while True:\n try:\n  while True: pass\n except BaseException: pass", "wall"
    ),
    "loop-in-a-generator": attack("def g():\n while True: yield 1\nsum(g())", "wall"),
    "loop-in-C-sum": attack("sum(range(10**12))", "wall"),
    "loop-in-C-factorial": attack("math.factorial(10**12)", "wall"),
    "loop-while-loaded": loading("while True: pass", "wall"),
    "loop-in-a-class-body": loading("class A:\n while True: pass", "wall"),
    "loop-in-a-text-of-an-exception": attack(
        "raise E()", "wall", "class E(Exception):\n def __str__(self):\n  while True: pass"
    ),
    # memory: PocketPy does not look whether it has got any
    "list": attack("[0] * 10**9", "SIGSEGV"),
    "text": attack("'a' * 10**9", "SIGSEGV"),
    "append": attack("a = []\nwhile True: a.append('x' * 1000)", "SIGSEGV"),
    "append-catching-all": attack(
        "a = []\nwhile True:\n try:\n  a.append('x' * 1000)\n except BaseException: pass", "SIGSEGV"
    ),
    "doubling-text": attack("a = 'ab'\nwhile True: a += a", "SIGSEGV"),
    "format-width": attack("f'{1:1000000000}'", "SIGSEGV"),
    "ljust": attack("'a'.ljust(10**9)", "SIGSEGV"),
    "replace-bomb": attack("('a' * 50000).replace('a', 'b' * 50000)", "SIGSEGV"),
    "join-bomb": attack("('x' * 60000).join(['y'] * 60000)", "SIGSEGV"),
    "list-that-grows-under-its-loop": attack("a = [1]\nfor x in a: a.append(x)", "SIGSEGV"),
    # depth
    "recursion": attack("def g(): g()\ng()", "recursion"),
    "recursion-through-sort": attack("def g(a): return sorted([1, 2], key=g)\ng(1)", "recursion"),
    "recursion-through-map": attack("def g(a): return list(map(g, [a]))\ng(1)", "recursion"),
    "recursion-through-init": attack("A()", "recursion", "class A:\n def __init__(self): A()"),
    "deep-list-text": attack("a = []\nfor i in range(100000): a = [a]\nstr(a)", "SIGSEGV"),
    "deep-list-equal": attack(
        "a = []; b = []\nfor i in range(100000):\n a = [a]; b = [b]\na == b", "SIGSEGV"
    ),
    "deep-tuple-hash": attack("a = ()\nfor i in range(100000): a = (a,)\nhash(a)", "SIGSEGV"),
    "list-in-itself": attack("a = []\na.append(a)\nstr(a)", "SIGSEGV"),
    "shared-doubling-text": attack("a = []\nfor i in range(40): a = [a, a]\nstr(a)", "SIGSEGV"),
    "shared-doubling-equal": attack(
        "a = []; b = []\nfor i in range(40):\n a = [a, a]; b = [b, b]\na == b", "wall"
    ),
    # the parser
    "parser-minus": loading("y = " + "-" * 20000 + "1", "ok"),
    "parser-brackets": loading("y = " + "[" * 200000 + "]" * 200000, "SIGSEGV"),
    "parser-plus": loading("y = 1" + "+1" * 50000, "ok"),
    "parser-digits": loading("y = " + "9" * 100000, "SyntaxError"),
    "parser-arguments": loading(
        "def g(" + ",".join(f"a{i}" for i in range(1000)) + "): pass", "SyntaxError"
    ),
    # harmless code that is undefined behaviour
    "self-of-another-type": attack("list.append(1, 2)", "SIGSEGV"),
    "self-that-is-no-dict": attack("dict.get(1, 2)", "SIGSEGV"),
    "self-that-is-no-exception": attack("Exception.__init__(1)", "SIGSEGV"),
    "two-dicts-in-a-display": attack("a = {'a': 1}\nprint({**a, 'b': 2})", "SIGSEGV"),
    "many-starred-arguments": attack("def g(*a): return 1\ng(*list(range(30000)))", "SIGSEGV"),
    # what the interpreter offers beside Python
    **{f"import-{name}": attack(f"import {name}", "ImportError") for name in MODULES},
    "import-while-loaded": loading("from os import system", "ImportError"),
    "import-from-a-package": attack("from . import os", "AttributeError"),
    "import-a-file": attack("import passwd", "ImportError"),
    **{f"taken-{call.partition('(')[0]}": attack(call, "NameError") for call in TAKEN},
    "mro": attack("().__class__.__mro__", "AttributeError"),
    "globals": attack("f.__globals__", "AttributeError"),
    "globals-of-the-library": attack("sorted.__globals__", "AttributeError"),
    "format-attribute": attack("'{0.__class__}'.format(1)", "ValueError"),
    "records-of-the-prelude": attack("records", "NameError"),
    "exit": attack("raise SystemExit(3)", "SystemExit"),
    "keyboard-interrupt": attack("raise KeyboardInterrupt()", "KeyboardInterrupt"),
    # output and answers
    "flood": attack("while True: print('x' * 100)", "output"),
    "flood-catching-all": attack(
        "while True:\n try: print('x' * 100)\n except BaseException: pass", "output"
    ),
    "one-huge-line": attack("print('x' * 100000)", "output"),
    "answer-none": Attack("def f(x): return None", "TypeError"),
    "answer-itself": Attack("def f(x): return f", "TypeError"),
    "answer-a-text": Attack("def f(x): return '1'", "TypeError"),
    "no-function": Attack("g = 1", "NameError"),
    "function-that-is-none": Attack("f = 3", "NameError"),
    "exception-with-a-long-text": attack("raise ValueError('x' * 200000)", "ValueError"),
    "exception-that-forges-a-trace": attack(
        "raise ValueError('a\\n  File \"x\", line 3\\nb: c')", "ValueError"
    ),
    "exception-with-a-long-name": attack(
        "raise " + "E" * 5000 + "()", "E" * 100, "class " + "E" * 5000 + "(Exception): pass"
    ),
    "forged-recursion": attack(
        "raise RecursionError('maximum recursion depth exceeded')", "recursion"
    ),
    "forged-records": attack(
        "raise records('9 records')", "records", "class records(Exception): pass"
    ),
}

GOOD = Script(source="n = [0]\ndef f(x):\n n[0] += 1\n return x * 2 + 1", entry="f")


def _verdict(outcomes: BatchOutcomes, index: int) -> str:
    status = int(outcomes.status[index])
    if status == LIMIT:
        return outcomes.limits[index]
    return "ok" if status == OK else outcomes.errors[index].type


def _between_good_calls(pocketpy: PocketPyEngine, one: Attack) -> BatchOutcomes:
    """Make the attack twice, between calls of another script, which come to what they should."""
    scripts = [GOOD, Script(source=one.source, entry="f", name="attack")]
    budget = SHORT if one.verdict == "wall" else BUDGET
    with pocketpy.compile(scripts, budget=budget) as program:
        good, bad = Calls(columns=[[1.0, 2.0]]), Calls(script=1, columns=[[0.0]])
        outcomes = program.evaluate([good, bad, good, bad, good], budget)
    assert outcomes.values[[0, 1, 3, 4, 6, 7]].tolist() == [3.0, 5.0] * 3
    assert outcomes.status[[0, 1, 3, 4, 6, 7]].tolist() == [OK] * 6
    assert _verdict(outcomes, 2) == _verdict(outcomes, 5)
    return outcomes


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(pocketpy: PocketPyEngine, name: str) -> None:
    outcomes = _between_good_calls(pocketpy, ATTACKS[name])
    assert _verdict(outcomes, 2) == ATTACKS[name].verdict
    if ATTACKS[name].verdict.startswith("SIG"):
        assert outcomes.status[[2, 5]].tolist() == [CRASHED] * 2


# --- without the lock-down, the jail stands ---------------------------------------------------

UNLOCKED = {
    "eval": (attack("if eval('1 + 1') != 2: raise ValueError", "ok"), ""),
    "system": (
        attack("import os\nprint(os.system('echo out'), os.system('exit 3'))", "ok"),
        "32512 32512\n",  # as of a shell that cannot be started: system(3)
    ),
    "files-seen": (
        attack(
            "import os\nfor p in ('/', '/etc/passwd', '/pocketpy/libpocketpy.so.2'):\n"
            " print(os.path.exists(p))",
            "ok",
        ),
        "False\nFalse\nFalse\n",
    ),
    "file-read": (attack("open('/etc/passwd', 'r')", "OSError"), ""),
    "file-written": (attack("open('/tmp/x', 'w')", "OSError"), ""),
    "file-removed": (attack("import os\nos.remove('/pocketpy/libpocketpy.so.2')", "OSError"), ""),
    "folder-changed": (attack("import os\nos.chdir('/')", "OSError"), ""),
    "environment": (attack("import os\nprint(os.environ)", "ok"), "{}\n"),
    "module-from-a-file": (attack("import passwd", "ImportError"), ""),
    "threads": (
        attack(
            "import pkpy\nc[0] += 1\npkpy.ComputeThread(c[0]).submit_exec('x = 1')",
            "OSError",
            "c = [0]",
        ),
        "",
    ),
    "sleep": (attack("import time\ntime.sleep(1000)", "wall"), ""),
    "exit": (attack("exit(3)", "Exit"), ""),
    "depth": (
        attack(
            "import sys\nsys.setrecursionlimit(10**6)\ndef g(a): return sorted([1, 2], key=g)\ng(0)",
            "SIGSEGV",
        ),
        "",
    ),
    "input": (attack("input()", "ok"), ""),
    "pickle": (attack("import pickle\npickle.loads(b'\\x00\\x01garbage')", "ValueError"), ""),
    "memory-for-ever": (
        attack("import stdc\nwhile True: stdc.memset(stdc.malloc(1 << 20), 1, 1 << 20)", "SIGSEGV"),
        "",
    ),
    "memory-freed-twice": (
        attack("import stdc\nm = stdc.malloc(8)\nstdc.free(m)\nstdc.free(m)", "SIGSEGV"),
        "",
    ),
}


@pytest.mark.parametrize("name", UNLOCKED)
def test_the_jail_stands_alone(unlocked: PocketPyEngine, name: str) -> None:
    one, printed = UNLOCKED[name]
    outcomes = _between_good_calls(unlocked, one)
    assert _verdict(outcomes, 2) == one.verdict
    assert outcomes.output.decode() == printed * 2


def test_there_are_more_than_the_prototype_tried() -> None:
    assert len(ATTACKS) + len(UNLOCKED) + len(DEEDS) >= 150


# --- native code in the guest's place ---------------------------------------------------------


class BrokenEngine(PocketPyEngine):
    """The engine, with another program in its guests: the first script's source says what it does."""

    def _config(self, *arguments: Any, **options: Any) -> ZygoteConfig:
        config = super()._config(*arguments, **options)
        settings = {"records": json.loads(config.settings)["records"]}
        return dataclasses.replace(
            config,
            program="tests.support.broken_pocketpy",
            settings=json.dumps(settings),
            boot_path=(*config.boot_path, REPOSITORY),
        )


@pytest.fixture(scope="module")
def broken(pocketpy: PocketPyEngine) -> Iterator[BrokenEngine]:
    made = BrokenEngine()
    made.compile([Script(source="leaves", entry="f")], budget=BUDGET).close()
    yield made
    made.close()


def _do(broken: BrokenEngine, does: str, *, calls: int = 3, **options: Any) -> BatchOutcomes:
    columns: list[list[Any]] = [[0.0] * calls]
    if does == "never_reads":
        columns = [["x" * 400_000] * calls]
    budget = options.pop("budget", BUDGET)
    with broken.compile([Script(source=does, entry="f")], budget=budget) as program:
        return program.evaluate([Calls(columns=columns)], budget, **options)


SAID = {
    "nonsense": "a header of 4294967295 bytes",
    "text": "a header of 1347703880 bytes",
    "no_header": "a header of 0 bytes",
    "long_header": "a header of 1048576 bytes",
    "long_body": "a frame of 4294967295 bytes; at most 65536",
    "long_blob": "a frame of 131072 bytes; at most 65536",
    "header_that_is_a_list": "a header that is not flat",
    "deep_header": "a header that is not flat",
    "header_that_is_no_text": "a header that is not JSON",
    "unknown_frame": "a frame that no request has",
    "frame_of_nothing": "a frame that no request has",
    "done_beyond": "a place that is none",
    "done_before": "a place that is none",
    "done_as_truth": "a place that is none",
    "done_as_float": "a place that is none",
    "done_as_text": "a place that is none",
    "done_with_more": "a frame that no request has",
    "done_with_a_body": "a frame that no request has",
    "error_beyond": "a place that is none",
    "error_before": "a place that is none",
    "error_of_a_number": "an error whose message is no text, or too long",
    "error_of_nothing": "an error of another shape",
    "error_with_more": "an error of another shape",
    "error_with_a_long_type": "an error whose kind is no text, or too long",
    "error_with_a_long_message": "an error whose message is no text, or too long",
    "error_with_a_long_trace": "an error whose trace is no text, or too long",
    "error_with_a_limit_of_the_hosts": "a limit that is not its own",
    "error_twice": "a second error of the same call",
    "output_of_nothing": "a frame that no request has",
    "full_with_a_body": "a frame that no request has",
}


@pytest.mark.parametrize("does", SAID)
def test_a_guest_that_says_what_none_of_ours_says_is_ended(broken: BrokenEngine, does: str) -> None:
    before = Belongings.now()
    outcomes = _do(broken, does)
    assert outcomes.status.tolist() == [CRASHED] * 3
    assert outcomes.values.tolist() == [0.0] * 3
    assert {(info.type, info.message) for info in outcomes.errors.values()} == {
        ("Protocol", f"the guest answered out of turn and was ended: {SAID[does]}")
    }
    assert outcomes.guests == 4
    assert Belongings.now().descriptors.keys() == before.descriptors.keys()


ENDS = {
    "half_a_frame_and_its_end": (CRASHED, "Exit"),
    "leaves": (CRASHED, "Exit"),
    "executes_in_place": (CRASHED, "SIGSYS"),
    "closes_the_channel_and_lives": (CRASHED, "Protocol"),
    "sends_half_a_header": (LIMIT, "wall"),
    "stops_itself": (LIMIT, "wall"),
    "never_reads": (LIMIT, "wall"),
    "output_flood": (LIMIT, "output"),
    "full_at_once": (LIMIT, "output"),
}


@pytest.mark.parametrize("does", ENDS)
def test_how_a_guest_may_end(broken: BrokenEngine, does: str) -> None:
    status, kind = ENDS[does]
    outcomes = _do(broken, does, budget=SHORT if kind == "wall" else BUDGET)
    assert outcomes.status.tolist() == [status] * 3
    assert {info.type for info in outcomes.errors.values()} == {kind}
    assert len(outcomes.output) <= int(BUDGET.output)


def test_what_leads_out_is_closed(broken: BrokenEngine) -> None:
    outcomes = _do(broken, "tries_what_leads_out", calls=16)
    refused, no_memory = float(errno.EPERM), float(errno.ENOMEM)
    expected = [refused] * 16
    expected[7] = expected[15] = no_memory  # a thread, and more memory than there is
    assert outcomes.values.tolist() == expected


def test_a_program_is_not_started_by_a_fork_either(broken: BrokenEngine) -> None:
    outcomes = _do(broken, "executes")
    assert outcomes.status.tolist() == [CRASHED] * 3


@pytest.mark.parametrize("does", ["done_at_nothing", "done_at_half"])
def test_a_guest_cannot_leave_calls_out(broken: BrokenEngine, does: str) -> None:
    outcomes = _do(broken, does)
    assert outcomes.status.tolist() == [CRASHED] * 3
    assert {info.type for info in outcomes.errors.values()} == {"Protocol"}


def test_what_comes_behind_the_end_is_no_answer_to_the_next(broken: BrokenEngine) -> None:
    with broken.compile([Script(source="done_twice", entry="f")], budget=BUDGET) as program:
        for state in ("loaded", "kept", "kept"):
            outcomes = program.evaluate([Calls(columns=[[0.0] * 3])], BUDGET, state=state)
            assert set(outcomes.status.tolist()) <= {OK, ERROR, LIMIT, CRASHED}
            assert outcomes.values.tolist() == [0.0] * 3


def test_a_counter_that_goes_back_and_forth_gains_no_time(broken: BrokenEngine) -> None:
    outcomes = _do(broken, "counter_back_and_forth", budget=SHORT)
    assert set(outcomes.limits.values()) == {"wall"}
    assert set(outcomes.status.tolist()) <= {LIMIT, ERROR}


def test_a_counter_that_is_huge_blames_the_last_call(broken: BrokenEngine) -> None:
    outcomes = _do(broken, "counter_that_is_huge")
    assert outcomes.status.tolist() == [ERROR, ERROR, CRASHED]


def test_what_it_says_of_calls_is_one_of_what_there_is(broken: BrokenEngine) -> None:
    assert _do(broken, "status_that_is_none").status.tolist() == [ERROR, ERROR, OK]
    good = _do(broken, "error_of_a_good_call")
    assert (good.status.tolist(), dict(good.errors)) == ([OK] * 3, {})
    odd = _do(broken, "error_of_odd_text")
    assert (odd.errors[0].type, odd.errors[0].message) == ("?", "\x1b[2J?")


@pytest.mark.parametrize(
    ("does", "calls", "status"),
    [
        ("counts_that_are_huge", 3, [CRASHED] * 3),
        ("counts_that_wrap", 2, [CRASHED] * 2),
        ("counts_beyond_one_call", 2, [OK, CRASHED]),
        ("counts_beyond_the_room", 5, [OK] * 4 + [CRASHED]),
    ],
)
def test_records_that_it_has_not_are_not_taken(
    broken: BrokenEngine, does: str, calls: int, status: list[int]
) -> None:
    outcomes = _do(broken, does, calls=calls, record=8)
    assert outcomes.status.tolist() == status
    assert outcomes.counts is not None
    assert len(outcomes.records) == 8 * int(outcomes.counts.sum())
    assert (outcomes.counts[outcomes.status == CRASHED] == 0).all()


def test_a_guest_that_lies_about_loading(broken: BrokenEngine) -> None:
    with pytest.raises(GuestCrashed, match="Protocol"):
        _do(broken, "lies_about_loading")


# --- the host ---------------------------------------------------------------------------------


_HOST = """
import sys
from pathlib import Path
from ringfence.model.evaluation import Calls, Script
from ringfence.runtime.registry import find_evaluator
with find_evaluator("pocketpy").compile([Script(source="def f(x): return x + 1", entry="f")]) as program:
    print(program.evaluate([Calls(columns=[[1.0]])]).values.tolist())
print("libpocketpy" in Path("/proc/self/maps").read_text())
print([name for name in sys.modules if name.endswith(("pocketpy.binding", "pocketpy.interpreter"))])
"""


def test_the_library_is_never_in_the_hosts_process(pocketpy: PocketPyEngine) -> None:
    done = subprocess.run([sys.executable, "-c", _HOST], capture_output=True, text=True, check=True)
    assert done.stdout == "[2.0]\nFalse\n[]\n"


def test_nothing_is_left_of_programs_whose_calls_crash(pocketpy: PocketPyEngine) -> None:
    script = Script(source="def f(x): return list.append(1, 2)", entry="f")
    before = Belongings.now()
    for _ in range(3):
        with pocketpy.compile([script]) as program:
            outcomes = program.evaluate([Calls(columns=[[0.0] * 5])])
            assert (outcomes.status.tolist(), outcomes.guests) == ([CRASHED] * 5, 6)
    assert Belongings.now().descriptors.keys() == before.descriptors.keys()


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ("for i in range(300): [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]", 1500),
        ("a = ['x' * 100000 for i in range(40)]", 40),
    ],
    ids=["small objects", "large texts"],
)
def test_what_calls_leave_is_no_burden_of_those_after_them(
    pocketpy: PocketPyEngine, body: str, calls: int
) -> None:
    with pocketpy.compile([Script(source=f"def f(x):\n {body}\n return 1", entry="f")]) as program:
        outcomes = program.evaluate([Calls(columns=[[0.0] * calls])])
        assert (outcomes.ok, outcomes.guests) == (True, 1)


def test_guests_of_two_programs_share_nothing(pocketpy: PocketPyEngine) -> None:
    source = "def f(x):\n math.left = 7\n return 1"
    spy = "def f(x): return math.left"
    with (
        pocketpy.compile([Script(source=source, entry="f"), Script(source=spy, entry="f")]) as one,
        pocketpy.compile([Script(source=spy, entry="f")]) as other,
    ):
        rows = [Calls(columns=[[0.0]]), Calls(script=1, columns=[[0.0]])]
        assert one.evaluate(rows).values.tolist() == [1.0, 7.0]  # one publisher's
        assert one.evaluate(rows, state="fresh").status.tolist() == [OK, ERROR]
        assert other.evaluate([Calls(columns=[[0.0]])]).errors[0].type == "AttributeError"


def test_many_threads_stop_only_what_is_theirs(pocketpy: PocketPyEngine) -> None:
    script, told = Script(source="def f(x):\n while x: pass\n return 1", entry="f"), {}

    def work(index: int) -> None:
        budget = Budget(wall=0.2 if index % 2 else 5.0)
        with pocketpy.compile([script]) as program:
            told[index] = program.evaluate([Calls(columns=[[0.0, float(index % 2), 0.0]])], budget)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, outcomes in told.items():
        assert outcomes.status.tolist() == ([OK, LIMIT, OK] if index % 2 else [OK] * 3)
        assert np.isin(outcomes.values, [0.0, 1.0]).all()


def test_a_batch_that_was_cancelled_before_it_began_makes_no_call(pocketpy: PocketPyEngine) -> None:
    cancel = Cancel()
    cancel.set()
    with pocketpy.compile([GOOD]) as program:
        outcomes = program.evaluate([Calls(columns=[[1.0] * 3])], cancel=cancel)
        assert (outcomes.status.tolist(), outcomes.cancelled) == ([NOT_RUN] * 3, True)
        assert program.evaluate([Calls(columns=[[1.0]])]).values.tolist() == [3.0]


def test_a_cancel_while_a_guest_is_got_ready_is_no_fault_of_a_script(
    pocketpy: PocketPyEngine,
) -> None:
    slow = Script(source="x = sum(range(30000000))\ndef f(x): return 1", entry="f")
    with pocketpy.compile([GOOD, slow], budget=BUDGET) as program:
        rows = [Calls(columns=[[1.0]])]
        assert program.evaluate(rows).values.tolist() == [3.0]
        cancel = Cancel()
        timer = threading.Timer(0.05, cancel.set)  # the next batch begins with loading
        timer.start()
        outcomes = program.evaluate(rows, cancel=cancel)
        timer.join()
        assert (outcomes.status.tolist(), outcomes.cancelled) == ([NOT_RUN], True)
        assert dict(program.failed) == {}
        assert program.evaluate(rows).values.tolist() == [3.0]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("'<d', buffer, 504, 1.0", "ok"),
        ("'<d', buffer, 505, 1.0", "ValueError"),
        ("'<d', buffer, -8, 1.0", "ValueError"),
        ("'<d', buffer, 9223372036854775807, 1.0", "ValueError"),
        ("'<d', buffer, 0, 'text'", "TypeError"),
        ("'<b', buffer, 0, 300", "ValueError"),
        ("'<2d', buffer, 0, 1.0", "ValueError"),
        ("'<d', buffer, 0, [1.0, 2.0]", "ValueError"),
        ("'<65d', buffer, 0, [1.0] * 65", "ValueError"),
        ("'<2000000000d', buffer, 0, 1.0", "ValueError"),
        ("'nonsense', buffer, 0, 1.0", "ValueError"),
        ("'<d', 'text', 0, 1.0", "TypeError"),
        ("'<d', buffer, 0.5, 1.0", "TypeError"),
        ("'<d', buffer", "TypeError"),
        ("", "TypeError"),
    ],
)
def test_what_is_lent_by_a_careless_prelude(
    pocketpy: PocketPyEngine, arguments: str, kind: str
) -> None:
    prelude = "__all__ = ['pack', 'buffer']\npack = struct.pack_into\nbuffer = records\n"
    source = f"def f(x):\n pack({arguments})\n return 1"
    with pocketpy.compile(
        [Script(source=source, entry="f")], prelude=prelude, budget=BUDGET
    ) as program:
        outcomes = program.evaluate([Calls(columns=[[0.0]])], BUDGET, record=8)
        assert _verdict(outcomes, 0) == kind


def test_long_arguments_go_in_pieces(pocketpy: PocketPyEngine) -> None:
    with pocketpy.compile([Script(source="def f(t): return len(t)", entry="f")]) as program:
        outcomes = program.evaluate([Calls(columns=[["é" * 300_000] * 20])])
        assert outcomes.values.tolist() == [300_000.0] * 20
        assert outcomes.guests == 1


def test_a_short_time_is_that_of_calls_and_not_of_what_is_loaded(
    pocketpy: PocketPyEngine,
) -> None:
    slow = "n = 0\nwhile n < 300000: n += 1\n"
    source = f"{slow}def f(x):\n while x: pass\n return n"
    scripts = [
        Script(source=source, entry="f"),
        Script(source="def f(): pass\nwhile 1: pass", entry="f"),
    ]
    budget = Budget(wall=0.001)
    with pocketpy.compile(scripts, prelude=f"{slow}del n", budget=budget) as program:
        outcomes = program.evaluate([Calls(columns=[[1.0] * 3])])
        assert dict(outcomes.limits) == {0: "wall", 1: "wall", 2: "wall"}
        outcomes = program.evaluate([Calls(columns=[[0.0]])], Budget(wall=20))
        assert outcomes.values.tolist() == [300_000.0]
        assert program.failed[1].type == "wall"


def test_a_forked_host_has_no_program(pocketpy: PocketPyEngine) -> None:
    with pocketpy.compile([GOOD]) as program:
        child = os.fork()
        if not child:
            try:
                program.evaluate([Calls(columns=[[1.0]])])
            except Exception as error:
                os._exit(3 if type(error).__name__ == "SandboxClosed" else 4)
            os._exit(5)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        assert program.evaluate([Calls(columns=[[1.0]])]).values.tolist() == [3.0]
