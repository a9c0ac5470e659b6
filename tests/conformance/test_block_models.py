"""Instances that depend on each other, and results that are kept."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest

from ringfence import ConfigurationError, ValidationFailed, blocks
from ringfence.blocks import BlockCycle, Model, ResultCache
from tests.support.blocks import Programs

SCRIPTS = {
    "post": "def post(height: float = 2.0):\n    line(0, 0, 0, 10 / height)\n    text(0, 0, str(height))\n",
    "rail": (
        "def rail(below: Geometry, gap: float = 1.0):\n"
        "    for kind, color, x1, y1, x2, y2, _, _ in below:\n"
        "        if kind == 2:\n"
        "            line(x1, y1 + gap, x2, y2 + gap, color)\n"
    ),
}


class Subject:
    """A model, and how it is evaluated here."""

    def __init__(self, programs: Programs, cache: ResultCache | None = None) -> None:
        self.model = Model([programs.compile(SCRIPTS)], cache=cache)
        self._programs = programs

    def evaluate(self, **limits: Any) -> dict[str, blocks.BlockResult]:
        return self.model.evaluate(
            limits=blocks.BlockLimits(**limits),
            engine=self._programs.engine,
            policy=self._programs.policy,
        )

    def ends(self, name: str) -> tuple[float, float]:
        result = self.model.result(name)
        assert result is not None
        assert result.ok, result
        x, y = result.geometry["data"][0, 2:4].tolist()
        return x, y


@pytest.mark.requirement("blocks.dirty")
def test_only_what_a_change_concerns_is_evaluated_again(programs: Programs) -> None:
    subject = Subject(programs)
    model = subject.model
    for n in range(20):
        model.set(f"post{n}", "post", {"height": n + 1})
    model.set("rail", "rail", inputs={"below": "post3"})
    model.set("rail of rail", "rail", {"gap": 2.5}, inputs={"below": "rail"})
    assert len(subject.evaluate()) == 22
    assert subject.ends("rail of rail") == (0.0, 6.0)
    assert subject.evaluate() == {}
    model.set("post3", "post", {"height": 5.0})
    assert model.dirty == {"post3", "rail", "rail of rail"}
    changed = subject.evaluate()
    assert changed.keys() == {"post3", "rail", "rail of rail"}
    assert subject.ends("rail of rail") == (0.0, 5.5)
    model.set("rail of rail", "rail", {"gap": 0.0}, inputs={"below": "post0"})
    assert subject.evaluate().keys() == {"rail of rail"}
    assert subject.ends("rail of rail") == (0.0, 10.0)
    model.set("post3", "post", {"height": 4.0})
    assert subject.evaluate().keys() == {"post3", "rail"}


@pytest.mark.requirement("blocks.dirty")
def test_an_input_that_fails_fails_what_has_it(programs: Programs) -> None:
    subject = Subject(programs)
    subject.model.set("post", "post", {"height": 0})
    subject.model.set("rail", "rail", inputs={"below": "post"})
    subject.evaluate()
    found = subject.model.result("rail")
    assert found is not None
    assert (found.status, found.reason, found.line) == ("error", "input post failed", 1)
    subject.model.set("post", "post", {"height": 1})
    assert all(result.ok for result in subject.evaluate().values())


@pytest.mark.requirement("blocks.dirty")
def test_a_circle_is_named_and_changes_nothing(programs: Programs) -> None:
    subject = Subject(programs)
    model = subject.model
    model.set("a", "post")
    model.set("b", "rail", inputs={"below": "a"})
    model.set("c", "rail", inputs={"below": "b"})
    subject.evaluate()
    with pytest.raises(BlockCycle) as caught:
        model.set("b", "rail", inputs={"below": "c"})
    assert caught.value.cycle == ("b", "c", "b")
    assert str(caught.value) == "these blocks depend on each other in a circle: b -> c -> b"
    with pytest.raises(BlockCycle, match="a -> c -> b -> a"):
        model.set("a", "post", children=[("c", blocks.IDENTITY)])
    with pytest.raises(BlockCycle, match="a -> a"):
        model.set("a", "post", children=[("a", blocks.IDENTITY)])
    assert model.dirty == frozenset()
    assert subject.ends("c") == (0.0, 7.0)


@pytest.mark.requirement("blocks.dirty")
def test_what_is_wrong_is_refused_and_changes_nothing(programs: Programs) -> None:
    model = Subject(programs).model
    model.set("a", "post")
    with pytest.raises(ConfigurationError, match="x: there is no script 'stairs'"):
        model.set("x", "stairs")
    with pytest.raises(ConfigurationError, match="x: there is no instance 'nobody'"):
        model.set("x", "rail", inputs={"below": "nobody"})
    with pytest.raises(ConfigurationError, match=r"x: rail has the inputs \['below'\], not \[\]"):
        model.set("x", "rail")
    with pytest.raises(ValidationFailed, match=r"post\[x\]\.height \(line 1\): expected a finite"):
        model.set("x", "post", {"height": math.nan})
    with pytest.raises(ConfigurationError, match="x: a matrix has twelve finite numbers"):
        model.set("x", "post", children=[("a", (1.0,) * 11 + (math.inf,))])
    assert "x" not in model
    model.set("x", "rail", inputs={"below": "a"})
    with pytest.raises(ConfigurationError, match=r"a is needed by \['x'\]"):
        model.remove("a")
    model.remove("x")
    model.remove("a")
    assert (len(model), model.dirty) == (0, frozenset())


@pytest.mark.requirement("blocks.nested")
def test_children_are_placed(programs: Programs) -> None:
    subject = Subject(programs)
    model = subject.model
    shift = (1.0, 0.0, 0.0, 5.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    double = (2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0)
    model.set("post", "post")
    model.set("pair", "post", children=[("post", blocks.IDENTITY), ("post", shift)])
    model.set("house", "post", children=[("pair", double)])
    subject.evaluate()
    placed = list(model.placed("house"))
    assert [one.name for one in placed] == ["house", "pair", "post", "post"]
    assert placed[3].matrix == (2.0, 0.0, 0.0, 10.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0)
    model.set("post", "post", {"height": 1.0})
    assert subject.evaluate().keys() == {"post"}  # the others only place it


@pytest.mark.requirement("blocks.kept")
def test_results_are_kept_and_loaded(programs: Programs) -> None:
    first = Subject(programs)
    for n in range(5):
        first.model.set(f"post{n}", "post", {"height": n})
    assert sum(result.ok for result in first.evaluate().values()) == 4
    data = first.model.cache.save()
    cache = ResultCache()
    assert cache.load(data) == len(cache) == 4
    again = Subject(programs, cache)
    for n in range(5):
        again.model.set(f"post{n}", "post", {"height": float(n)})
    found = again.evaluate()
    assert (cache.hits, cache.misses) == (4, 1)
    assert again.ends("post2") == (0.0, 5.0)
    text = found["post2"]
    assert text.texts[int(text.geometry["data"][1, 4])] == "2.0"
    assert not text.geometry.flags.writeable


@pytest.mark.requirement("blocks.kept")
def test_a_chain_of_many(programs: Programs) -> None:
    subject = Subject(programs)
    subject.model.set("n0", "post")
    for n in range(1, 100):
        subject.model.set(f"n{n}", "rail", inputs={"below": f"n{n - 1}"})
    assert len(subject.evaluate()) == 100
    assert subject.ends("n99") == (0.0, 104.0)
    subject.model.set("n0", "post", {"height": 1.0})
    assert len(subject.evaluate()) == 100
    assert subject.ends("n99") == (0.0, 109.0)


LINKS = """
def link(below: Geometry, bad: int = 0):
    if bad == 1:
        raise ValueError("bad")
    if bad == 2:
        point(sum(range(10 ** 12)), 0)
    for kind, color, x, y, z, _, _, _ in below:
        if kind == 1:
            point(x + 1, y, z, color=color)
        if kind == 6:
            text(x, y, "again", height=z)
    text(0, 0, str(len(below)))
