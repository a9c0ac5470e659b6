"""The pocketpy engine: whether its image is there, and which jail its guests start in."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ringfence.engine import Availability, EvaluatorCapabilities
from ringfence.errors import (
    ConfigurationError,
    EngineNotAvailable,
    ImageNotBuilt,
    ImageNotUsable,
    PolicyNotEnforceable,
)
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.jail.syscalls import MACHINES
from ringfence.model.evaluation import Budget, Script
from ringfence.system.machine import machine_name
from ringfence.zygote.launch import StartFailed, ZygoteConfig, explain_exhausted
from ringfence.zygote.needs import why_no_zygote
from ringfence.zygote.shortage import EXHAUSTED
from ringfence.zygote.standing import try_walls
from ringfence.zygote.zygotes import Lease, Zygotes

if TYPE_CHECKING:
    from ringfence._engines.pocketpy.guest import PocketPyGuest
    from ringfence._engines.pocketpy.program import PocketPyProgram

__all__ = ["PocketPyEngine"]

_WALLS: Final = frozenset({"namespaces", "landlock", "seccomp"})
_PLACE: Final = "/pocketpy/libpocketpy.so.2"  # where the jail shows the library
_FETCH: Final = "fetch the image: ringfence image fetch pocketpy"
_JAIL: Final = "what a jail needs here is what the engine native needs: ringfence engines"
_MOST_SCRIPTS: Final = 10_000
_MOST_SOURCE: Final = 1 << 20
_MOST_SOURCES: Final = 16 << 20
_UNBOUNDED: Final = 4 << 30
_CPU: Final = 30.0


class PocketPyEngine:
    """PocketPy in the kernel jail: thousands of short calls of scripts that were written for it.

    The library is memory-unsafe, and harmless code crashes it. It is loaded in the jail alone,
    behind all of its walls, and what comes out of there is believed nothing.

    Args:
        locked: whether scripts lose ``os``, ``eval``, ``import`` and their like. That is policy;
            without it the jail is what stands, as the tests show.
    """

    name = "pocketpy"
    capabilities = EvaluatorCapabilities(
        walls=_WALLS,
        budgets=frozenset({"recursion", "memory", "wall", "output", "records"}),
        of_guest=frozenset({"memory"}),
        scripts=True,
        prelude=True,
        records=True,
        states=frozenset({"loaded", "fresh", "kept"}),
        integers=64,
        generator_expressions=False,
        enforced={
            "memory": "RLIMIT_DATA of the guest's process",
            "recursion": "frames counted by the interpreter",
            "wall": "progress word in shared memory; the guest is killed",
            "records": "shared memory of that size",
        },
    )

    def __init__(self, *, locked: bool = True) -> None:
        self._locked = locked
        self._lock = threading.Lock()
        self._availability: Availability | None = None
        self._library: Path | None = None
        self._zygotes = Zygotes()

    # --- what stands -----------------------------------------------------------------------

    def availability(self) -> Availability:
        """Whether it can run here, found by trying. Cached once its image is there."""
        with self._lock:
            if self._availability is None:
                try:
                    library = self._find()
                except EngineNotAvailable as error:
                    return Availability((), {"image": str(error)}, _FETCH)
                standing, missing = try_walls(
                    self._zygotes, [_WALLS], lambda _: self._config(library, Budget())
                )
                remedy = "" if standing else _JAIL
                self._availability = Availability(tuple(standing), missing, remedy)
            return self._availability

    def _find(self) -> Path:
        """The library, checked once.

        Raises:
            EngineNotAvailable: it was not fetched, or there is none for this machine.
        """
        if self._library is None:
            from ringfence.images.pocketpy.fetch import find_library

            try:
                self._library = find_library()
            except (ImageNotUsable, ImageNotBuilt) as error:
                raise EngineNotAvailable(f"pocketpy: {error}") from error
        return self._library

    def _config(self, library: Path, budget: Budget) -> ZygoteConfig:
        """The zygote, as data.

        Raises:
            PolicyNotEnforceable: there is no filter for this architecture, or no Landlock.
        """
        lacking = why_no_zygote()
        if lacking is not None:
            raise PolicyNotEnforceable(lacking)
        machine = machine_name()
        if machine not in MACHINES:
            raise PolicyNotEnforceable(f"no system-call filter for {machine}")
        from ringfence.jail import libc  # where a zygote can stand

        abi = libc.landlock_abi()
        if not abi:
            raise PolicyNotEnforceable("the kernel has no Landlock")
        # The tree of the jail has one file, which is loaded before the first guest: guests have no
        # call that takes a path.
        profile = Profile(
            walls=_WALLS,
            mounts=((str(library), _PLACE),),
            landlock_abi=abi,
            paths=False,
            scratch=False,
            machine=machine,
        )
        return ZygoteConfig(
            command=(sys.executable, "-I", "-S", "-B"),
            environment=(("LC_ALL", "C.UTF-8"), ("LD_BIND_NOW", "1"), ("MALLOC_ARENA_MAX", "1")),
            profile=profile,
            program="ringfence._engines.pocketpy.worker",
            settings=json.dumps(
                {"library": _PLACE, "records": int(budget.records), "locked": self._locked}
            ),
        )

    # --- programs --------------------------------------------------------------------------

    def compile(
        self,
        scripts: Sequence[Script],
        *,
        prelude: str = "",
        budget: Budget | None = None,
    ) -> PocketPyProgram:
        """Load scripts; see :meth:`ringfence.engine.Evaluator.compile`."""
        if not scripts or len(scripts) > _MOST_SCRIPTS:
            raise ConfigurationError(f"a program has 1 to {_MOST_SCRIPTS} scripts")
        if not all(isinstance(one, Script) for one in scripts):
            raise ConfigurationError("scripts must be ringfence.model.evaluation.Script")
        if type(prelude) is not str or "\0" in prelude:
            raise ConfigurationError("prelude must be a text without NUL")
        texts = (prelude, *(one.source for one in scripts))
        if max(map(len, texts)) > _MOST_SOURCE or sum(map(len, texts)) > _MOST_SOURCES:
            raise ConfigurationError(
                f"a script has at most {_MOST_SOURCE:,} characters, and a program {_MOST_SOURCES:,}"
            )
        from ringfence._engines.pocketpy.program import PocketPyProgram, refuse_budget

        budget = budget or Budget()
        refuse_budget(budget)
        lease = self._acquire(budget)
        memory = _UNBOUNDED if budget.memory is None else int(budget.memory)
        numbers = GuestLimits(memory=memory, disk=0, files=0, threads=0, cpu=_CPU)
        try:
            return PocketPyProgram(
                tuple(scripts),
                prelude,
                budget,
                _WALLS,
                lambda: _spawn(lease, numbers, int(budget.records)),
                lease.release,
            )
        except BaseException:
            lease.release()
            raise

    def _acquire(self, budget: Budget) -> Lease:
        """A zygote with room for so many records.

        Raises:
            EngineNotAvailable: a wall does not stand here.
            EngineFailure: the machine has run out of something.
        """
        library = self._find()
        try:
            return self._zygotes.acquire(self._config(library, budget), None)
        except StartFailed as error:
            if error.errno in EXHAUSTED:
                raise explain_exhausted(error) from error
            raise EngineNotAvailable(f"pocketpy: {error}\n{_JAIL}") from error
        except PolicyNotEnforceable as error:
            raise EngineNotAvailable(f"pocketpy: {error}\n{_JAIL}") from error

    def close(self) -> None:
        """End every zygote of this engine, and with them their guests."""
        self._zygotes.close()


def _spawn(lease: Lease, numbers: GuestLimits, records: int) -> PocketPyGuest:
    """A guest with nothing in it.

    Raises:
        EngineFailure: the machine has run out of something.
    """
    from ringfence._engines.pocketpy.guest import PocketPyGuest
    from ringfence._engines.pocketpy.memory import shared_memory
    from ringfence._engines.pocketpy.window import Window
    from ringfence.zygote.guest import ProcessGuest

    window = Window(records)
    zygote = lease.zygote
    with shared_memory(window.size) as (memory, descriptor):
        process = ProcessGuest(zygote, *zygote.spawn(numbers, (descriptor,)))
    return PocketPyGuest(process, window, memory)
