"""The ports: what an engine is, and nothing about any engine.

There are two shapes of guest. One talks: a :class:`Guest` is a byte channel that speaks the
protocol, and a way to stop it. One computes: an :class:`Evaluator` runs thousands of short calls.
Engines are found through the entry point group ``ringfence.engines``; each entry is a callable that
returns an :class:`Engine`. What only evaluates is in the group ``ringfence.evaluators``, whose
entries return an :class:`EvaluatorEngine`: no sandbox can be had from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, Self

from ringfence.model import Limits, Policy, WallSet, Wheel
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, GuestErrorInfo, Script

__all__ = [
    "Availability",
    "Cancel",
    "Capabilities",
    "Channel",
    "Engine",
    "Evaluator",
    "EvaluatorCapabilities",
    "EvaluatorEngine",
    "Exit",
    "FreezableGuest",
    "FreezableImage",
    "FuelMeter",
    "Guest",
    "Image",
    "ImageSpec",
    "Program",
    "ResourceUse",
]


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What an engine can do: data, so that no caller asks for an engine's name.

    Attributes:
        walls: the sets of walls that it can stand behind, strongest first.
        limits: the limits that it can enforce, by name.
        packages: whether ``packages=`` takes names of what is installed.
        wheels: whether ``packages=`` takes wheels of pure Python, by path.
        interpreters: whether ``python=`` works.
        read: whether ``Policy(read=…)`` works.
        cpu_share: whether ``Policy(cpu_share=…)`` may work.
        tenant: whether ``Policy(isolation="tenant")`` works.
        deterministic: whether ``Policy(deterministic=True)`` works.
        threads: whether guests may start threads.
        snapshot: whether fork, snapshot and rollback work.
        arenas: whether arrays of :func:`ringfence.empty` are lent where they are; else copied.
        missing_modules: modules of the standard library that its Python does not have, though
            Python has them elsewhere on Linux; importing one is a ``ModuleNotFoundError``.
    """

    walls: tuple[WallSet, ...]
    limits: frozenset[str]
    packages: bool = False
    wheels: bool = False
    interpreters: bool = False
    read: bool = False
    cpu_share: bool = False
    tenant: bool = False
    deterministic: bool = False
    threads: bool = False
    snapshot: bool = False
    arenas: bool = False
    missing_modules: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Availability:
    """Whether an engine can run here, found by trying.

    Attributes:
        walls: the sets that were seen to stand, strongest first; empty when it cannot run.
        missing: what does not stand -> why.
        remedy: what would mend it, for people; empty when nothing is missing.
    """

    walls: tuple[WallSet, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class ImageSpec:
    """What a guest starts from. Numeric limits are not part of it: they travel with each start.

    Attributes:
        packages: distributions to make importable, by name.
        wheels: files to make importable, each with its hash.
        python: path of the interpreter, or None for the host's own.
        policy: grants and accepted walls.
        limits: only to say, before anything starts, which of them cannot be enforced.
    """

    packages: tuple[str, ...] = ()
    wheels: tuple[Wheel, ...] = ()
    python: str | None = None
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)


class ResourceUse(NamedTuple):
    """What a guest has used so far: CPU seconds, resident bytes; None where unknown."""

    cpu: float | None
    memory: int | None


@dataclass(frozen=True, slots=True)
class Exit:
    """How a guest ended.

    Attributes:
        kind: ``Exit``, or the name of the signal: ``SIGSEGV``, ``SIGSYS``, ``SIGKILL``.
        message: the same for people.
        limit: the limit whose own mechanism ended it, if that is known.
        cpu: CPU seconds of its whole life, if known.
        memory: largest resident size in bytes, if known.
    """

    kind: str
    message: str
    limit: str | None = None
    cpu: float | None = None
    memory: int | None = None


class Channel(Protocol):
    """A non-blocking byte channel to a guest."""

    def fileno(self) -> int:
        """A descriptor to wait on."""

    def send(self, buffers: list[memoryview]) -> int:
        """Write some of ``buffers``.

        Raises:
            BlockingIOError: nothing can be written now.
            OSError: the guest is gone.
        """

    def lend(self, descriptors: Sequence[int]) -> None:
        """Hand descriptors to the guest with the next bytes that are sent, and close them. Called
        only where :attr:`Guest.shares_memory`.
        """

    def receive(self, buffer: memoryview) -> int:
        """Read into ``buffer``; 0 means that the guest is gone.

        Raises:
            BlockingIOError: nothing has arrived.
        """


class FuelMeter(Protocol):
    """Counts the instructions of a guest, turn by turn, out of the guest's reach."""

    def begin(self, fuel: int | None) -> None:
        """The next turn may use so many, or any number; called before its request is sent. A turn
        that uses more is ended, and the guest with it: :attr:`Exit.limit` is ``"fuel"``.

        Raises:
            EngineFailure: the guest cannot be told.
        """

    def used(self) -> int | None:
        """What the turn that has just ended used; all that it might, if it was ended for that.
        Known as soon as the host reads the turn's end, and None if the guest was ended before it
        could be told. Never waits.
        """