"""
FIRST = "def first(x: float = 0.0):\n    text(0, 0, 'é')\n    point(x, 2, 3, color=0x01020304)\n"


def chain_of(program: blocks.BlockProgram, bad: int) -> Model:
    model = Model([program])
    model.set("n0", "first")
    for n in range(1, 10):
        parameters = {"bad": bad if n == 5 else 0}
        model.set(f"n{n}", "link", parameters, inputs={"below": f"n{n - 1}"})
    return model


@pytest.mark.requirement("blocks.dirty")
@pytest.mark.parametrize(("bad", "reason"), [(1, "ValueError: bad"), (2, "wall")])
def test_a_chain_that_breaks(programs: Programs, bad: int, reason: str) -> None:
    """What comes before stands, what comes after says why not; once mended, all is there."""
    program = programs.compile({"first": FIRST, "link": LINKS})
    model = chain_of(program, bad)
    options: dict[str, Any] = {"engine": programs.engine, "policy": programs.policy}
    limits = blocks.BlockLimits(wall=0.3)
    found = model.evaluate(limits=limits, **options)
    statuses = ["ok"] * 5 + ["limit" if bad == 2 else "error"] + ["error"] * 4
    assert [found[f"n{n}"].status for n in range(10)] == statuses
    assert [found[f"n{n}"].reason for n in (5, 6, 9)] == [
        reason, "input n5 failed", "input n8 failed",
    ]  # fmt: skip
    assert model.dirty == frozenset()
    model.set("n5", "link", inputs={"below": "n4"})
    assert model.evaluate(limits=limits, **options).keys() == {f"n{n}" for n in range(5, 10)}
    last = model.result("n9")
    assert last is not None
    assert last.ok, last
    points = last.geometry[last.geometry["kind"] == blocks.Kind.POINT]
    assert (points["data"][0, :3].tolist(), int(points["color"][0])) == (
        [9.0, 2.0, 3.0],
        0x01020304,
    )
    assert last.texts[-1] == "10"


@pytest.mark.requirement("blocks.hostile")
@pytest.mark.parametrize(
    "lie", ["(5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7)", "(0.0, 0.0, 1.0, 0.0, 9.0, 0.0, 6)"]
)
def test_what_a_guest_says_of_an_input_counts_for_nothing_if_it_is_unsound(
    programs: Programs, lie: str
) -> None:
    program = programs.unchecked(
        f"def link(below: Geometry, bad: int = 0):\n    point(*(1, 0))\n    if bad:\n        _draw({lie})\n"
    )
    other = programs.compile({"first": FIRST})
    model = Model([program, other])
    model.set("n0", "first")
    for n in range(1, 6):
        model.set(f"n{n}", "block", {"bad": int(n == 3)}, inputs={"below": f"n{n - 1}"})
    found = model.evaluate(engine=programs.engine, policy=programs.policy)
    assert [found[f"n{n}"].status for n in range(6)] == ["ok"] * 3 + ["error"] * 3
    assert [found[f"n{n}"].reason for n in (4, 5)] == ["input n3 failed", "input n4 failed"]
    assert found["n3"].reason.startswith("InvalidGeometry")


@pytest.mark.requirement("blocks.guests")
def test_a_chain_through_two_publishers(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One never computes with what another's guest says: only with what the host has checked."""
    works: list[list[Any]] = []
    evaluate = blocks.BlockProgram.evaluate_linked

    def seen(self: blocks.BlockProgram, parameters: Any, **options: Any) -> Any:
        works.append([self.publisher, *[row for _, row in parameters]])
        return evaluate(self, parameters, **options)

    monkeypatch.setattr(blocks.BlockProgram, "evaluate_linked", seen)
    step = "def {}(below: Geometry):\n    for _, _, x, y, z, _, _, _ in below: point(x + 1, y, z)\n"
    ours = programs.compile({"first": FIRST, "ours": step.format("ours")}, publisher="ours")
    theirs = programs.compile({"theirs": step.format("theirs")}, publisher="theirs")
    model = Model([ours, theirs])
    model.set("n0", "first")
    kinds = ["ours", "ours", "theirs", "theirs", "theirs", "ours"]
    for n, kind in enumerate(kinds, 1):
        model.set(f"n{n}", kind, inputs={"below": f"n{n - 1}"})
    found = model.evaluate(engine=programs.engine, policy=programs.policy)
    assert all(one.ok for one in found.values())
    assert found["n6"].geometry["data"][:, 0].tolist() == [6.0, 6.0]
    links = ours.links(programs.engine, programs.policy, None)
    assert [work[0] for work in works] == (
        ["ours", "theirs", "ours"] if links else [*["ours"] * 3, *["theirs"] * 3, "ours"]
    )
    for _, first, *_ in works[1:]:
        assert first["below"].dtype == blocks.record_dtype()


