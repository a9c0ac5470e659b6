"""What takes an entry of the jail away. It runs in the zygote, before the jail is built.

Like everything there it needs the standard library and ``ringfence.jail`` alone.
"""

from __future__ import annotations

import dataclasses
import resource
from collections.abc import Callable
from typing import Any

from ringfence.jail import confinement, landlock, libc, namespaces, rlimits, seccomp
from ringfence.jail.confinement import Confinement, Steps
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.jail.seccomp_rules import ZYGOTE
from tests.levels.mutants import policies

__all__ = [
    "guest_namespace",
    "guest_rlimit",
    "image_namespace",
    "image_rlimit",
    "keep_dumpable",
    "landlock_right",
    "no_filters",
    "open_rlimit",
    "policy_of_files",
    "profile",
    "profile_less",
    "step",
    "zygote_call",
]

# --- the profile -------------------------------------------------------------------------------


def profile(field: str, value: Any) -> None:
    """A profile whose field has another value."""
    real = Profile.from_json

    def from_json(text: str) -> Profile:
        kept = getattr(real(text), field)
        kind = type(kept) if isinstance(kept, tuple | frozenset) else lambda plain: plain
        changed: dict[str, Any] = {field: kind(value)}
        return dataclasses.replace(real(text), **changed)

    Profile.from_json = from_json  # type: ignore[method-assign]


def profile_less(field: str) -> None:
    """A profile without the last of what a field lists."""
    real = Profile.from_json

    def from_json(text: str) -> Profile:
        whole = real(text)
        return dataclasses.replace(whole, **{field: getattr(whole, field)[:-1]})

    Profile.from_json = from_json  # type: ignore[method-assign]


# --- the steps of a guest ----------------------------------------------------------------------


def _change_steps(change: Callable[[Steps, GuestLimits, Confinement], None]) -> None:
    real = Confinement.steps

    def steps(self: Confinement, limits: GuestLimits) -> Steps:
        made = real(self, limits)
        change(made, limits, self)
        return made

    Confinement.steps = steps  # type: ignore[method-assign]


def step(group: str, index: int) -> None:
    """One call that a guest makes when it confines itself."""

    def change(steps: Steps, limits: GuestLimits, confinement: Confinement) -> None:
        del getattr(steps, group)[index]

    _change_steps(change)


def no_filters() -> None:
    """Both layers of seccomp."""
    libc.SeccompProgram.install = lambda self: None  # type: ignore[method-assign]

    def change(steps: Steps, limits: GuestLimits, confinement: Confinement) -> None:
        steps.after.pop()

    _change_steps(change)


def keep_dumpable() -> None:
    """What hides a guest's entries of /proc from its own user outside."""
    hiding = [libc.NUMBERS["prctl"], libc.PR_SET_DUMPABLE]

    def change(steps: Steps, limits: GuestLimits, confinement: Confinement) -> None:
        steps.after[:] = [call for call in steps.after if [a.value for a in call[:2]] != hiding]

    _change_steps(change)


# --- namespaces --------------------------------------------------------------------------------


def _unshare_without(flag: int, *, of_image: bool) -> None:
    real = libc.unshare

    def unshare(flags: int) -> None:
        if of_image and flags & ~flag:
            real(flags & ~flag)
        elif of_image or flags != flag:
            real(flags)

    libc.unshare = unshare


def image_namespace(flag: int) -> None:
    """A namespace of the image. (Root makes a first mount namespace by itself, to build the tree in;
    that one stays.)
    """
    _unshare_without(flag, of_image=True)


def guest_namespace(flag: int) -> None:
    """A namespace of each guest."""
    if flag == libc.CLONE_NEWPID:
        _unshare_without(flag, of_image=False)
    else:
        namespaces.GUEST_FLAGS &= ~flag


# --- limits ------------------------------------------------------------------------------------


def open_rlimit(which: int) -> None:
    """What the host of the tests may have limited already."""
    resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def image_rlimit(which: int) -> None:
    """A limit that all guests inherit."""
    real = resource.setrlimit

    def setrlimit(resource_: int, limits: tuple[int, int]) -> None:
        if resource_ != which:
            real(resource_, limits)

    rlimits.resource.setrlimit = setrlimit  # type: ignore[attr-defined]


def guest_rlimit(which: int) -> None:
    """A limit that each guest sets itself."""
    real = rlimits.guest_rlimits

    def guest_rlimits(*arguments: Any, **named: Any) -> list[tuple[int, int]]:
        return [pair for pair in real(*arguments, **named) if pair[0] != which]

    confinement.rlimits.guest_rlimits = guest_rlimits  # type: ignore[attr-defined]


# --- Landlock ----------------------------------------------------------------------------------


def landlock_right(kind: int, bit: int) -> None:
    """A right that the ruleset handles: 0 files, 1 network, 2 scopes."""
    real_handled, real_add = landlock._handled, libc.landlock_add_path

    def handled(abi: int) -> tuple[int, int, int]:
        rights = list(real_handled(abi))
        rights[kind] &= ~bit
        return rights[0], rights[1], rights[2]

    def add(ruleset: int, rights: int, fd: int) -> None:
        kept = rights & ~bit if kind == 0 else rights
        if kept:
            real_add(ruleset, kept, fd)

    landlock._handled = handled
    landlock.libc.landlock_add_path = add  # type: ignore[attr-defined]


# --- system calls ------------------------------------------------------------------------------


def zygote_call(name: str) -> None:
    """A call that the zygote may make."""
    rules = policies.without_call(ZYGOTE, name)
    real = seccomp.layer_one
    seccomp.layer_one = lambda *given, **named: real(*given, zygote=rules, **named)


def policy_of_files() -> None:
    """The filters of each guest are those of one change of ``policies``: its number is the guest's
    limit of files, less ``policies.NUMBERED``. All that the kernel would run one after the other in production,
    it runs here too; only that the first layer is installed by the guest and not before.
    """
    libc.SeccompProgram.install = lambda self: None  # type: ignore[method-assign]
    changes = policies.changes(policies.MACHINE)
    kept: list[libc.SeccompProgram] = []  # what a prepared call points to

    def change(steps: Steps, limits: GuestLimits, confinement: Confinement) -> None:
        layers = policies.layers(changes[limits.files - policies.NUMBERED], policies.MACHINE)
        programs = [libc.seccomp_filter(layer) for layer in layers]
        kept.extend(programs)
        steps.after[-1:] = [program.prepared() for program in programs]

    _change_steps(change)
