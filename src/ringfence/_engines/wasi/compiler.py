"""What runs in the worker that compiles packages: the module, once, and never with a guest in it.

Source text of strangers is read by CPython's own parser, so it is read where a guest would run, in
a process that ends when it is done. What it says is the byte code of each module, as an archive.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ringfence._engines.wasi.calls import ChannelCalls
from ringfence._engines.wasi.ends import Descriptor, End, Stream
from ringfence._engines.wasi.worker import process_limits
from ringfence.images.wasi.mounting import mount, read_archive
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import CHANNEL, Profile
from ringfence.system.pairs import socket_pair
from ringfence.wasm.engine import load_module, make_engine
from ringfence.wasm.instance import Instance
from ringfence.wasm.stack import with_room
from ringfence.zygote.program import EnterStage

__all__ = ["CompilerProgram", "make_program"]


class CompilerProgram:
    """Instantiates the module with an archive, and has it compile what is in it.

    Args:
        code: the file with the image's native code.
        packages: the archive.
    """

    descriptors = 1
    own_descriptors = 0
    held = ()

    _waking: tuple[End, End]

    def __init__(self, code: Path, packages: bytes) -> None:
        self._engine = make_engine()
        self._module = load_module(self._engine, code)
        self._packages = packages
        self._calls = ChannelCalls()

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        os.environ.clear()
        enter_stage("packages")
        self._instance = Instance(self._engine, self._module, self._calls)
        with_room(mount, self._instance, self._packages)
        self._size = self._instance.size

    def warm_alone(self, enter_stage: EnterStage) -> None:
        """Be ready to be the only guest of this process."""
        wake, waker = socket_pair()  # which on Windows needs the environment
        self._waking = Stream(wake), Stream(waker)
        self.warm(enter_stage, -1)

    def serve_alone(self, limits: GuestLimits, given: tuple[socket.socket, ...]) -> NoReturn:
        """Be that guest."""
        (channel,) = map(Stream, given)
        self._serve(limits, channel, *self._waking)

    def open_own(self, proc: int) -> tuple[int, ...]:
        return ()

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        return process_limits(limits)

    def settle(self) -> None:
        """Guests share what they do not write to, and that is all."""

    def reseed(self) -> None:
        """Nothing is left to chance."""

    def serve(self, limits: GuestLimits) -> NoReturn:
        self._serve(limits, Descriptor(CHANNEL), Descriptor(os.eventfd(0, os.EFD_CLOEXEC)))

    def _serve(
        self, limits: GuestLimits, channel: End, wake: End, waker: End | None = None
    ) -> NoReturn:
        code = 1
        try:
            self._calls.serve(channel, wake, waker)
            self._instance.limit(self._size + limits.memory)
            code = with_room(self._instance.call, "compile_packages")
        finally:
            channel.close()
            os._exit(code & 0xFF)


def make_program(settings: Mapping[str, Any], profile: Profile) -> CompilerProgram:
    """The program for what the engine wrote into the configuration."""
    return CompilerProgram(Path(settings["code"]), read_archive(settings["packages"]))
