"""What runs in a wasi zygote and in its guests: one instance of the module, and who serves it.

The instance is made in the zygote. A guest is a copy of that process, confined; its main thread
listens to the host's control socket, and the module runs on a thread with room for its stack. Where
there is no zygote, the process is started for the one guest, and makes the instance for it.
"""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ringfence._engines.wasi.calls import ChannelCalls
from ringfence._engines.wasi.control import (
    EXHAUSTED,
    FREEZE,
    LENGTH,
    MOST_BYTES,
    PACKETS,
    READY,
    REFUSED,
    STATE,
    STREAM,
    THAW,
    TRAPPED,
    Wire,
)
from ringfence._engines.wasi.ends import Descriptor, End, Stream
from ringfence._engines.wasi.orders import Orders, await_order
from ringfence._engines.wasi.rehearsal import rehearse
from ringfence._engines.wasi.worker import process_limits
from ringfence.images.wasi.mounting import mount, read_archive
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import CHANNEL, Profile
from ringfence.system.pairs import socket_pair
from ringfence.wasm.engine import load_module, make_engine
from ringfence.wasm.host import OUT_OF_MEMORY, GuestLeft
from ringfence.wasm.instance import Instance, InstanceStopped
from ringfence.wasm.pages import Delta, DeltaRefused, apply, changed_pages, own_pages, touch
from ringfence.wasm.stack import start_with_room, with_room
from ringfence.wasm.store import StoreLimits
from ringfence.zygote.gaps import fill_gaps
from ringfence.zygote.immortal import make_all_immortal
from ringfence.zygote.program import EnterStage

if TYPE_CHECKING:
    from ringfence._engines.wasi.originals import Originals

__all__ = ["CONTROL", "FAILED", "PAGEMAP", "WAKE", "WasiProgram", "make_program"]

CONTROL = CHANNEL + 1
"""The descriptor of the control socket in a guest."""

PAGEMAP = CONTROL + 1
"""The descriptor of the guest's own /proc/self/pagemap."""

WAKE = PAGEMAP + 1
"""The descriptor of the guest's own eventfd, which ends its waits."""

FAILED = 71
"""The exit code of a worker that ends for a reason of its own."""

_PIECE = 128 << 10
_TIMES = 20  # CPython 3.11 begins to rewrite a function when it has run eight times


