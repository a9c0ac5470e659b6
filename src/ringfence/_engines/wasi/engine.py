"""The wasi engine: which jail its workers get, and whether its image is there."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

from ringfence._engines.wasi.enforcement import MISSING_MODULES, unenforceable, ungrantable
from ringfence._engines.wasi.image import LentPackages, WasiImage
from ringfence.engine import Availability, Capabilities, ImageSpec
from ringfence.errors import (
    ConfigurationError,
    EngineNotAvailable,
    ImageNotUsable,
    PolicyNotEnforceable,
)
from ringfence.jail.profile import Profile
from ringfence.jail.syscalls import MACHINES
from ringfence.model import WallSet
from ringfence.model.policy import describe_walls
from ringfence.system.machine import machine_name
from ringfence.wasm.store import StoreLimits
from ringfence.zygote.launch import StartFailed, ZygoteConfig, explain_exhausted
from ringfence.zygote.needs import why_no_zygote
from ringfence.zygote.shortage import EXHAUSTED
from ringfence.zygote.standing import try_walls
from ringfence.zygote.zygotes import Zygotes

__all__ = ["WASI_WALLS", "WasiEngine"]

WASI_WALLS: tuple[WallSet, ...] = (
    frozenset({"wasm", "namespaces", "seccomp"}),
    frozenset({"wasm", "seccomp"}),
    frozenset({"wasm", "process"}),
)
"""The sets of walls there are, strongest first. The last is the worker process without a jail.