class Guest(Protocol):
    """A running guest."""

    @property
    def meter(self) -> FuelMeter | None:
        """Counts its instructions; None where they are not counted."""

    @property
    def channel(self) -> Channel:
        """Its byte channel."""

    @property
    def shares_memory(self) -> bool:
        """Whether descriptors of shared memory reach it, so that arrays need no copy."""

    @property
    def distance(self) -> float:
        """Seconds that an interrupt may take to it and its answer back, beyond what they take on
        this machine: a guest is killed only when it has had time to heed one.
        """

    def stop(self, how: Literal["interrupt", "kill"]) -> None:
        """Interrupt it, or end it; from any thread, returns at once; a dead guest is no error.

        An interrupt may be repeated within a turn; a guest that has taken one ignores the others.
        """

    def pause(self) -> None:
        """Let nothing of it run until :meth:`resume`; called between turns, from any thread."""

    def resume(self) -> None:
        """The opposite."""

    def usage(self) -> ResourceUse:
        """What it has used; readable while it runs."""

    def weight(self) -> int | None:
        """Bytes of the machine's memory that it takes: its pages, those that it shares divided by
        those who share them, and its files. Takes the kernel a millisecond. None where this process
        has no right to look.
        """

    def exit(self, timeout: float) -> Exit | None:
        """How it ended, once its channel has; waits at most ``timeout`` seconds for the answer."""

    def close(self) -> None:
        """End it if it runs, and give back what the host holds of it. May be called again."""


class Image(Protocol):
    """What guests start from: warm, frozen, shared."""

    @property
    def walls(self) -> WallSet:
        """The walls that stand around guests."""

    @property
    def enforced(self) -> Mapping[str, str]:
        """Limit or grant -> the mechanism that enforces it."""

    @property
    def alive(self) -> bool:
        """Whether guests can be started from it."""

    def explain(self, limits: Limits) -> Mapping[str, Any]:
        """What confines a guest with these limits, as data that is JSON: everything that it can
        see and call, with the reasons. For people and audits; ``ringfence doctor --profile``.
        """

    def start(self, limits: Limits) -> Guest:
        """A fresh guest.

        Raises:
            PolicyNotEnforceable: one of the limits cannot be enforced.
            EngineFailure: the machine has run out of something.
        """

    def prepare(self, limits: Limits) -> None:
        """Make ready for who starts the next guest with these limits: called when one has done its
        first work, and the machine has time for it. Returns at once, and never fails.
        """

    def close(self) -> None:
        """This user no longer needs the image; guests started from it live on."""


class FreezableGuest(Guest, Protocol):
    """A guest whose memory is all of its state between two turns (``Capabilities.snapshot``)."""

    def freeze(self) -> bytes:
        """What its memory holds beyond its image; between two turns. It goes on as it was. Takes
        milliseconds.

        Raises:
            EngineFailure: it has ended, or does not answer.
        """


class FreezableImage(Image, Protocol):
    """An image of such guests."""

    @property
    def key(self) -> str:
        """Names everything that the memory of its guests depends on."""

    def thaw(self, limits: Limits, memory: bytes) -> Guest:
        """A guest that goes on where another of an image with this key was frozen. Takes
        milliseconds.

        Raises:
            StateRefused: the memory is damaged, or is more than the limits allow.
            PolicyNotEnforceable, EngineFailure: see :meth:`Image.start`.
        """


