"""What runs in a native zygote and in its guests: CPython itself, with packages imported."""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import ringfence_guest
import ringfence_guest.protocol
from ringfence._engines.native.unlent import hide_unreadable_modules
from ringfence._engines.native.warm import warm_packages
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import CHANNEL, SCRATCH, Profile
from ringfence.zygote.program import EnterStage
from ringfence_guest.agent import Agent
from ringfence_guest.arenas import Arenas
from ringfence_guest.missing_modules import install_import_advice
from ringfence_guest.rehearsal import rehearse, rehearse_turn
from ringfence_guest.socket_channel import SocketChannel
from ringfence_guest.standard_library import warm_standard_library

__all__ = ["NativeProgram", "make_program"]

_STACK_OF_THREADS = 1 << 20
_ENVIRONMENT = {
    "HOME": SCRATCH,
    "TMPDIR": SCRATCH,
    "LC_ALL": "C.UTF-8",
    "MPLCONFIGDIR": SCRATCH,
    "MPLBACKEND": "module://ringfence_guest.figures",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}


class NativeProgram:
    """The zygote is a Python that has imported what guests need; a guest is a copy of it.

    Args:
        imports: packages to import before the first guest.
        sys_path: where they are found.
        wheels: where guests find what was given as wheels. Nothing of it runs here.
        guest_home: the folder of ``ringfence_guest``, as the jail shows it.
        profile: the jail.
        eager: whether guests may look for what the host answers before they sleep.
    """

    descriptors = 1
    own_descriptors = 0
    held = ()

    def __init__(
        self,
        imports: list[str],
        sys_path: list[str],
        wheels: str | None,
        guest_home: str,
        profile: Profile,
        eager: bool,
    ) -> None:
        self._imports = imports
        self._sys_path = sys_path
        self._wheels = wheels
        self._guest_home = guest_home
        self._profile = profile
        self._cores = None if eager else 1

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        os.environ.clear()
        os.environ.update(_ENVIRONMENT)
        if not self._profile.scratch:
            for name in ("HOME", "TMPDIR", "MPLCONFIGDIR"):
                os.environ[name] = "/"
        sys.path += self._sys_path
        sys.path.append(self._guest_home)
        for package in (ringfence_guest, ringfence_guest.protocol):  # where the jail shows them
            package.__path__[:] = [f"{self._guest_home}/{package.__name__.replace('.', '/')}"]
        enter_stage("standard library")
        warm_standard_library(complete=not self._profile.paths)
        if not self._profile.namespaces:
            hide_unreadable_modules()
        enter_stage("packages")
        warm_packages(self._imports)
        if self._wheels is not None:  # after the packages, which import what happens to be there
            sys.path.append(self._wheels)
        install_import_advice(packages=True)
        enter_stage("rehearsal")
        _rehearse()
        self._agent = Agent(SocketChannel(CHANNEL, cores=self._cores), arenas=Arenas())
        self._agent.install()
        if self._profile.scratch:
            self._agent.begin(SCRATCH)
        threading.stack_size(_STACK_OF_THREADS)
        self._seed = _seeding()

    def open_own(self, proc: int) -> tuple[int, ...]:
        return ()

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        return limits

    def settle(self) -> None:
        """Guests share what they do not write to, and that is all."""

    def reseed(self) -> None:
        """``os.urandom`` and what draws from it need nothing; OpenSSL notices a fork by the pid."""
        for seed in self._seed:
            seed()

    def serve(self, limits: GuestLimits) -> NoReturn:
        if not limits.threads:
            self._agent.forbid_threads()
        if not self._agent.link.channel.wait(0):  # a spare one: nobody waits for it
            rehearse_turn(self._agent)
        self._agent.serve()


def make_program(settings: Mapping[str, Any], profile: Profile) -> NativeProgram:
    """The program for what the engine wrote into the configuration."""
    return NativeProgram(**settings, profile=profile)


def _seeding() -> tuple[Callable[[], object], ...]:
    """What gives Python's and NumPy's generators new numbers, as ``seed`` does, without what it
    does besides: that is done here, once.
    """
    random.seed()
    seeds: list[Callable[[], object]] = [super(random.Random, random._inst).seed]
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        fresh = partial(os.urandom, 4)
        numpy.seed(int.from_bytes(fresh(), "little"))
        seeds.append(lambda: numpy.seed(int.from_bytes(fresh(), "little")))
    return tuple(seeds)


def _rehearse() -> None:
    """Over a socket, so that its calls are warm as well."""
    here, there = socket.socketpair()

    def hear() -> None:
        while not here.recv(1 << 16).count(b'"done"'):
            pass

    rehearse(SocketChannel(there.detach()), here.sendall, hear)
    here.close()