A worker with namespaces restricts itself with Landlock as well where the kernel has it. That is no
wall of its own here: seccomp leaves it no call that takes a path, so nothing could witness it.
"""

_LIMITS = frozenset(
    {
        "wall", "host_wall", "cpu", "fuel", "output", "display", "calls", "value",
        "memory", "threads", "disk", "files",
    }
)  # fmt: skip
_INSTALL = "install it: pip install 'ringfence[wasi]'"
_BUILD = "build the image: ringfence image build wasi"


class WasiEngine:
    """CPython in WebAssembly, in a worker process that is jailed where the machine can.

    ``engine="wasi"`` is this with the defaults. To have others, make one and pass it as
    ``engine=``; keep it, for each has images and worker processes of its own.

    Args:
        store: what a guest may have beside its memory.

    Raises:
        ConfigurationError: ``store`` is something else.
    """

    name = "wasi"
    capabilities = Capabilities(
        walls=WASI_WALLS,
        limits=_LIMITS,
        snapshot=True,
        wheels=True,
        deterministic=True,
        missing_modules=MISSING_MODULES,
    )

    def __init__(self, store: StoreLimits | None = None) -> None:
        if not isinstance(store, StoreLimits | None):
            raise ConfigurationError(
                f"store must be ringfence.StoreLimits(…), not {type(store).__name__}"
            )
        self._store = store or StoreLimits()
        self._lock = threading.Lock()
        self._availability: Availability | None = None
        self._code: dict[bool, Path] = {}
        self._zygotes = Zygotes()

    # --- what stands -----------------------------------------------------------------------

    def availability(self) -> Availability:
        """What stands here, found by trying. Cached."""
        with self._lock:
            if self._availability is None:
                self._availability = self._probe()
            return self._availability

    def _probe(self) -> Availability:
        try:
            code = self._find_code()
        except EngineNotAvailable as error:
            return Availability((), {"image": str(error)}, _BUILD if _has_wasmtime() else _INSTALL)
        standing, missing = try_walls(
            self._zygotes, WASI_WALLS, lambda walls: self._config(walls, code)
        )
        return Availability(tuple(standing), missing, _remedy(standing))

    def _find_code(self, *, counted: bool = False) -> Path:
        """The image's native code, checked once.

        Args:
            counted: that which counts its instructions.

        Raises:
            EngineNotAvailable: Wasmtime is not installed, or the image was not built.
        """
        if counted not in self._code:
            if not _has_wasmtime():
                raise EngineNotAvailable(f"wasi: Wasmtime is not installed; {_INSTALL}")
            from ringfence.images.wasi.build import CODE, COUNTED, find_image

            name = COUNTED if counted else CODE

            try:
                self._code[counted] = find_image(code=name) / name
            except ImageNotUsable as error:
                raise EngineNotAvailable(f"wasi: {error}") from error
        return self._code[counted]

    # --- images ----------------------------------------------------------------------------

    def image(self, spec: ImageSpec) -> WasiImage:
        """What guests of this kind start from; for the façade.

        Raises:
            ConfigurationError: ``store`` is less than the interpreter needs.
            PolicyNotEnforceable, EngineNotAvailable, EngineFailure: it cannot be had.
        """
        reason = ungrantable(spec) or unenforceable(spec.limits)
        if reason is not None:
            raise PolicyNotEnforceable(f"wasi: {reason}")
        wanted = _candidates(spec.policy.wall_sets)
        if not wanted:
            offered = ", ".join(describe_walls(w) for w in WASI_WALLS)
            raise PolicyNotEnforceable(
                f"wasi: none of the accepted sets of walls is one of its own: {offered}"
            )
        deterministic = spec.policy.deterministic
        counted = deterministic or spec.limits.fuel is not None
        code = self._find_code(counted=counted)
        module = self._look_into(code.parent)
        refused: list[str] = []
        for walls in wanted:
            try:
                packages = self._lend(walls, spec) if spec.wheels else None
                config = self._config(
                    walls, code, deterministic=deterministic, counted=counted, packages=packages
                )
                lease = self._zygotes.acquire(config, None)
                return WasiImage(
                    lease,
                    config.profile,
                    module,
                    deterministic=deterministic,
                    counted=counted,
                    alone=config.alone,
                    packages=packages,
                )
            except StartFailed as error:
                if error.errno in EXHAUSTED:
                    raise explain_exhausted(error) from error
                if error.stage == "packages":  # no other walls would mend it
                    raise
                refused.append(f"{describe_walls(walls)}: {error}")
            except PolicyNotEnforceable as error:
                refused.append(f"{describe_walls(walls)}: {error}")
        raise PolicyNotEnforceable(
            "wasi: no accepted set of walls stands here.\n  " + "\n  ".join(refused)
        )

    def _look_into(self, image: Path) -> str:
        """The name of its module.

        Raises:
            ConfigurationError: the interpreter needs more than it may have.
            ImageNotUsable: what was built is not on record.
        """
        from ringfence.images.wasi.build import name_module, read_needs

        self._store.refuse_less(read_needs(image))
        return name_module(image)

    def _lend(self, walls: WallSet, spec: ImageSpec) -> LentPackages:
        """Wheels, checked, and compiled if nobody has yet.

        Raises:
            WheelRefused, PackageNotAvailable: they cannot be lent.
            EngineFailure, ImageNotUsable: they cannot be compiled or kept here.
        """
        # Not imported before it is needed: it costs more than a guest.
        from ringfence._engines.wasi.packages import lend_wheels

        code = self._find_code()

        def compiler(archive: Mapping[str, str]) -> ZygoteConfig:
            settings = json.dumps({"code": str(code), "packages": archive})
            program = "ringfence._engines.wasi.compiler"
            return replace(self._config(walls, code), program=program, settings=settings)

        return lend_wheels(spec.wheels, code.parent.name, self._zygotes, compiler)

    def _config(
        self,
        walls: WallSet,
        code: Path,
        *,
        deterministic: bool = False,
        counted: bool = False,
        packages: LentPackages | None = None,
    ) -> ZygoteConfig:
        """The worker for a set of walls, as data.

        Raises:
            PolicyNotEnforceable: there is no filter for this architecture.
        """
        from ringfence.images.wasi.recipe import worker_file

        machine = machine_name()
        if "seccomp" in walls and machine not in MACHINES:
            raise PolicyNotEnforceable(f"no system-call filter for {machine}")
        why_alone = why_no_zygote()
        alone = why_alone is not None
        if "process" not in walls and why_alone is not None:
            raise PolicyNotEnforceable(why_alone)
        # Without namespaces the zygote would be restricted as well, and its guests could not open
        # what shows their own pages.
        abi = _landlock_abi() if "namespaces" in walls else 0
        # The tree of the jail is empty: all that a worker needs is loaded before it is built.
        profile = Profile(
            walls=walls, landlock_abi=abi, paths=False, scratch=False, machine=machine
        )
        settings = {
            "code": str(code),
            "deterministic": deterministic,
            "fuel": counted,
            "store": asdict(self._store),
            "library": None if alone else worker_file(),
            "packages": packages.archives if packages is not None else (),
        }
        return ZygoteConfig(
            command=(_find_python(), "-I", "-S", "-B"),
            environment=(("LC_ALL", "C.UTF-8"), ("MALLOC_ARENA_MAX", "1")),
            profile=profile,
            program="ringfence._engines.wasi.program",
            settings=json.dumps(settings),
            boot_path=(_wasmtime_home(),),
            alone=alone,
        )

    def close(self) -> None:
        """End every zygote of this engine, and with them their guests."""
        self._zygotes.close()


def _find_python() -> str:
    """The program that this interpreter is. In a virtual environment of Windows ``sys.executable``
    is another, which starts it.
    """
    if sys.platform == "win32":
        return getattr(sys, "_base_executable", "") or sys.executable
    return sys.executable


def _landlock_abi() -> int:
    from ringfence.jail import libc  # where there are namespaces

    return libc.landlock_abi()


def _has_wasmtime() -> bool:
    return find_spec("wasmtime") is not None


def _wasmtime_home() -> str:
    """The folder that Wasmtime is imported from."""
    spec = find_spec("wasmtime")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent.parent)


def _candidates(accepted: tuple[WallSet, ...]) -> list[WallSet]:
    """The own sets to try, in order: each accepted one, or what has all of its walls and more."""
    found: dict[WallSet, None] = {}
    for one in accepted:
        own = (one,) if one in WASI_WALLS else [w for w in WASI_WALLS if one < w]
        found.update(dict.fromkeys(own))
    return list(found)


def _remedy(standing: list[WallSet]) -> str:
    if WASI_WALLS[0] in standing:
        return ""
    if why_no_zygote() is not None:
        return "a jail is built by Linux alone; without one, what stands is the worker process"
    return "what a jail needs here is what the engine native needs: ringfence engines"