class WasiProgram:
    """Instantiates the module, and runs it.

    Args:
        code: the file with the image's native code.
        calls: serves the module's imports.
        store: what the module may have beside its memory.
        fuel: whether the code counts its instructions.
        originals: lets a guest that waits give pages back; None where there is no code for it.

    Attributes:
        calls: serves the module's imports.
        counts: whether instructions are counted.
    """

    descriptors = 2
    own_descriptors = 2

    _await_order: Callable[[int], None]
    _rest: Callable[[], None] | None = None
    _original: Instance | None = None
    _packages: Sequence[bytes] = ()
    _waking: tuple[End, End]
    _alone = False
    _lent: Sequence[tuple[int, int]] = ()
    _written: Sequence[tuple[int, int]] = ()

    def __init__(
        self,
        code: Path,
        calls: ChannelCalls,
        store: StoreLimits,
        *,
        fuel: bool = False,
        originals: Originals | None = None,
    ) -> None:
        self.counts = fuel
        self._originals = originals
        self._engine = make_engine(fuel=fuel)
        self._module = load_module(self._engine, code)
        self.calls = calls
        self._store = store

    @property
    def held(self) -> Collection[int]:
        return () if self._originals is None else self._originals.held

    def lend(self, packages: Sequence[bytes]) -> None:
        """Mount these archives before the first guest."""
        self._packages = packages

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        os.environ.clear()
        enter_stage("rehearsal")
        pagemap, wake = self.open_own(proc)
        self._written = rehearse(self, pagemap, wake)
        os.close(pagemap)
        os.close(wake)
        enter_stage("instance")
        fill_gaps()
        self.make(type(self.calls)())  # calls of its own: what was made before lies elsewhere
        self._instance.settle()
        self.stand_at(Descriptor(CHANNEL), Descriptor(CONTROL), Descriptor(WAKE))
        self._mount_packages(enter_stage)
        if self._originals is not None:
            enter_stage("originals")
            self._choose_originals(self._originals, proc)
        make_all_immortal()

    def warm_alone(self, enter_stage: EnterStage) -> None:
        """Be ready to be the only guest of this process (:mod:`ringfence.zygote.worker_main`)."""
        wake, waker = socket_pair()  # which on Windows needs the environment
        self._waking = Stream(wake), Stream(waker)
        os.environ.clear()
        self._alone = True
        enter_stage("instance")
        self.make(self.calls)
        self._mount_packages(enter_stage)

    def serve_alone(self, limits: GuestLimits, given: tuple[socket.socket, ...]) -> NoReturn:
        """Be that guest."""
        channel, control = map(Stream, given)
        self.calls.start_clock()
        wake, waker = self._waking
        self.stand_at(channel, control, wake, waker, STREAM)
        self.serve(limits)

    def _mount_packages(self, enter_stage: EnterStage) -> None:
        if self._packages:
            enter_stage("packages")
            self._lent = [with_room(mount, self._instance, one) for one in self._packages]
            self._packages = ()
            self._size = self._instance.size

    def _choose_originals(self, originals: Originals, proc: int) -> None:
        try:
            originals.choose(proc, self._instance.address)
        except OSError:  # no room: guests keep what they have
            originals.close()
            self._originals, self._await_order = None, await_order
            return
        self._rest = self._give_back
        for _ in range(_TIMES):
            self._rest()

    def settle(self) -> None:
        if self._originals is not None:
            self._originals.keep()

    def make(self, calls: ChannelCalls) -> Instance:
        """Have an instance that nobody has used, served by these."""
        self.calls = calls
        self._instance = Instance(self._engine, self._module, calls, fuel=self.counts)
        with_room(self._instance.find_flags)
        self._size = self._instance.size
        return self._instance

    def open_own(self, proc: int) -> tuple[int, ...]:
        pagemap = os.open("self/pagemap", os.O_RDONLY | os.O_CLOEXEC, dir_fd=proc)
        return pagemap, os.eventfd(0, os.EFD_CLOEXEC)

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        return process_limits(limits)

    def reseed(self) -> None:
        """Each guest draws its own seed when it starts."""

    def serve(self, limits: GuestLimits) -> NoReturn:
        gc.disable()  # nothing here makes cycles, and a collection writes to what is shared
        self.start(limits, self._live_and_leave)
        self._orders.listen(self._await_order)
        os._exit(FAILED)  # the host has let go of the guest

    def stand_at(
        self,
        channel: End,
        control: End,
        wake: End,
        waker: End | None = None,
        wire: Wire = PACKETS,
    ) -> None:
        """Be ready to become a guest of the host that will be at these ends: what is done
        before the fork is written to no page of a guest's own.
        """
        self._channel = channel
        self.calls.serve(channel, wake, waker)
        self._orders = Orders(control, self._interrupt, self._take_order, wire)
        self._await_order = await_order
        if self._originals is not None:
            self._await_order = self._originals.await_order

    def start(self, limits: GuestLimits, live: Callable[[bytes], None]) -> None:
        """Become that guest, and ``live`` as what the host says first, on a thread with room for
        that.
        """
        self._limits = limits
        self._instance.limit(self._size + limits.memory, self._store)
        start_with_room(live, self._orders.take_first())

    def _interrupt(self) -> None:
        self._instance.interrupt()
        self.calls.wake()

    def _take_order(self, order: bytes) -> None:
        self.calls.give_order(order)

    def _forget_interrupts(self) -> None:
        self._instance.forget_interrupt()
        self.calls.forget_wake()

    def _live_and_leave(self, first: bytes) -> None:
        """The life of the guest. Never returns: the process ends with it."""
        code = FAILED
        try:
            code = self.live(first)
        finally:
            self._leave(code)

    def _leave(self, code: int) -> NoReturn:
        """End the process; what it said arrives."""
        self._channel.close()
        self._orders.close()
        os._exit(code)

    def live(self, first: bytes) -> int:
        """What the host says first, and all turns; with what the process then ends."""
        try:
            if self._thaw() if first == THAW else self._begin():
                self._turns()
        except InstanceStopped as stopped:
            if isinstance(stopped.cause, GuestLeft):
                if stopped.cause.code == OUT_OF_MEMORY:
                    self._orders.say(EXHAUSTED)
                return stopped.cause.code & 0xFF
            if stopped.cause is None:
                self._orders.say(TRAPPED + str(stopped).encode()[: MOST_BYTES - 1])
        return FAILED

    def _begin(self) -> bool:
        """Be a fresh guest, which has its pages at hand when the first request comes."""
        done = self._instance.call("start", self._limits.disk, self._limits.files) == 0
        touch(self._instance, self._written)
        return done

    def _turns(self) -> None:
        """Answer requests, one by one, and what the host orders between them."""
        waiting = 0
        rest = None  # one that has had no turn has its pages at hand for that
        while waiting >= 0:
            if not waiting and self.calls.await_request(rest) == FREEZE:
                self._freeze()
                continue
            self._orders.begin_turn(self._forget_interrupts)
            waiting = self._answer_request()
            rest = self._rest

    def _give_back(self) -> None:
        """Nobody wants anything: give back what this process has of its own for no reason."""
        if self._originals is not None:
            self._originals.give_back(PAGEMAP)

    def _answer_request(self) -> int:
        """The guest's turn; how many more requests have arrived with it, or -1."""
        return self._instance.call("turn")

    def _freeze(self) -> None:
        """Send the memory over the channel, which nobody else uses between two turns."""
        self._instance.forget_interrupt()  # one that came late stands in the memory
        if self._originals is not None:
            self._originals.give_back_memory(PAGEMAP)
        delta = self._find_own_pages()
        state = STATE.pack(*self.calls.state())
        pending = bytearray(LENGTH.pack(len(state) + delta.size) + state + delta.head)
        for run in delta.runs:
            if len(run) > _PIECE:
                self._send_whole(pending)
                self._send_whole(run)
                pending.clear()
                continue
            pending += run
            if len(pending) > _PIECE:
                self._send_whole(pending)
                pending.clear()
        self._send_whole(pending)

    def _find_own_pages(self) -> Delta:
        if not self._alone:
            return own_pages(self._instance, PAGEMAP, self._lent)
        if self._original is None:
            self._original = Instance(self._engine, self._module, self.calls, fuel=self.counts)
        return changed_pages(self._instance, self._original, self._lent)

    def _send_whole(self, data: bytearray | memoryview) -> None:
        left = memoryview(data)
        while left:
            left = left[self._channel.write(left) :]

    def _thaw(self) -> bool:
        """Take the memory from the channel."""
        self._orders.say(READY)
        head = bytearray(LENGTH.size + STATE.size)
        self._read_into(memoryview(head))
        self.calls.go_on_from(STATE.unpack_from(head, LENGTH.size))
        try:
            apply(self._instance, self._read_into)
        except DeltaRefused as refused:
            self._orders.say(REFUSED + str(refused).encode())
            return False
        self._orders.say(READY)
        return True

    def _read_into(self, buffer: memoryview) -> None:
        while buffer:
            got = self._channel.read_into(buffer)
            if not got:
                os._exit(FAILED)  # the host is gone
            buffer = buffer[got:]


def make_program(settings: Mapping[str, Any], profile: Profile) -> WasiProgram:
    """The program for what the engine wrote into the configuration."""
    program = _make(settings)
    program.lend(tuple(map(read_archive, settings["packages"])))
    return program


def _make(settings: Mapping[str, Any]) -> WasiProgram:
    code, store = Path(settings["code"]), StoreLimits(**settings["store"])
    originals = _find_originals(code, settings["library"])
    if not settings["fuel"]:
        return WasiProgram(code, ChannelCalls(), store, originals=originals)
    from ringfence._engines.wasi.counting import CountingProgram
    from ringfence._engines.wasi.fixed import FixedCalls
    from ringfence._engines.wasi.whole_frames import WholeFrames

    frames = FixedCalls() if settings["deterministic"] else WholeFrames()
    return CountingProgram(code, frames, store, originals)


def _find_originals(code: Path, library: str | None) -> Originals | None:
    """What lets a guest that waits give pages back. None where there is no code for this machine,
    or it may have no such file in memory: then guests keep what they have.
    """
    if library is None:
        return None
    from ringfence._engines.wasi.originals import Originals

    try:
        return Originals(code.parent / library, code)
    except OSError:
        return None
