"""What wasi guests start from: a zygote that holds an instance, and what it enforces."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ringfence._engines.wasi.control import BEGIN, THAW, Control
from ringfence._engines.wasi.enforcement import describe_enforcement, unenforceable
from ringfence._engines.wasi.guest import WasiGuest
from ringfence._engines.wasi.meter import WorkerMeter
from ringfence._engines.wasi.stream_control import StreamControl
from ringfence.errors import EngineFailure, PolicyNotEnforceable
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.model import Limits, WallSet
from ringfence.zygote.shortage import explain_shortage
from ringfence.zygote.spares import Spares
from ringfence.zygote.starting import make_pair
from ringfence.zygote.zygotes import Lease

__all__ = ["AHEAD", "LentPackages", "WasiImage"]

AHEAD = "ringfence-ahead"
"""The name of threads that start a guest before anybody asks for it."""


class LentPackages(NamedTuple):
    """The wheels of a zygote.

    Attributes:
        label: names them, short and exactly: a part of the key of an image.
        described: the same for people, with their hashes.
        archives: what the worker finds each by, see :func:`.mounting.read_archive`.
    """

    label: str
    described: str
    archives: tuple[Mapping[str, str], ...]


class WasiImage:
    """A share in a zygote.

    Args:
        lease: the share.
        profile: the jail that the zygote built.
        key: names the module, which is the same on every machine.
        deterministic: whether time and chance are the same in every run.
        counted: whether instructions are counted.
        alone: whether each guest is a process that is started for it alone.
        packages: what is mounted in it.
    """

    def __init__(
        self,
        lease: Lease,
        profile: Profile,
        key: str,
        *,
        deterministic: bool,
        counted: bool,
        alone: bool,
        packages: LentPackages | None = None,
    ) -> None:
        self.key = key if packages is None else f"{key}+{packages.label}"
        self.walls: WallSet = profile.walls
        self.profile = profile
        self._lease = lease
        self._counted = counted
        self.enforced: Mapping[str, str] = MappingProxyType(
            describe_enforcement(
                profile,
                deterministic=deterministic,
                counted=counted,
                alone=alone,
                packages=packages.described if packages is not None else "",
            )
        )

    @property
    def alive(self) -> bool:
        return self._lease.zygote.alive

    def _numbers(self, limits: Limits) -> GuestLimits:
        reason = unenforceable(limits)
        if reason is not None:
            raise PolicyNotEnforceable(f"wasi: {reason}")
        return GuestLimits(
            memory=int(limits.memory),
            disk=int(limits.disk or 0),
            files=limits.files if limits.disk else 0,  # no file is a file of no bytes either
            threads=0,
            cpu=float(limits.cpu),  # type: ignore[arg-type]
        )

    def start(self, limits: Limits) -> WasiGuest:
        numbers = self._numbers(limits)
        spares: Spares[WasiGuest] = self._lease.zygote.spares
        spare = spares.take(numbers)
        if spare is not None:
            with contextlib.suppress(EngineFailure):  # it died before it was warm
                return _begun(spare)
        return _begun(self._fork(numbers))

    def prepare(self, limits: Limits) -> None:
        if not self._lease.held:
            return
        numbers = self._numbers(limits)
        if not self._lease.zygote.config.alone:
            self._lease.zygote.spares.prepare(numbers, self._fork)
            return
        # Starting a process takes a millisecond or more, which an event loop may not have.
        ahead = threading.Thread(target=self._prepare, args=(numbers,), name=AHEAD, daemon=True)
        with contextlib.suppress(RuntimeError):  # no thread is to be had: there is none ahead
            ahead.start()

    def _prepare(self, numbers: GuestLimits) -> None:
        spares: Spares[WasiGuest] = self._lease.zygote.spares
        spares.prepare(numbers, self._fork)
        if not self._lease.held:
            spares.drop()

    def thaw(self, limits: Limits, memory: bytes) -> WasiGuest:
        guest = _begun(self._fork(self._numbers(limits), order=THAW))
        try:
            guest.thaw(memory)
        except BaseException:
            guest.close()
            raise
        return guest

    def _fork(self, numbers: GuestLimits, *, order: bytes = BEGIN) -> WasiGuest:
        """A guest that was told what to be."""
        zygote = self._lease.zygote
        control, theirs = _make_control(packets=not zygote.config.alone)
        with theirs:
            try:
                control.send(order)
                number, end = zygote.spawn(numbers, (theirs.fileno(),))
            except BaseException:
                control.close()
                raise
        meter = WorkerMeter(control) if self._counted else None
        return WasiGuest(zygote, number, end, control, numbers.memory, meter)

    def explain(self, limits: Limits) -> Mapping[str, Any]:
        profile = self.profile
        said: dict[str, Any] = {"profile": json.loads(profile.to_json())}
        if "seccomp" in profile.walls:
            from ringfence.jail import seccomp  # the rules and their reasons are for who asks

            calls = seccomp.describe(profile.machine, paths=False, scratch=False, threads=True)
            said["system_calls"] = [dataclasses.asdict(entry) for entry in calls]
        return said

    def close(self) -> None:
        self._lease.release()


def _begun(guest: WasiGuest) -> WasiGuest:
    """A guest, once its process is warm.

    Raises:
        EngineFailure: it never was.
    """
    try:
        guest.await_begun()
    except BaseException:
        guest.close()
        raise
    return guest


def _make_control(*, packets: bool) -> tuple[Control, socket.socket]:
    """The host's end of a control socket, and the worker's.

    Raises:
        EngineFailure: there is no socket left.
    """
    try:
        if packets:
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            there.setblocking(True)  # unless the program has a timeout for all of its sockets
        else:
            here, there = make_pair()
    except OSError as error:
        why = explain_shortage(error.errno)
        raise EngineFailure(f"no socket for a guest: {why}") from error
    if not packets:
        return StreamControl(here), there
    here.setblocking(False)
    return here, there
