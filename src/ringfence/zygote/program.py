"""What a zygote warms, and what its guests run: an engine's part of the process."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn, Protocol

from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile

__all__ = ["EnterStage", "Program", "load_program"]

EnterStage = Callable[[str], None]
"""Told what begins; its name is in the error when that fails."""


class Program(Protocol):
    """Made before the jail is built, and used in this order; ``serve`` in a guest."""

    @property
    def descriptors(self) -> int:
        """How many descriptors each guest is given, from 3 on; the channel is the first."""

    @property
    def own_descriptors(self) -> int:
        """How many each guest opens for itself before it is confined; they come after those."""

    @property
    def held(self) -> Collection[int]:
        """Descriptors of its own that stay open until :meth:`settle`, none below those that guests
        get.
        """

    def warm(self, enter_stage: EnterStage, proc: int) -> None:
        """Make everything ready that guests have in common; in the jail, with a descriptor of
        /proc.
        """

    def settle(self) -> None:
        """The first guest is about to be forked: what is written from here on is somebody's own.
        Once.
        """

    def process_limits(self, limits: GuestLimits) -> GuestLimits:
        """What the kernel is to hold the process of such a guest to."""

    def open_own(self, proc: int) -> tuple[int, ...]:
        """Open what a guest will not be able to open; in the guest, with a descriptor of /proc."""

    def reseed(self) -> None:
        """Give the next guest random numbers of its own."""

    def serve(self, limits: GuestLimits) -> NoReturn:
        """Be a guest; the process is confined, and this is all that it does."""


def load_program(module: str, settings: Mapping[str, Any], profile: Profile) -> Program:
    """The program of a module: what its ``make_program`` makes of an engine's settings.

    Args:
        module: by its name.
        settings: plain data, as the engine wrote it into the configuration.
        profile: the jail that will be built around it.
    """
    made: Program = importlib.import_module(module).make_program(settings, profile)
    return made
