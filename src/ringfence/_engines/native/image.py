"""What native guests start from: a zygote, and what it enforces."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ringfence._engines.native.enforcement import describe_enforcement, unenforceable
from ringfence.engine import ImageSpec
from ringfence.errors import EngineFailure, PolicyNotEnforceable
from ringfence.jail.cgroups import CgroupUnavailable, CpuShare
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.model import Limits, WallSet
from ringfence.zygote.guest import ProcessGuest
from ringfence.zygote.spares import Spares
from ringfence.zygote.zygotes import Lease

if TYPE_CHECKING:
    from ringfence._engines.native.wheels import LentWheels

__all__ = ["NativeImage"]


class NativeImage:
    """A share in a zygote.

    Args:
        lease: the share.
        profile: the jail that the zygote built.
        spec: what was asked for.
        lent: the wheels among it.

    Raises:
        PolicyNotEnforceable: ``cpu_share`` without a cgroup controller.
    """

    def __init__(
        self, lease: Lease, profile: Profile, spec: ImageSpec, lent: LentWheels | None = None
    ) -> None:
        self.walls: WallSet = profile.walls
        self.profile = profile
        self._lease = lease
        self._cores = spec.policy.cpu_share
        enforced = describe_enforcement(profile)
        if lent is not None:
            how = "read-only mount" if profile.namespaces else "Landlock: read-only"
            enforced["packages"] = f"{how}, each file checked: {lent.assembly}"
        if self._cores is not None:
            share = self._make_share(self._cores)
            enforced["cpu_share"] = share.mechanism
            share.close()
        self.enforced: Mapping[str, str] = MappingProxyType(enforced)

    @property
    def alive(self) -> bool:
        return self._lease.zygote.alive

    def _numbers(self, limits: Limits) -> GuestLimits:
        reason = unenforceable(limits, self.walls)
        if reason is not None:
            raise PolicyNotEnforceable(f"native: {reason}")
        return GuestLimits(
            memory=int(limits.memory),
            disk=int(limits.disk or 0),
            files=limits.files,
            threads=limits.threads,
            cpu=float(limits.cpu),  # type: ignore[arg-type]
        )

    def start(self, limits: Limits) -> ProcessGuest:
        numbers = self._numbers(limits)
        if self._cores is not None:
            return self._start_with_share(numbers, self._cores)
        spares: Spares[ProcessGuest] = self._lease.zygote.spares
        return spares.take(numbers) or self._fork(numbers)

    def prepare(self, limits: Limits) -> None:
        if self._lease.held and self._cores is None:
            self._lease.zygote.spares.prepare(self._numbers(limits), self._fork)

    def _fork(self, numbers: GuestLimits, share: CpuShare | None = None) -> ProcessGuest:
        zygote = self._lease.zygote
        return ProcessGuest(zygote, *zygote.spawn(numbers), share)

    def _start_with_share(self, numbers: GuestLimits, cores: float) -> ProcessGuest:
        share = self._make_share(cores)
        try:
            guest = self._fork(numbers, share)
        except BaseException:
            share.close()
            raise
        try:
            pid = guest.host_pid()
            if pid is None:
                raise EngineFailure("the guest ended before its CPU share could be set")
            share.attach(pid)
        except BaseException as error:
            guest.close()
            if isinstance(error, OSError):
                raise EngineFailure(f"a guest's CPU share cannot be set: {error}") from error
            raise
        return guest

    def explain(self, limits: Limits) -> Mapping[str, Any]:
        profile = self.profile
        from ringfence.jail import seccomp  # the rules and their reasons are for who asks

        calls = seccomp.describe(
            profile.machine,
            paths=profile.paths,
            scratch=profile.scratch,
            threads=limits.threads > 0,
        )
        return {
            "profile": json.loads(profile.to_json()),
            "system_calls": [dataclasses.asdict(entry) for entry in calls],
        }

    def _make_share(self, cores: float) -> CpuShare:
        try:
            return CpuShare(cores)
        except CgroupUnavailable as error:
            raise PolicyNotEnforceable(
                f"native: cpu_share={cores} needs a cgroup cpu controller that this user may "
                f"use: {error}"
            ) from error

    def close(self) -> None:
        self._lease.release()
