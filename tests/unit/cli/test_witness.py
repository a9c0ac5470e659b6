"""What a witness is worth shows where there is nothing to see: it falls when its wall is gone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ringfence.cli import doctor, exits
from ringfence.cli.tables import make_console
from ringfence.cli.witness.bench import Bench
from ringfence.cli.witness.canaries import Canaries
from ringfence.cli.witness.evidence import Examined, Probe, Seen, Stand, Verdict
from ringfence.cli.witness.examine import check_claims, examine_engines, probes_for, take_probe
from ringfence.engine import Availability, Capabilities, Engine, Guest, Image, ImageSpec
from ringfence.errors import EngineFailure, PolicyNotEnforceable
from ringfence.model import FULL_WALLS, Limits, Policy, WallSet
from ringfence.model.limits import LIMIT_NAMES
from ringfence.model.policy import WALLS
from ringfence.runtime import session
from ringfence.runtime.registry import describe_engines, find_engine
from ringfence_guest.protocol.turn import Budget
from tests.support.guests import SocketEngine, TestImage

FULL = FULL_WALLS[0]
LIMITS = frozenset(LIMIT_NAMES)


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with Canaries() as canaries:
        yield canaries


@pytest.fixture(scope="module", autouse=True)
def _native() -> None:
    availability = describe_engines()["native"].availability
    if FULL not in availability.walls:
        pytest.skip(f"native cannot run here: {dict(availability.missing)}")


def take(engine: Engine, canaries: Canaries, subject: str, kind: str) -> list[tuple[str, Seen]]:
    """What every probe of a subject sees."""
    bench = Bench(engine, FULL, canaries)
    chosen = [one for one in probes_for(FULL) if (one.kind, one.subject) == (kind, subject)]
    assert chosen
    return [(probe.claim, probe.take(bench)) for probe in chosen]


def verdicts(seen: list[tuple[str, Seen]]) -> set[Verdict]:
    return {one.verdict for _, one in seen}


def no_news(text: str, fraction: float) -> None:
    assert text
    assert 0 <= fraction <= 1


# --- what is put to the test -------------------------------------------------------------------


def test_every_limit_is_put_to_the_test() -> None:
    assert {probe.subject for probe in probes_for(FULL) if probe.kind == "limit"} == LIMITS


def test_every_wall_of_an_installed_engine_has_a_witness() -> None:
    for info in describe_engines().values():
        for walls in info.capabilities.walls:
            told = {probe.subject for probe in probes_for(walls) if probe.kind == "wall"}
            assert told == walls
            assert not [probe for probe in probes_for(walls) if probe.claim == "pass it"]


@pytest.mark.parametrize("wall", sorted(WALLS - FULL - {"wasm"}))
def test_a_wall_without_a_witness_is_one_that_fell(wall: str) -> None:
    (probe,) = (one for one in probes_for(frozenset({wall})) if one.kind == "wall")
    no_bench: Any = None
    seen = probe.take(no_bench)
    assert (seen.verdict, seen.text) == ("fell", "there is no witness for this wall")


def test_everything_that_a_policy_can_ask_for_is_put_to_the_test() -> None:
    asked = {probe.subject for probe in probes_for(FULL) if probe.kind == "grant"}
    assert asked == set(Policy.__dataclass_fields__) - {"walls"}


# --- no walls at all ---------------------------------------------------------------------------


class BoastfulImage(TestImage):
    """Says that everything is enforced."""

    walls: WallSet = FULL
    enforced: Mapping[str, str] = dict.fromkeys([*LIMITS, "network", "files", "processes"], "hope")


class BoastfulEngine(SocketEngine):
    """A plain process that says it stands behind the full set of walls."""

    name = "boastful"
    capabilities = Capabilities(walls=(FULL,), limits=LIMITS, read=True, threads=True)

    def image(self, spec: ImageSpec) -> BoastfulImage:
        return BoastfulImage(self)


# What the host itself enforces, whatever the guest is; and what separate processes give for free.
WITHOUT_WALLS = {
    "wall", "host_wall", "cpu", "output", "display", "calls", "value",
    "isolation", "siblings", "successors", "random numbers", "crashes", "cancel", "exceptions",
    # This engine starts its processes with an empty environment and without the host's files.
    "environment", "descriptors",
}  # fmt: skip
MADE_BY_WALLS = FULL | {
    "files", "network", "processes", "memory", "threads", "disk", "fuel", "steps", "read",
    "deterministic",
}  # fmt: skip


@pytest.fixture(scope="module")
def boastful() -> tuple[Examined, ...]:
    return examine_engines([BoastfulEngine()], no_news)


def test_without_walls_every_witness_of_a_wall_falls(boastful: tuple[Examined, ...]) -> None:
    (stand,) = boastful[0].stands
    by_verdict: dict[bool, set[str]] = {True: set(), False: set()}
    for one in stand.evidence:
        if one.subject == "cpu_share":  # on a busy machine nobody gets more than a share
            continue
        if one.claim == "open its own library for writing" and os.geteuid():
            continue  # an ordinary user could not without walls either
        by_verdict[one.verdict == "fell"].add(one.subject)
    assert by_verdict == {True: MADE_BY_WALLS, False: WITHOUT_WALLS}


def test_without_walls_the_verdict_is_that_it_fell(
    boastful: tuple[Examined, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor._status(boastful) == exits.FELL
    doctor._print_verdict(make_console(), boastful, exits.FELL)
    told = capsys.readouterr().out
    assert "FELL: boastful, seccomp: call mount: " in told
    assert "do not run what you do not trust on this machine" in told


# --- one thing taken away ----------------------------------------------------------------------


class Weakened:
    """The native engine, less one thing: limits that it is told are loosened, or another image
    stands for the one that was asked for.
    """

    name = "weakened"

    def __init__(
        self, loosen: Callable[[Limits], Limits] = lambda limits: limits, walls: WallSet = FULL
    ) -> None:
        self._inner = find_engine("native")
        self._loosen = loosen
        self._walls = walls
        self.capabilities = replace(self._inner.capabilities, walls=(FULL,))

    def availability(self) -> Availability:
        return Availability((FULL,))

    def image(self, spec: ImageSpec) -> Image:
        policy = replace(spec.policy, walls=[self._walls])
        return WeakenedImage(self._inner.image(replace(spec, policy=policy)), self._loosen)


class WeakenedImage:
    walls = FULL

    def __init__(self, inner: Image, loosen: Callable[[Limits], Limits]) -> None:
        self._inner = inner
        self._loosen = loosen
        self.enforced = inner.enforced

    @property
    def alive(self) -> bool:
        return self._inner.alive

    def start(self, limits: Limits) -> Guest:
        return self._inner.start(self._loosen(limits))

    def prepare(self, limits: Limits) -> None:
        pass

    def explain(self, limits: Limits) -> Mapping[str, Any]:
        return self._inner.explain(limits)

    def close(self) -> None:
        self._inner.close()


LOOSER: dict[str, Callable[[Limits], Limits]] = {
    "memory": lambda limits: limits.replace(memory="1GiB"),
    "threads": lambda limits: limits.replace(threads=64),
    "disk": lambda limits: limits.replace(disk=64 << 20, memory=int(limits.memory) + (64 << 20)),
    "files": lambda limits: limits.replace(files=1_000),
}


@pytest.mark.parametrize("limit", LOOSER)
def test_a_limit_that_the_engine_does_not_keep_falls(canaries: Canaries, limit: str) -> None:
    engine = Weakened(LOOSER[limit])
    assert verdicts(take(engine, canaries, limit, "limit")) == {"fell"}
    for other in LOOSER.keys() - {limit}:
        assert verdicts(take(engine, canaries, other, "limit")) == {"stood"}


HOST_SIDE: dict[str, dict[str, Any]] = {
    "wall": {"wall": 60.0},
    "host_wall": {"host_wall": 60.0},
    "cpu": {"cpu": 60.0},
    "output": {"output": 1 << 30},
    "display": {"display": 1 << 30},
    "calls": {"calls": 1 << 30},
}


@pytest.mark.parametrize("limit", HOST_SIDE)
def test_a_limit_that_the_host_does_not_keep_falls(
    canaries: Canaries, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = session._budget

    def loosened(limits: Limits) -> Budget:
        return replace(honest(limits), **HOST_SIDE[limit])

    monkeypatch.setattr(session, "_budget", loosened)
    seen = take(find_engine("native"), canaries, limit, "limit")
    assert {claim: one.verdict for claim, one in seen} == dict.fromkeys(dict(seen), "fell")


def test_a_missing_landlock_falls_alone(canaries: Canaries) -> None:
    weaker = frozenset({"namespaces", "seccomp"})
    if weaker not in find_engine("native").availability().walls:
        pytest.skip("needs {namespaces, seccomp}")
    engine = Weakened(walls=weaker)
    assert verdicts(take(engine, canaries, "landlock", "wall")) == {"fell"}
    for wall in weaker:
        assert verdicts(take(engine, canaries, wall, "wall")) == {"stood"}


def test_an_engine_that_refuses_what_it_promises_falls(canaries: Canaries) -> None:
    class Refusing(Weakened):
        def image(self, spec: ImageSpec) -> Image:
            if spec.limits.memory != Limits().memory:
                raise PolicyNotEnforceable(
                    "native: no\n  {landlock, namespaces, seccomp}: not today"
                )
            return super().image(spec)

    engine = Refusing()
    bench = Bench(engine, FULL, canaries)
    probe = next(one for one in probes_for(FULL) if one.subject == "memory")
    promised = take_probe(probe, bench, engine.capabilities)
    assert (promised.verdict, promised.seen) == (
        "fell",
        "refused, although its capabilities promise it: not today",
    )
    free = take_probe(probe, bench, None)
    assert (free.verdict, free.seen) == ("refused", "not today")


class Restated(Weakened):
    """The native engine, whose images say something else of themselves."""

    def __init__(self, **said: Any) -> None:
        super().__init__()
        self._said = said

    def image(self, spec: ImageSpec) -> Image:
        image = super().image(spec)
        for name, value in self._said.items():
            setattr(image, name, value)
        return image


def test_an_honest_result_has_no_evidence_against_it(canaries: Canaries) -> None:
    assert list(check_claims(Bench(Weakened(), FULL, canaries))) == []


def test_a_result_that_does_not_say_what_enforces_a_limit_falls(canaries: Canaries) -> None:
    honest = Bench(Weakened(), FULL, canaries).first.enforced
    for silent in ("output", "network", "memory"):
        engine = Restated(enforced={k: v for k, v in honest.items() if k != silent})
        claims = check_claims(Bench(engine, FULL, canaries))
        assert [(one.subject, one.claim, one.verdict) for one in claims] == [
            (silent, "Result.enforced says what enforces it", "fell")
        ]


def test_walls_that_the_result_does_not_name_fall(canaries: Canaries) -> None:
    bench = Bench(Restated(walls=frozenset({"seccomp"})), FULL, canaries)
    assert [(one.kind, one.claim, one.seen) for one in check_claims(bench)] == [
        ("wall", "Result.walls says which walls stand", "it says {seccomp}")
    ]


def test_an_engine_that_cannot_start_what_it_says_it_can_falls() -> None:
    class Broken(Weakened):
        def image(self, spec: ImageSpec) -> Image:
            raise EngineFailure("no such luck\nand more")

    examined = examine_engines([Broken()], no_news)
    (one,) = examined[0].fallen
    assert one.claim == "start a guest"
    assert one.seen == "EngineFailure: no such luck"
    assert doctor._status(examined) == exits.FELL


# --- verdicts ----------------------------------------------------------------------------------


def test_an_engine_without_walls_here_is_unavailable(capsys: pytest.CaptureFixture[str]) -> None:
    class Absent(Weakened):
        def availability(self) -> Availability:
            return Availability((), {"{everything}": "it rained"}, "wait for the sun")

    examined = examine_engines([Absent()], no_news)
    assert doctor._status(examined) == exits.UNAVAILABLE
    doctor._print_engine(make_console(), examined[0])
    told = capsys.readouterr().out
    assert "weakened: {everything} does not stand here\nit rained\n" in told
    assert "What would mend it\nwait for the sun\n" in told


def test_a_weaker_set_does_not_make_an_engine_available() -> None:
    weak = Stand(walls=frozenset({"seccomp"}), default=False, enforced={}, evidence=())
    full = Stand(walls=FULL, default=True, enforced={}, evidence=())
    engine = Weakened()
    examined = Examined(
        name="x",
        capabilities=engine.capabilities,
        availability=engine.availability(),
        stands=(weak,),
    )
    assert doctor._status([examined]) == exits.UNAVAILABLE
    assert doctor._status([replace(examined, stands=(full, weak))]) == exits.OK


def test_secrets_do_not_stay(canaries: Canaries) -> None:
    with Canaries() as own:
        folder = own.folder
        assert own.secret not in json.dumps(dict(own.told))
        assert own.reached() == ""
    assert not folder.exists()
    assert canaries.reached() == ""


def test_probes_are_told_apart() -> None:
    probes: tuple[Probe, ...] = probes_for(FULL)
    assert len({(one.kind, one.subject, one.claim) for one in probes}) == len(probes)