class Engine(Protocol):
    """A way to run a guest."""

    @property
    def name(self) -> str:
        """Its name, as the entry point has it."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def availability(self) -> Availability:
        """Try what stands here. Cached."""

    def image(self, spec: ImageSpec) -> Image:
        """An image for ``spec``; shared with other users of an equal one. May take long.

        Raises:
            PolicyNotEnforceable: a grant, limit or set of walls that cannot be honoured.
            ConfigurationError: packages or interpreter are not usable.
            EngineFailure: it could not be started.
        """


# --- many short calls ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class EvaluatorCapabilities:
    """What an evaluator can do.

    Attributes:
        walls: that stand around its guests.
        budgets: the bounds of a :class:`~ringfence.model.evaluation.Budget` that it can hold.
        of_guest: those of them that bound a guest as a whole, with all that its scripts and calls
            hold together. The call in which one is reached is marked as one that broke down.
        scripts: whether a program may have several scripts.
        prelude: whether a program may have a prelude.
        records: whether calls may hand back records.
        states: what a batch and its calls can start from: the values of ``state``.
        counted: whether it can tell the instructions that each call used.
        full_python: whether its language is all of Python; else its page of limitations has what is
            missing.
        integers: bits of its ints, which wrap; None: they have no end.
        generator_expressions: whether its language has them.
        arguments: how many a call can have.
        most_text: bytes of the arguments of one call, as JSON, where they are not all numbers.
        enforced: bound -> the mechanism that holds it.
    """

    walls: WallSet
    budgets: frozenset[str]
    of_guest: frozenset[str] = frozenset()
    scripts: bool = False
    prelude: bool = False
    records: bool = False
    states: frozenset[str] = frozenset({"kept"})
    counted: bool = False
    full_python: bool = False
    integers: int | None = None
    generator_expressions: bool = True
    arguments: int = 14
    most_text: int = 1 << 20
    enforced: Mapping[str, str] = field(default_factory=dict)


class Cancel:
    """Ends batches that were given it, from any thread; once it is set, it stays so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._told: list[Callable[[], object]] = []

    @property
    def is_set(self) -> bool:
        """Whether :meth:`set` was called."""
        return self._set

    def set(self) -> None:
        """End them: calls that are not made by then never are. Returns at once."""
        with self._lock:
            self._set = True
            told, self._told = self._told, []
        for tell in told:
            tell()

    def tell(self, stop: Callable[[], object]) -> None:
        """Have ``stop`` called once it is set, or at once; for evaluators."""
        with self._lock:
            if not self._set:
                self._told.append(stop)
                return
        stop()

    def forget(self, stop: Callable[[], object]) -> None:
        """The opposite; ``stop`` may be running."""
        with self._lock:
            self._told = [one for one in self._told if one != stop]


class Program(Protocol):
    """Functions in a guest of their own, called in batches. Use it in a ``with`` block."""

    @property
    def failed(self) -> Mapping[int, GuestErrorInfo]:
        """The scripts that did not run to their end, by their place; guest text. Their calls fail
        with the same, the others' do not.
        """

    def evaluate(
        self,
        calls: Sequence[Calls],
        budget: Budget | None = None,
        *,
        width: int = 1,
        dtype: Literal["float64", "int64"] = "float64",
        record: int | None = None,
        state: Literal["loaded", "fresh", "kept"] = "loaded",
        measure: bool = False,
        cancel: Cancel | None = None,
    ) -> BatchOutcomes:
        """Make calls, one after another; each has the budget for itself, and ends alone.

        What a call leaves in its script's globals the next one of the batch finds. After one that
        was stopped, the others go on in a guest that is as the program was loaded.

        Args:
            calls: what is called, in this order.
            budget: what each call may use; None is the one that the program was compiled with.
            width: numbers that each call returns: one number, or with more a sequence of them.
            dtype: of the numbers.
            record: bytes of a record. Each call then returns how many it has packed into
                ``records``, a buffer that the prelude finds among its names; from its beginning.
                Where the language can, ``doubles`` is the same buffer, as floats that are set by
                their index; else None.
            state: what calls find: ``loaded``, a batch starts from the program as it was loaded;
                ``fresh``, each call does; ``kept``, the batch goes on where the one before ended,
                if its guest is still there.
            measure: whether the instructions of each call are to be told.
            cancel: ends the batch once it is set.

        Raises:
            ConfigurationError: an argument is wrong, or cannot cross.
            PolicyNotEnforceable: a bound or a wish that this evaluator cannot honour.
            SandboxClosed: the program was closed.
            EngineFailure: the machine has run out of something.
        """

    def close(self) -> None:
        """End its guest. May be called again."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(self, *_: object) -> None:
        """Close it."""


class Evaluator(Protocol):
    """A way to make many short calls."""

    @property
    def name(self) -> str:
        """The engine's name."""

    @property
    def capabilities(self) -> EvaluatorCapabilities:
        """What it can do."""

    def compile(
        self,
        scripts: Sequence[Script],
        *,
        prelude: str = "",
        budget: Budget | None = None,
    ) -> Program:
        """A program of scripts that may know of each other: one publisher's.

        Args:
            scripts: what is to be called; each is run once, in a namespace of its own.
            prelude: the host's own source, run before them with ``import``; its ``__all__`` names
                what they are lent.
            budget: whose ``memory`` and ``records`` the guest is started with, and in whose
                ``wall`` each script has to come to its end; None is the default one, as far as this
                evaluator can hold it.

        Raises:
            ConfigurationError: an argument is wrong.
            PolicyNotEnforceable: see :meth:`Program.evaluate`.
            GuestFailure: the prelude did not run to its end.
            EngineNotAvailable, EngineFailure: there is no guest to be had.
        """


class EvaluatorEngine(Evaluator, Protocol):
    """An engine that only evaluates."""

    def availability(self) -> Availability:
        """Whether it can run here. Cached."""