@pytest.mark.requirement("blocks.dirty")
def test_an_instance_may_have_limits_of_its_own(programs: Programs) -> None:
    subject = Subject(programs)
    for name, limits in (("a", None), ("b", blocks.BlockLimits(primitives=1))):
        subject.model.set(name, "post", limits=limits)
    changed = subject.evaluate(primitives=2)
    assert changed["a"].ok
    assert (changed["b"].status, changed["b"].reason) == ("limit", "primitives")
    # What the cache has of another one is no way around its own.
    subject.model.set("b", "post", limits=blocks.BlockLimits(primitives=1))
    assert not subject.evaluate()["b"].ok
    subject.model.set("b", "post")
    assert subject.evaluate()["b"].ok


@pytest.mark.requirement("blocks.cancel")
def test_what_depends_on_what_was_cancelled_stays_dirty_too(programs: Programs) -> None:
    scripts = {**SCRIPTS, "slow": "def slow(n: int):\n    for i in range(900_000):\n        n += i"}
    model = Model([programs.compile(scripts)])
    assert model.cancel() is False
    for n in range(80):
        model.set(f"slow{n}", "slow", {"n": n})
    model.set("rail", "rail", inputs={"below": "slow79"})
    stop, threads = threading.Event(), []

    def cancel() -> None:
        while not stop.is_set() and not model.cancel():
            pass

    threads.append(threading.Thread(target=cancel))
    threads[0].start()
    changed = model.evaluate(engine=programs.engine, policy=programs.policy)
    stop.set()
    threads[0].join()
    assert changed["slow79"].status == changed["rail"].status == "cancelled"
    assert {"slow79", "rail"} <= model.dirty
    for n in range(80):
        model.set(f"slow{n}", "post")
    changed = model.evaluate(engine=programs.engine, policy=programs.policy)
    assert changed["rail"].ok and not model.dirty
