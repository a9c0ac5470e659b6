"""The native engine: which jail a request gets, and whether the machine can build it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ringfence._engines.native.enforcement import unenforceable
from ringfence._engines.native.image import NativeImage
from ringfence._engines.native.interpreter import Interpreter, describe_interpreter
from ringfence.engine import Availability, Capabilities, ImageSpec
from ringfence.errors import (
    EngineFailure,
    EngineNotAvailable,
    InterpreterNotUsable,
    PolicyNotEnforceable,
)
from ringfence.jail.profile import Profile
from ringfence.jail.syscalls import MACHINES
from ringfence.model import WallSet
from ringfence.model.policy import describe_walls
from ringfence.system.machine import machine_name
from ringfence.zygote.launch import StartFailed, ZygoteConfig, explain_exhausted
from ringfence.zygote.needs import why_no_zygote
from ringfence.zygote.shortage import EXHAUSTED
from ringfence.zygote.standing import try_walls
from ringfence.zygote.zygotes import Zygotes

if TYPE_CHECKING:
    from ringfence._engines.native.wheels import LentWheels

__all__ = ["NATIVE_WALLS", "NativeEngine"]

NATIVE_WALLS: tuple[WallSet, ...] = (
    frozenset({"namespaces", "landlock", "seccomp"}),
    frozenset({"namespaces", "seccomp"}),
    frozenset({"landlock", "seccomp"}),
    frozenset({"seccomp"}),
)
"""The sets of walls there are, strongest first. Seccomp is in each: without it there is no jail."""

PACKAGES = "/packages"
"""Where guests with a mount namespace find the files of wheels."""

_LIMITS = frozenset(
    {
        "wall", "host_wall", "cpu", "output", "display", "calls", "value",
        "memory", "threads", "disk", "files",
    }
)  # fmt: skip

_USERNS_REMEDY = (
    "User namespaces are closed to this user. As root: sysctl user.max_user_namespaces=10000; on "
    "Ubuntu 23.10 and later: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor "
    "profile that allows userns for this program; in Docker: a seccomp profile that allows "
    "unshare, mount, setns and clone with CLONE_NEW* (--security-opt seccomp=FILE)."
)
_LANDLOCK_REMEDY = (
    "Landlock needs Linux 5.13 or later, built with it and booted with landlock in lsm=."
)
_WEAKER = {
    frozenset({"namespaces"}): ' Or accept a weaker set by name: Policy(walls=[{"landlock", '
    '"seccomp"}]) with Limits(threads=0, disk=0).',
    frozenset({"landlock"}): ' Or accept a set without it by name: Policy(walls=[{"namespaces", '
    '"seccomp"}]).',
    frozenset({"namespaces", "landlock"}): " Or accept a single wall by name: "
    'Policy(walls=[{"seccomp"}]) with Limits(threads=0, disk=0).',
}

_NO_ZYGOTE_REMEDY = "use engine='wasi', which runs there, or the engine of a service on Linux"

_ROOM, _MUCH_ROOM = 16, 48  # MiB: with NumPy an image fills 15, with pandas and matplotlib 40


class NativeEngine:
    """Native CPython in a kernel jail.

    Args:
        landlock_abi: use at most this Landlock ABI (0: none); None is what the kernel has.
    """

    name = "native"
    capabilities = Capabilities(
        walls=NATIVE_WALLS,
        limits=_LIMITS,
        packages=True,
        wheels=True,
        interpreters=True,
        read=True,
        cpu_share=True,
        tenant=True,
        threads=True,
        arenas=True,
        missing_modules=frozenset({"nis", "tkinter", "turtle"}),  # interpreter.py, _LEFT_OUT
    )

    def __init__(self, landlock_abi: int | None = None) -> None:
        self._landlock_most = landlock_abi
        self._availability: Availability | None = None
        self._failures: dict[WallSet, StartFailed | PolicyNotEnforceable] = {}
        self._lock = threading.Lock()
        self._zygotes = Zygotes()

    # --- what stands -----------------------------------------------------------------------

    def availability(self) -> Availability:
        with self._lock:
            if self._availability is None:
                self._availability = self._probe()
            return self._availability

    def _probe(self) -> Availability:
        """Start a jail of each kind, as a real request would, and see."""
        lacking = why_no_zygote()
        if lacking is not None:
            return Availability((), {"zygote": lacking}, _NO_ZYGOTE_REMEDY)
        try:
            interpreter = describe_interpreter(None)
        except InterpreterNotUsable as error:
            return Availability((), {"interpreter": str(error)}, "pass python=PATH")
        standing, missing = try_walls(
            self._zygotes,
            NATIVE_WALLS,
            lambda walls: self._config(walls, interpreter, ImageSpec()),
        )
        return Availability(tuple(standing), missing, self._remedy(_fallen(standing)))

    def _remedy(self, fallen: set[str]) -> str:
        """What would mend it, for walls that do not stand here."""
        if self._landlock_abi():
            fallen = fallen - {"landlock"}
        remedies = {"namespaces": _USERNS_REMEDY, "landlock": _LANDLOCK_REMEDY}
        parts = [remedy for wall, remedy in remedies.items() if wall in fallen]
        return "\n".join(parts) + _WEAKER.get(frozenset(fallen & remedies.keys()), "")

    def _landlock_abi(self) -> int:
        from ringfence.jail import libc  # Linux alone has it

        abi = libc.landlock_abi()
        return abi if self._landlock_most is None else min(abi, self._landlock_most)

    # --- images ----------------------------------------------------------------------------

    def image(self, spec: ImageSpec) -> NativeImage:
        if spec.policy.deterministic:
            raise PolicyNotEnforceable(
                "native: deterministic=True cannot be enforced: the clock is read without a system "
                "call (vDSO). Run twice and compare, or use an engine that fixes the clock"
            )
        lacking = why_no_zygote()
        if lacking is not None:
            raise EngineNotAvailable(f"native: {lacking}; {_NO_ZYGOTE_REMEDY}")
        wanted = [w for w in spec.policy.wall_sets if w in NATIVE_WALLS]
        if not wanted:
            offered = ", ".join(describe_walls(w) for w in NATIVE_WALLS)
            raise PolicyNotEnforceable(
                f"native: none of the accepted sets of walls is one of its own: {offered}"
            )
        interpreter = describe_interpreter(spec.python)
        refused: list[str] = []
        fallen: set[str] = set()
        for walls in wanted:
            reason = unenforceable(spec.limits, walls)
            if reason is not None:
                refused.append(f"{describe_walls(walls)}: {reason}")
                continue
            try:
                return self._image(walls, interpreter, spec)
            except StartFailed as error:
                fallen.add(error.stage)
                refused.append(f"{describe_walls(walls)}: {error}")
            except PolicyNotEnforceable as error:
                fallen |= walls & {"landlock"}
                refused.append(f"{describe_walls(walls)}: {error}")
        if fallen:  # one wall that fell may hide another
            fallen |= _fallen(self.availability().walls)
        remedy = self._remedy(fallen)
        raise PolicyNotEnforceable(
            "native: no accepted set of walls stands here.\n  "
            + "\n  ".join(refused)
            + (f"\n{remedy}" if remedy else "")
        )

    def _image(self, walls: WallSet, interpreter: Interpreter, spec: ImageSpec) -> NativeImage:
        lent = None
        if spec.wheels:
            if walls.isdisjoint({"namespaces", "landlock"}):
                raise PolicyNotEnforceable(
                    f"wheels cannot be lent with {describe_walls(walls)}: the guest has no path "
                    "calls"
                )
            from ringfence._engines.native.wheels import lend_wheels

            lent = lend_wheels(spec, interpreter)
        config = self._config(walls, interpreter, spec, lent)
        owner = object() if spec.policy.isolation == "tenant" else None
        try:
            lease = self._zygotes.acquire(config, owner)
        except StartFailed as error:
            raise _explain_start(error, spec, config) from error
        try:
            return NativeImage(lease, config.profile, spec, lent)
        except BaseException:
            lease.release()
            raise

    def _config(
        self,
        walls: WallSet,
        interpreter: Interpreter,
        spec: ImageSpec,
        lent: LentWheels | None = None,
    ) -> ZygoteConfig:
        """The jail for a request, as data.

        Raises:
            PolicyNotEnforceable: the kernel lacks a wall, or the architecture has no filter.
        """
        import ringfence_guest

        if not os.path.exists("/proc/self/fdinfo"):
            raise PolicyNotEnforceable("/proc is not mounted; the jail is built through it")
        profile_machine = machine_name()
        if profile_machine not in MACHINES:
            raise PolicyNotEnforceable(f"no system-call filter for {profile_machine}")
        abi = self._landlock_abi() if "landlock" in walls else 0
        if "landlock" in walls and abi == 0:
            raise PolicyNotEnforceable("the kernel has no Landlock")
        imports: tuple[str, ...] = ()
        notes: tuple[str, ...] = ()
        package_paths: tuple[str, ...] = ()
        sys_path: tuple[str, ...] = ()
        library_path = interpreter.library_path
        packages = None
        if lent is not None:
            packages = lent.packages
        elif spec.packages:
            # Not imported before it is needed: it costs more than a guest.
            from ringfence._engines.native.packages import resolve

            packages = resolve(spec.packages, interpreter)
        if packages is not None:
            imports, package_paths, notes = packages.imports, packages.paths, packages.notes
            sys_path = packages.sys_path
            library_path = (*library_path, *packages.library_path)
        guest = os.path.dirname(os.path.abspath(ringfence_guest.__file__))
        namespaces = "namespaces" in walls
        paths = namespaces or abi > 0
        wheels_path = None
        mounts: tuple[tuple[str, str], ...] = ((guest, "/ringfence/ringfence_guest"),)
        if lent is not None:
            wheels_path = PACKAGES if namespaces else lent.folder
            mounts = (*mounts, (lent.folder, PACKAGES))
            if not namespaces:
                package_paths = (*package_paths, lent.folder)
        profile = Profile(
            walls=walls,
            read=(*interpreter.paths, *package_paths, *spec.policy.read_paths) if paths else (),
            masks=interpreter.masks if paths else (),
            list=(*sys_path, *((wheels_path,) if wheels_path else ())) if paths else (),
            mounts=mounts,
            landlock_abi=abi,
            paths=paths,
            scratch=namespaces,
            machine=profile_machine,
        )
        if not namespaces and _gives_up_root():
            _check_reachable((interpreter.executable, interpreter.stdlib, guest, *package_paths))
        if spec.policy.read_paths and not paths:
            raise PolicyNotEnforceable(
                f"read= cannot be granted with {describe_walls(walls)}: the guest has no path calls"
            )
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
        environment["LD_BIND_NOW"] = "1"  # symbols are looked up once here, not in every guest
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            environment[name] = "1"
        if library_path:
            environment["LD_LIBRARY_PATH"] = ":".join(dict.fromkeys(library_path))
        return ZygoteConfig(
            command=(interpreter.executable, "-I", "-S", "-B"),
            environment=tuple(sorted(environment.items())),
            profile=profile,
            program="ringfence._engines.native.program",
            room=_ROOM if {"numpy"}.issuperset(imports) else _MUCH_ROOM,
            settings=json.dumps(
                {
                    "imports": imports,
                    "sys_path": sys_path,
                    "wheels": wheels_path,
                    "guest_home": "/ringfence" if namespaces else os.path.dirname(guest),
                    "eager": spec.policy.cpu_share is None,  # it would be spent on looking
                }
            ),
            notes=notes,
        )

    def close(self) -> None:
        """End every zygote of this engine, and with them their guests."""
        self._zygotes.close()


def _fallen(standing: Iterable[WallSet]) -> set[str]:
    """The walls, of those that may fall, that are in no set that stands."""
    return {"namespaces", "landlock"} - {wall for walls in standing for wall in walls}


def _gives_up_root() -> bool:
    """Whether guests are another user than this process, which is root."""
    from ringfence.jail.namespaces import may_change_user

    return os.geteuid() == 0 and may_change_user()


def _check_reachable(paths: tuple[str, ...]) -> None:
    """Without a mount namespace, root gives up its rights before anything is imported.

    Raises:
        PolicyNotEnforceable: an unprivileged user cannot reach what the guest needs.
    """
    for path in paths:
        here = os.path.realpath(path)
        while here != "/":
            if not os.stat(here).st_mode & (0o001 if os.path.isdir(here) else 0o004):
                raise PolicyNotEnforceable(
                    f"{path} cannot be read once root's rights are given up ({here} is closed to "
                    "others), and without a mount namespace nothing else can show it; pass "
                    "python= an interpreter that everybody can read, or run as an ordinary user"
                )
            here = os.path.dirname(here)


def _is_wall_failure(error: StartFailed) -> bool:
    """Whether a wall cannot stand here; that the machine has run out of something is no reason to
    go on with a weaker set.
    """
    stages = ("namespaces", "landlock", "seccomp", "privileges")
    return error.stage in stages and error.errno not in EXHAUSTED


def _explain_start(error: StartFailed, spec: ImageSpec, config: ZygoteConfig) -> EngineFailure:
    """The error that the caller sees; a StartFailed is about a wall, and another set may do."""
    if _is_wall_failure(error):
        return error
    names = ", ".join(spec.packages)
    if error.stage == "packages":
        odd = "".join(f"\n  {note}" for note in config.notes)
        return EngineFailure(
            f"packages={names}: importing them in the jail failed: {error.text}{odd}"
        )
    if error.errno in EXHAUSTED:
        return explain_exhausted(error)
    if names and error.stage in ("start", "check"):
        return EngineFailure(f"packages={names}: {error}")
    return EngineFailure(str(error))
