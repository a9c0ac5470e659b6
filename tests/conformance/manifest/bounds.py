"""What bounds a guest: each limit, what reaching it looks like, and what survives."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conformance.requirements import Gap
from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_LIMITS = "design: Limits"


def _limit(
    name: str,
    behaviour: str,
    source: str = _LIMITS,
    *,
    security: bool = False,
    gaps: Mapping[str, Gap] | None = None,
) -> R:
    return R(behaviour, source, (f"limit:{name}",), security, gaps or {})


def _fuel(behaviour: str) -> R:
    return R(behaviour, "issue 4: item 2; design: Limits", ("limit:fuel",), security=True)


REQUIREMENTS = {
    "defaults.limits": R("Limits() is finite throughout and has the design's values.", _LIMITS),
    "defaults.policy": R("Policy() grants nothing and accepts full sets only.", "design: Policy"),
    "defaults.nothing-granted": R(
        "Without arguments a guest has no host file, no network, no host environment.",
        "design: Secure by default",
        security=True,
    ),
    "limits.units": R("Sizes are bytes or text, times seconds or timedelta.", _LIMITS),
    "limits.wall": _limit("wall", "A busy guest ends with limit wall, and lives."),
    "limits.wall-sleep": _limit("wall", "A sleeping guest ends with limit wall, and lives."),
    "limits.wall-rests": _limit("wall", "The wall clock rests while the guest waits for a call."),
    "limits.wall-not-free": _limit(
        "wall",
        "An open host call does not stop the clock of a guest that runs.",
        "trap 11",
        security=True,
    ),
    "limits.host-wall": _limit("host_wall", "Host functions share a time budget of their own."),
    "limits.host-wall-inline": _limit(
        "host_wall", "An inline host function is counted when it returns."
    ),
    "limits.cpu": _limit("cpu", "CPU time is bounded by the guest's own clock.", "trap 12"),
    "limits.cpu-threads": R(
        "The CPU time of all threads of the guest counts.", _LIMITS, ("limit:cpu", "threads")
    ),
    "limits.cpu-per-turn": _limit("cpu", "cpu bounds a turn, not the sandbox's life.", "trap 12"),
    "limits.output": _limit("output", "Output ends at the limit; what came before it is kept."),
    "limits.output-small-pieces": _limit(
        "output",
        "A program that prints many short lines is not charged a frame for each.",
        "issue 2: Build 3",
    ),
    "limits.display": _limit("display", "Displays end at their limit."),
    "limits.calls": _limit("calls", "Host calls end at their limit; none is made beyond it."),
    "limits.value-result": _limit("value", "A result beyond value is limit value."),
    "limits.value-argument": _limit("value", "An argument of a host call beyond value is too."),
    "limits.value-input": _limit("value", "A host's argument beyond value is refused by name."),
    "limits.value-answer": _limit(
        "value", "A host function's result beyond value is the host's failure, hidden."
    ),
    "limits.value-turn": _limit("value", "value may differ from turn to turn."),
    "limits.memory": _limit("memory", "Growth beyond memory is MemoryError, limit memory."),
    "limits.memory-caught": _limit("memory", "A guest may catch MemoryError and go on."),
    "limits.memory-small": _limit("memory", "The smallest memory is enough to run."),
    "limits.memory-input": _limit(
        "memory",
        "A request larger than the guest's memory is limit memory, not a crash.",
    ),
    "limits.memory-shared": R(
        "Shared anonymous memory is no way around the limit.",
        "trap 4",
        ("limit:memory", "module:mmap"),
        security=True,
    ),
    "limits.threads": R(
        "As many threads as granted, not one more.", _LIMITS, ("limit:threads", "threads")
    ),
    "limits.threads-printing": R(
        "Printing may use one thread, and works when none is left.",
        _LIMITS,
        ("limit:threads", "threads"),
    ),
    "limits.threads-none": R("threads=0 is a guest without threads that still prints.", _LIMITS),
    "limits.disk": _limit("disk", "Scratch files are bounded in bytes: OSError ENOSPC."),
    "limits.files": _limit("files", "Scratch files are bounded in number: OSError ENOSPC."),
    "limits.disk-none": R("disk=0 is a guest that can write no file.", _LIMITS),
    "limits.turn": R("Per-turn limits may differ per turn; per-sandbox ones are refused.", _LIMITS),
    "limits.grace": R(
        "A guest that ignores the interrupt is killed; alive says so.", "trap 12", security=True
    ),
    "limits.uncounted-refused": R(
        "fuel and steps are refused by an engine that cannot count them.",
        "design: A limit is enforced or refused",
    ),
    "fuel.exact": _fuel("A turn may use so many instructions, and not one more; then it ends."),
    "fuel.smallest": _fuel("A budget too small for the begin of a turn is a limit like any other."),
    "fuel.certain": _fuel("Whatever a program catches or computes, in Python or in C, it ends."),
    "fuel.usage": _fuel("usage.fuel says what each turn used, however it was asked for."),
    "fuel.turn": _fuel("Where it is counted, fuel may differ from turn to turn."),
    "fuel.sets-up-free": _fuel("What the host lends is set up without a charge."),
    "fuel.rollback": R(
        "After a turn that ran out of fuel, rollback brings back the state before it.",
        "issue 4: item 3",
        ("limit:fuel", "snapshot"),
    ),
    "fuel.snapshot": R(
        "A session that counts goes on from a snapshot of one that does not, and the other way.",
        "issue 4: item 3",
        ("limit:fuel", "snapshot"),
    ),
    "fuel.uncounted": R("usage.fuel is None where nothing is counted.", "design: what was used"),
    "limits.slow-reader": R(
        "Time that the caller of stream() takes between events is not the guest's.",
        _LIMITS,
    ),
}
