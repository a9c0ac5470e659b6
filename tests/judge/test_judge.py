"""The judge itself: small modules of CPython's tests on each engine, and the list of exclusions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from judge.exclusions import ENGINES, Exclusion, ExclusionsWrong, load, parse
from judge.report import Report, ReportError
from judge.suite import Suite, SuiteMissing
from judge.trial import Outcome, try_module

PASSING = """
import unittest
class T(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.fail("no")
    def test_part(self):
        for number in range(2):
            with self.subTest(number): self.assertEqual(number, 0)
    def test_left_part(self):
        with self.subTest(1): self.skipTest("no part")
    @unittest.skip("not here")
    def test_left(self): pass
    def test_zz_end(self): import os; os._exit(3)
    def test_zzz_after(self): pass
class Never(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest("no class")
    def test_a(self): pass
"""


@pytest.fixture(scope="module", params=ENGINES)
def suite(request: pytest.FixtureRequest) -> tuple[str, Suite]:
    try:
        return request.param, Suite.of(request.param)
    except SuiteMissing as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("module", ["test_grammar", "test_bisect"])
def test_small_modules_pass(suite: tuple[str, Suite], module: str) -> None:
    engine, tests = suite
    outcome = try_module(engine, tests, module, ())
    assert outcome.failed == {}
    assert len(outcome.passed) > 20


def _own(tmp_path: Path, tests: Suite) -> Suite:
    for place in tests.folder.iterdir():
        if place.name in ("__init__.py", "support", "test_grammar.py"):
            (tmp_path / place.name).symlink_to(place)
    (tmp_path / "test_own.py").write_text(PASSING)
    return Suite(tmp_path, tests.version)


def test_each_case_is_counted_once_and_a_lost_guest_loses_one_case(
    suite: tuple[str, Suite], tmp_path: Path
) -> None:
    engine, tests = suite
    outcome = try_module(engine, _own(tmp_path, tests), "test_own", ())
    assert sorted(outcome.passed) == ["T.test_good", "T.test_zzz_after"]
    assert sorted(outcome.failed) == ["T.test_bad", "T.test_part", "T.test_zz_end"]
    assert outcome.failed["T.test_bad"] == "AssertionError: no"
    assert outcome.failed["T.test_zz_end"].startswith("it ended the guest: ")
    assert outcome.skipped == {
        "T.test_left": "not here",
        "T.test_left_part": "no part",
        "Never.test_a": "no class",
    }


def test_an_exclusion_needs_a_failure(suite: tuple[str, Suite], tmp_path: Path) -> None:
    engine, tests = suite
    exclusions = [
        Exclusion("test_own::T.test_b*", "bad"),
        Exclusion("test_own::T.test_zz_end", "ends", run=False),
        Exclusion("test_own::T.test_good", "passes"),
        Exclusion("test_own::T.test_unknown", "does not exist"),
    ]
    outcome = try_module(engine, _own(tmp_path, tests), "test_own", exclusions)
    assert outcome.excluded == {"T.test_bad": "bad", "T.test_zz_end": "ends"}
    assert sorted(outcome.failed) == ["T.test_part"]
    assert outcome.stale == ["test_own::T.test_good", "test_own::T.test_unknown"]


def test_a_module_can_be_excluded(suite: tuple[str, Suite]) -> None:
    engine, tests = suite
    outcome = try_module(engine, tests, "test_bisect", [Exclusion("test_bis*", "why")])
    assert (outcome.excluded, outcome.passed) == ({"*": "why"}, [])


SLOW = """
import time, unittest
class T(unittest.TestCase):
    def test_a_quick(self): pass
    def test_b_slow(self): time.sleep(2.5)
    def test_c_quick(self): pass
    def test_d_endless(self):
        while True: pass
    def test_e_quick(self): pass
"""


def test_who_takes_all_the_time_fails_alone(suite: tuple[str, Suite], tmp_path: Path) -> None:
    engine, tests = suite
    own = _own(tmp_path, tests)
    (tmp_path / "test_own.py").write_text(SLOW)
    outcome = try_module(engine, own, "test_own", (), wall=4)
    assert sorted(outcome.passed) == [
        "T.test_a_quick",
        "T.test_b_slow",
        "T.test_c_quick",
        "T.test_e_quick",
    ]
    assert list(outcome.failed) == ["T.test_d_endless"]
    assert outcome.failed["T.test_d_endless"].startswith("it ended the guest: limit: ")


LACKING = """
import unittest
from test.support import import_helper
import_helper.import_module("_testfine")
from _testfiner import function, Base
class Derived(Base): pass
class T(unittest.TestCase):
    def test_uses_it(self): function(1)
    def test_derives(self): Derived()
    def test_imports_another(self): import _testfinest
    def test_does_not(self): pass
    def test_lacks_what_should_be_there(self): import nowhere
"""


def test_modules_for_tests_of_cpython_are_not_missed(
    suite: tuple[str, Suite], tmp_path: Path
) -> None:
    engine, tests = suite
    own = _own(tmp_path, tests)
    (tmp_path / "test_own.py").write_text(LACKING)
    outcome = try_module(engine, own, "test_own", ())
    assert outcome.passed == ["T.test_does_not"]
    assert outcome.skipped == {
        "T.test_uses_it": "_testfiner is not here",
        "T.test_derives": "_testfiner is not here",
        "T.test_imports_another": "_testfinest is not here",
    }
    assert list(outcome.failed) == ["T.test_lacks_what_should_be_there"]


def test_packages_that_a_module_names_lie_beside_it(
    tmp_path: Path, suite: tuple[str, Suite]
) -> None:
    _, tests = suite
    own = _own(tmp_path, tests)
    (tmp_path / "test_own.py").write_text("folder = 'test_data'\n")
    for name in ("test_data", "test_other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"x")
    brought = own.files("test_own")
    assert brought["test/test_data/file"] == b"x" and "test/test_other/file" not in brought


# --- the list ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENGINES)
def test_every_exclusion_of_the_list_has_a_reason(name: str) -> None:
    for one in load(name):
        assert len(one.reason) > 10, one.pattern


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"engines": ["wasi"], "tests": ["test_x"]}, "needs a reason"),
        ({"engines": ["wasi"], "tests": ["test_x"], "reason": " "}, "needs a reason"),
        ({"engines": ["wasi"], "reason": "why"}, "names tests"),
        ({"engines": ["pypy"], "tests": ["test_x"], "reason": "why"}, "engines="),
        ({"engines": ["wasi"], "tests": ["test_x"], "reason": "why", "who": 1}, "unknown keys"),
        ({"engines": ["wasi"], "tests": ["a", "a"], "reason": "why"}, "listed twice"),
        ({"engines": ["wasi"], "tests": ["a::T.*"], "reason": "why", "run": False}, "exact"),
    ],
)
def test_a_wrong_entry_is_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ExclusionsWrong, match=message):
        parse({"exclude": [entry]}, "wasi")


# --- the verdict ---------------------------------------------------------------------------------


def _report(passed: int, failed: int) -> Report:
    outcome = Outcome(
        "test_x", [str(n) for n in range(passed)], {f"f{n}": "" for n in range(failed)}
    )
    return Report("wasi", "3.13.5", 2, {"test_x": outcome})


@pytest.mark.parametrize(
    ("passed", "failed", "met"), [(98, 2, True), (97, 3, False), (0, 0, False)]
)
def test_the_verdict(passed: int, failed: int, met: bool) -> None:
    assert _report(passed, failed).met is met


def test_the_verdict_says_what_was_not_run() -> None:
    assert _report(98, 2).verdict() == (
        "98 of 100 cases that apply have passed: 98.00 % (target: at least 98%: met so far), in 1 of 2 "
        "modules; 1 modules were not run and are not judged"
    )


def test_what_is_no_evidence_is_named() -> None:
    report = _report(1, 0)
    why = "No module named 'x': lend one"
    report.outcomes["test_y"] = Outcome("test_y", skipped={"(module)": why})
    report.outcomes["test_z"] = Outcome("test_z", skipped={"T.a": "one", "T.b": "two"})
    report.outcomes["test_e"] = Outcome("test_e")
    report.outcomes["test_w"] = Outcome("test_w", excluded={"*": "why"})
    assert "1 of the modules are excluded, and 3 skip themselves" in report.markdown()
    assert report.markdown().endswith(
        "What was skipped as a whole, and why:\n\n"
        "- No module named 'x': `test_y`\n"
        "- each case for a reason of its own: `test_z`\n"
        "- there are no cases on this platform: `test_e`\n"
    )


def test_it_is_kept_and_written_between_its_markers(tmp_path: Path) -> None:
    report, kept, page = _report(3, 1), tmp_path / "out" / "wasi.json", tmp_path / "page.md"
    report.save(kept)
    assert Report.load(kept) == report
    page.write_text("before\n<!-- wasi:begin -->\nold\n<!-- wasi:end -->\nafter\n")
    report.write_docs(page)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| `test_x` | 3 | 1 | 0 | 0 |" in text
    page.write_text("none")
    with pytest.raises(ReportError, match="must have"):
        report.write_docs(page)
