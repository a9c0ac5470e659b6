"""Where a fresh start spends its time: ``python -m bench --profile start``.

Two looks at the same thing. *By the clock*: ``ringfence.run()`` reports what it does to the tracing
seam, and the guest's code says when it was reached (both sides read the same CLOCK_MONOTONIC).
*By the account*: a sandbox is started without a turn and left to come to rest, then runs one turn,
then a second; the kernel's CPU clocks and counts of page faults of host, zygote and guest are read
in between. What the clock shows beyond the account is waiting and waking up.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import ringfence
from bench import peers
from bench.inside import Cost, cost_of, host_pid, own_cost, parent_of, state_of
from bench.plan import Plan
from bench.progress import Progress
from ringfence.runtime.trace import TraceEvent

__all__ = ["show_start"]

_CLOCK = "import time\n(time.monotonic(), time.process_time())"
_REST = 0.003
_PATIENCE = 2.0

_Found = dict[str, list[float]]


def show_start(plan: Plan, progress: Progress) -> None:
    """Measure and print, for the standard library only and with NumPy."""
    images: Mapping[str, tuple[str, ...]] = {"standard library": (), "NumPy": ("numpy",)}
    progress.begin("profile of a fresh start", 2 * len(images) * plan.profile_rounds)
    for name, packages in images.items():
        clock = _by_clock(plan, packages, progress)
        account, faults = _by_account(plan, packages, progress)
        print(f"\nA fresh start, {name}: medians of {plan.profile_rounds}, in microseconds")
        print("  by the clock, of one ringfence.run()")
        for phase, values in clock.items():
            print(f"    {phase:<58}{statistics.median(values) * 1e6:9.0f}")
        print(f"  by the account: CPU time{'':38}page faults")
        for phase, values in account.items():
            count = f"{statistics.median(faults[phase]):9.0f}" if phase in faults else ""
            print(f"    {phase:<58}{statistics.median(values) * 1e6:9.0f}{count}")


def _by_clock(plan: Plan, packages: tuple[str, ...], progress: Progress) -> _Found:
    """Seconds of each phase of a run, one list entry for each round."""
    events: list[TraceEvent] = []
    found: _Found = {}
    for number in range(plan.profile_rounds + 3):
        time.sleep(_REST)
        bare = time.monotonic()
        peers.start_bare()
        bare = time.monotonic() - bare
        time.sleep(_REST)
        events.clear()
        begin = time.monotonic()
        result = ringfence.run(_CLOCK, packages=packages, trace=events.append)
        end = time.monotonic()
        result.raise_for_status()
        if number < 3:
            continue
        reached, guest_cpu = result.value
        at = {event.kind: event.time for event in events}
        phases = {
            "host: arguments checked, spawn request sent": at["start"] - begin,
            "host: first request encoded": at["turn_start"] - at["start"],
            "until the guest's first line (wake-up, fork, jail, decoding)": reached
            - at["turn_start"],
            "  of it, CPU of the new process": guest_cpu,
            "  of it, the rest (zygote, fork, scheduling)": reached - at["turn_start"] - guest_cpu,
            "first line to the result at the host": at["turn_end"] - reached,
            "kill sent, descriptors closed": end - at["turn_end"],
            "all of ringfence.run()": end - begin,
            "beside it: python -I -S -c pass": bare,
        }
        for phase, seconds in phases.items():
            found.setdefault(phase, []).append(seconds)
        progress.advance()
    return found


def _at_rest(pid: int) -> Cost:
    """What a guest has used once it waits for its first request.

    Raises:
        RuntimeError: it did not come to rest within two seconds.
    """
    until = time.monotonic() + _PATIENCE
    last = cost_of(pid)
    while time.monotonic() < until:
        time.sleep(_REST)
        now = cost_of(pid)
        if state_of(pid) == "S" and now == last:
            return now
        last = now
    raise RuntimeError("a guest did not come to rest")


@contextmanager
def _spending(
    found: _Found, faults: _Found, phase: str, read: Callable[[], Cost]
) -> Iterator[None]:
    """Adds to ``phase`` what ``read`` counts meanwhile."""
    before = read()
    yield
    spent = read().since(before)
    found.setdefault(phase, []).append(spent.cpu)
    faults.setdefault(phase, []).append(spent.faults)


def _by_account(plan: Plan, packages: tuple[str, ...], progress: Progress) -> tuple[_Found, _Found]:
    """(CPU seconds, page faults) of each phase, one list entry for each round."""
    found: _Found = {}
    faults: _Found = {}
    with ringfence.Sandbox(packages=packages) as first:
        zygote = parent_of(host_pid(first))
    for _ in range(plan.profile_rounds):
        time.sleep(_REST)

        with _spending(
            found, faults, "zygote: fork, reply, reseed, reap", partial(cost_of, zygote)
        ):
            box = ringfence.Sandbox(packages=packages)
            with _spending(found, faults, "host: Sandbox.start()", own_cost):
                box.start()
            pid = host_pid(box)
            confined = _at_rest(pid)
            found.setdefault("guest: confines itself, waits", []).append(confined.cpu)
            faults.setdefault("guest: confines itself, waits", []).append(confined.faults)
            for turn in ("first", "second"):
                with (
                    _spending(found, faults, f'guest: {turn} run("1+1")', partial(cost_of, pid)),
                    _spending(found, faults, f'host: {turn} run("1+1")', own_cost),
                ):
                    box.run("1+1").raise_for_status()
            with _spending(found, faults, "host: close()", own_cost):
                box.close()
            time.sleep(_REST)
        progress.advance()
    return found, faults
