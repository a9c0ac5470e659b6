"""Takes the evidence: every engine, behind every set of walls that it can build here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ringfence.cli.witness.apart import APART
from ringfence.cli.witness.bench import Bench
from ringfence.cli.witness.canaries import Canaries
from ringfence.cli.witness.denials import DENIALS
from ringfence.cli.witness.evidence import Evidence, Examined, Kind, Probe, Seen, Stand, fell
from ringfence.cli.witness.grants import GRANTS
from ringfence.cli.witness.limits import LIMITS
from ringfence.cli.witness.walls import probes_of_wall
from ringfence.engine import Capabilities, Engine
from ringfence.errors import ConfigurationError, PolicyNotEnforceable, RingfenceError
from ringfence.model import FULL_WALLS, WallSet
from ringfence.model.limits import LIMIT_NAMES
from ringfence.model.policy import describe_walls

__all__ = ["check_claims", "examine_engines", "probes_for", "take_probe"]

Tell = Callable[[str, float], None]
"""Called with what is being tried, and how much is done, from 0 to 1."""

_ALWAYS = ("network", "files", "processes")
_OFF = ("fuel", "steps")  # not asked for, unless a value is given


def probes_for(walls: WallSet) -> tuple[Probe, ...]:
    """Everything that is tried behind a set of walls."""
    wasm = "wasm" in walls
    of_walls = [p for wall in sorted(walls) for p in probes_of_wall(wall, around_wasm=wasm)]
    return (*of_walls, *DENIALS, *LIMITS, *GRANTS, *APART)


def examine_engines(
    engines: Iterable[Engine], tell: Tell, python: str | None = None
) -> tuple[Examined, ...]:
    """Try everything on each engine. Takes seconds for each set of walls.

    Args:
        engines: which.
        tell: told what is being tried.
        python: the interpreter of the guests, by path; None for the host's own. An engine that
            cannot choose is examined with the one that it has.

    Raises:
        ConfigurationError: the interpreter will not do.
    """
    several = tuple(engines)
    with Canaries() as canaries:
        return tuple(
            _examine(engine, canaries, _part(tell, number, len(several)), python)
            for number, engine in enumerate(several)
        )


def _part(tell: Tell, number: int, of: int) -> Tell:
    return lambda text, fraction: tell(text, (number + fraction) / of)


def _examine(engine: Engine, canaries: Canaries, tell: Tell, python: str | None) -> Examined:
    tell(f"{engine.name}: what can stand here", 0.0)
    if not engine.capabilities.interpreters:
        python = None
    availability = engine.availability()
    sets = availability.walls
    stands = tuple(
        _stand(engine, walls, canaries, _part(tell, number, len(sets)), python)
        for number, walls in enumerate(sets)
    )
    return Examined(
        name=engine.name,
        capabilities=engine.capabilities,
        availability=availability,
        stands=stands,
    )


def _stand(
    engine: Engine, walls: WallSet, canaries: Canaries, tell: Tell, python: str | None
) -> Stand:
    default = walls in FULL_WALLS
    try:
        bench = Bench(engine, walls, canaries, python)
    except ConfigurationError:  # the interpreter, which is the caller's choice
        raise
    except RingfenceError as error:
        # The engine said that these walls stand.
        first = Probe("wall", "+".join(sorted(walls)), "start a guest", lambda bench: fell(""))
        seen = fell(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
        return Stand(
            walls=walls, default=default, enforced={}, evidence=(_evidence(first, seen, {}),)
        )
    enforced = bench.first.enforced
    evidence = [
        *check_claims(bench),
        *_taken(bench, engine.name, engine.capabilities if default else None, tell),
    ]
    return Stand(walls=walls, default=default, enforced=enforced, evidence=tuple(evidence))


def check_claims(bench: Bench) -> Iterable[Evidence]:
    """The evidence against what a result says of itself, before anything is tried."""
    result, walls = bench.first, bench.walls
    if result.walls != walls:
        yield Evidence(
            kind="wall",
            subject="+".join(sorted(walls)),
            claim="Result.walls says which walls stand",
            mechanism="",
            seen=f"it says {describe_walls(result.walls)}",
            verdict="fell",
        )
    for name in (*LIMIT_NAMES, *_ALWAYS):
        if name not in result.enforced and name not in _OFF:
            yield Evidence(
                kind="limit" if name in LIMIT_NAMES else "denial",
                subject=name,
                claim="Result.enforced says what enforces it",
                mechanism="",
                seen="it does not say",
                verdict="fell",
            )


def _taken(
    bench: Bench, name: str, promised: Capabilities | None, tell: Tell
) -> Iterable[Evidence]:
    probes = probes_for(bench.walls)
    for number, probe in enumerate(probes):
        tell(f"{name}: {probe.claim}", number / len(probes))
        yield take_probe(probe, bench, promised)


def take_probe(probe: Probe, bench: Bench, promised: Capabilities | None = None) -> Evidence:
    """Try one thing.

    Args:
        probe: what to try.
        bench: where.
        promised: what the engine must not refuse; None lets it refuse anything.
    """
    try:
        seen = probe.take(bench)
    except PolicyNotEnforceable as refusal:
        seen = _judge_refusal(probe, promised, bench.walls, refusal)
    except RingfenceError as error:
        seen = fell(f"{type(error).__name__}: {error}")
    return _evidence(probe, seen, bench.first.enforced)


def _judge_refusal(
    probe: Probe, promised: Capabilities | None, walls: WallSet, refusal: PolicyNotEnforceable
) -> Seen:
    """A refusal is honest, unless the engine's capabilities promise what it refuses."""
    reason = str(refusal).strip().rpartition("\n")[2].strip()
    reason = reason.removeprefix(f"{describe_walls(walls)}: ")
    if promised is not None and probe.kind == "limit" and probe.subject in promised.limits:
        return fell(f"refused, although its capabilities promise it: {reason}")
    return Seen("refused", reason)


def _key(kind: Kind, subject: str) -> str:
    """The key of ``Result.enforced``: there ``files`` means which files a guest can see, and how
    many it can make goes with ``disk``.
    """
    return "disk" if (kind, subject) == ("limit", "files") else subject


def _evidence(probe: Probe, seen: Seen, enforced: Mapping[str, str]) -> Evidence:
    return Evidence(
        kind=probe.kind,
        subject=probe.subject,
        claim=probe.claim,
        mechanism=enforced.get(_key(probe.kind, probe.subject), ""),
        seen=seen.text,
        verdict=seen.verdict,
    )
