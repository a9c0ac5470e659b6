"""The micro engine: whether its image is there, and how programs are started."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from ringfence.engine import Availability, EvaluatorCapabilities
from ringfence.errors import (
    ConfigurationError,
    EngineFailure,
    EngineNotAvailable,
    GuestError,
    ImageNotUsable,
    LimitExceeded,
    PolicyNotEnforceable,
)
from ringfence.model import Result
from ringfence.model.evaluation import Budget, GuestErrorInfo, Script

if TYPE_CHECKING:
    from ringfence._engines.micro.interpreter import Booted, Interpreter, Shape
    from ringfence._engines.micro.program import MicroProgram
    from ringfence.wasm.embedded import EmbeddedCode, EmbeddedInstance

__all__ = ["MicroEngine"]

_WALLS: Final = frozenset({"wasm"})
_INSTALL: Final = "install it: pip install 'ringfence[wasi]'"
_FETCH: Final = "fetch the image: ringfence image fetch micro"
_LOAD_FUEL: Final = 500_000_000  # a script of 1 MiB takes a tenth
_MOST_SCRIPTS: Final = 10_000
_MOST_BOOTED: Final = 8


class MicroEngine:
    """MicroPython in WebAssembly, in the host's own process: thousands of short calls.

    There is one wall, WebAssembly, so ``engine="auto"`` never is this; and no sandbox, for it has
    no standard library and no way to talk to the host.
    """

    name = "micro"
    capabilities = EvaluatorCapabilities(
        walls=_WALLS,
        budgets=frozenset({"fuel", "recursion", "memory", "wall", "output", "records"}),
        scripts=True,
        prelude=True,
        records=True,
        states=frozenset({"loaded", "fresh", "kept"}),
        counted=True,
        enforced={
            "fuel": "Wasmtime's fuel: exact",
            "memory": "the interpreter's heap: bytes of the program and of the call",
            "recursion": "the interpreter's stack of frames",
            "wall": "a deadline of Wasmtime's; the guest is discarded",
            "records": "a buffer of that size in linear memory",
        },
    )

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._availability: Availability | None = None
        self._pid = os.getpid()
        self._code: EmbeddedCode | None = None
        self._booted: dict[Shape, Booted] = {}
        self._spare: EmbeddedInstance | None = None
        self._spare_size = 0

    # --- what stands -----------------------------------------------------------------------

    def availability(self) -> Availability:
        """Whether it can run here, found by looking for its image. Cached once it can."""
        if self._availability is None:
            try:
                self._find()
            except EngineNotAvailable as error:
                remedy = _FETCH if _has_wasmtime() else _INSTALL
                return Availability((), {"image": str(error)}, remedy)
            self._availability = Availability((_WALLS,))
        return self._availability

    def _find(self) -> EmbeddedCode:
        """The image, checked and mapped once.

        Raises:
            EngineNotAvailable: Wasmtime is not installed, or the image was not fetched.
        """
        with self._lock:
            if self._pid != os.getpid():  # the watch's thread stayed behind
                self._pid, self._code, self._spare = os.getpid(), None, None
            if self._code is None:
                self._code = _load_code()
            return self._code

    # --- programs --------------------------------------------------------------------------

    def compile(
        self,
        scripts: Sequence[Script],
        *,
        prelude: str = "",
        budget: Budget | None = None,
    ) -> MicroProgram:
        """Load scripts; see :meth:`ringfence.engine.Evaluator.compile`."""
        if not scripts or len(scripts) > _MOST_SCRIPTS:
            raise ConfigurationError(f"a program has 1 to {_MOST_SCRIPTS} scripts")
        if not all(isinstance(one, Script) for one in scripts):
            raise ConfigurationError("scripts must be ringfence.model.evaluation.Script")
        if type(prelude) is not str or "\0" in prelude:
            raise ConfigurationError("prelude must be a text without NUL")
        self._find()
        from ringfence._engines.micro.interpreter import Shape
        from ringfence._engines.micro.program import DEFAULT_BUDGET, MicroProgram, shape_numbers
        from ringfence.wasm.stack import run_with_room

        budget = budget or DEFAULT_BUDGET
        shape = Shape(*shape_numbers(budget))
        started = run_with_room(self._load, shape, tuple(scripts), prelude, budget)
        return MicroProgram(started, tuple(scripts), self._take, budget)

    def _boot(self, shape: Shape) -> Booted:
        from ringfence._engines.micro.interpreter import Raised, boot
        from ringfence.wasm.embedded import Stopped

        code = self._find()
        with self._lock:
            booted = self._booted.get(shape)
            if booted is None:
                try:
                    booted = boot(code, shape)
                except (Stopped, Raised) as error:
                    raise EngineFailure(
                        f"micro: an interpreter with {shape.memory:,} bytes cannot be started: "
                        f"{error}"
                    ) from error
                if len(self._booted) >= _MOST_BOOTED:
                    self._booted.pop(next(iter(self._booted)))
                self._booted[shape] = booted
            return booted

    def _load(self, shape: Shape, scripts: tuple[Script, ...], prelude: str, budget: Budget) -> Any:
        """The scripts, loaded. One that takes its guest with it is left out of the next."""
        from ringfence._engines.micro.interpreter import Raised
        from ringfence._engines.micro.program import Started
        from ringfence.wasm.embedded import Stopped

        booted = self._boot(shape)
        failed: dict[int, tuple[GuestErrorInfo, str | None]] = {}
        while True:
            functions: dict[int, int] = {}
            guest = self._start_guest(booted)
            try:
                guest.instance.watched(True)
                _prepare(guest, prelude, budget)
                for index, script in enumerate(scripts):
                    if index in failed and failed[index][1] is not None:
                        continue
                    _allow(guest, budget)
                    try:
                        functions[index] = guest.load(script)
                    except Raised as raised:
                        failed[index] = (raised.info, None)
                    except Stopped as stopped:
                        limit = stopped.limit or "crashed"
                        info = GuestErrorInfo(limit, f"while it was loaded: {stopped}", "")
                        failed[index] = (info, limit)
                        break
                else:
                    _release(guest)
                    return Started(guest.instance.freeze(), booted, functions, failed)
            finally:
                guest.instance.watched(False)
                guest.instance.close()

    # --- guests ----------------------------------------------------------------------------

    def _start_guest(self, booted: Booted) -> Interpreter:
        from ringfence._engines.micro.interpreter import Interpreter

        instance = self._take(booted.state.size)
        instance.thaw(booted.state)
        return Interpreter(instance, booted)

    def _take(self, size: int) -> EmbeddedInstance:
        """An instance that has never run; the spare, if it may have so much memory.

        Raises:
            EngineFailure: this process has no memory for one.
        """
        from ringfence.wasm.embedded import EmbeddedInstance
        from ringfence.wasm.engine import WasmtimeError

        code = self._find()
        with self._lock:
            spare, self._spare = self._spare, None
        try:
            if spare is None:
                spare = EmbeddedInstance(code, size)
            spare.limit(size)
            following = EmbeddedInstance(code, size)
        except WasmtimeError as error:
            raise EngineFailure(f"micro: no guest can be had: {error}") from error
        with self._lock:
            self._spare = following
        return spare


def _load_code() -> EmbeddedCode:
    if not _has_wasmtime():
        raise EngineNotAvailable(f"micro: Wasmtime is not installed; {_INSTALL}")
    from ringfence.images.micro.fetch import code_file, find_image
    from ringfence.wasm.embedded import EmbeddedCode
    from ringfence.wasm.emscripten import AFTER, BEFORE, MAIN
    from ringfence.wasm.engine import load_module, make_embedded_engine
    from ringfence.wasm.watch import DeadlineWatch

    try:
        folder = find_image()
    except ImageNotUsable as error:
        raise EngineNotAvailable(f"micro: {error}") from error
    engine = make_embedded_engine()
    parts = (BEFORE, MAIN, AFTER)
    modules = {part: load_module(engine, folder / code_file(part)) for part in parts}
    code = EmbeddedCode(engine, DeadlineWatch(engine), modules)
    atexit.register(code.close)
    return code


def _has_wasmtime() -> bool:
    return find_spec("wasmtime") is not None


def _allow(guest: Interpreter, budget: Budget) -> None:
    """Let the guest load something, within its time; whether it does is the same everywhere but
    for that.
    """
    guest.instance.fuel = _LOAD_FUEL
    wall = budget.loading_wall
    guest.instance.deadline = float("inf") if wall is None else time.monotonic() + wall


def _release(guest: Interpreter) -> None:
    from ringfence.wasm.fuel import UNBOUNDED

    guest.instance.fuel = UNBOUNDED
    guest.instance.deadline = float("inf")


def _prepare(guest: Interpreter, prelude: str, budget: Budget) -> None:
    """Run the prelude, and take from the guest what scripts do not get.

    Raises:
        GuestFailure: the prelude did not come to its end.
        PolicyNotEnforceable: there is not even memory for that.
    """
    from ringfence._engines.micro.interpreter import INBOX, Raised
    from ringfence.wasm.embedded import Stopped

    try:
        if prelude:
            data = prelude.encode()
            if len(data) > INBOX:
                raise ConfigurationError(f"the prelude has more than {INBOX:,} bytes")
            _allow(guest, budget)
            guest.ask("prepare", guest.tell(data))
    except Raised as raised:
        result = Result(status="error", error=raised.info, engine="micro", walls=_WALLS)
        raise GuestError(f"the prelude failed: {raised.info.type}: {raised}", result) from None
    except Stopped as stopped:
        result = Result(status="limit", limit=stopped.limit, engine="micro", walls=_WALLS)
        raise LimitExceeded(f"the prelude did not come to its end: {stopped}", result) from None
    _release(guest)
    try:
        guest.ask("lock")
        guest.instance.output()
    except (Raised, Stopped) as error:
        raise PolicyNotEnforceable(
            f"micro: memory={budget.memory} is less than the interpreter needs: {error}"
        ) from None
