"""What there is to take away, computed from the product: a new entry is in the list by itself."""

from __future__ import annotations

import dataclasses
import resource
from collections import Counter
from collections.abc import Iterator
from unittest import mock

from ringfence.jail import landlock, libc, namespaces, rlimits
from ringfence.jail.confinement import Confinement
from ringfence.jail.guest_limits import GuestLimits
from ringfence.jail.profile import Profile
from ringfence.jail.seccomp_rules import ZYGOTE
from ringfence.jail.syscalls import find_machine
from tests.levels.hosts import FULL
from tests.levels.mutants.engine import Removal
from tests.levels.mutants.policies import MACHINE

__all__ = ["LIMITS", "entries", "image_limits"]

LIMITS = {
    number: name.removeprefix("RLIMIT_")
    for name, number in vars(resource).items()
    if name.startswith("RLIMIT_") and name != "RLIMIT_OFILE"
}
"""Number -> name of the limits of setrlimit(2)."""

_NAMESPACES = {
    getattr(libc, name): name.removeprefix("CLONE_NEW").lower()
    for name in libc.__all__
    if name.startswith("CLONE_NEW")
}
_RIGHTS = (
    ("execute", "write-file", "read-file", "read-dir", "remove-dir", "remove-file", "make-char",
     "make-dir", "make-reg", "make-sock", "make-fifo", "make-block", "make-sym", "refer", "truncate",
     "ioctl-dev"),
    ("bind-tcp", "connect-tcp"),
    ("abstract-sockets", "signals"),
)  # fmt: skip
"""The bits of landlock(7), lowest first: files, network, scopes."""
_LESS: dict[str, Removal] = {
    "landlock_abi": ("profile", "landlock_abi", 0),
    "paths": ("profile", "paths", False),
    "scratch": ("profile", "scratch", False),
    "machine": ("profile", "machine", "x86_64" if MACHINE == "aarch64" else "aarch64"),
}
"""How a field of the profile is taken away that is no list."""
_SOME = GuestLimits(memory=1 << 28, disk=1 << 26, files=1000, threads=8, cpu=10.0)


def entries() -> dict[str, Removal]:
    """Name -> what takes it away, for all but the table of a guest's system calls."""
    return dict([*_fields(), *_steps(), *_limits(), *_spaces(), *_rights(), *_zygote()])


def _fields() -> Iterator[tuple[str, Removal]]:
    for field in dataclasses.fields(Profile):
        if field.name == "walls":
            yield "walls: namespaces", ("profile", "walls", ["landlock", "seccomp"])
            yield "walls: landlock", ("profile", "landlock_abi", 0)
            yield "walls: seccomp", ("no_filters",)
        else:
            yield f"profile: {field.name}", _LESS.get(field.name, ("profile_less", field.name))


def _steps() -> Iterator[tuple[str, Removal]]:
    """``step: NAME`` with the number of its turn, where a call is made several times."""
    numbers = {number: name for name, number in find_machine(MACHINE).numbers.items()}
    profile = Profile(walls=FULL, landlock_abi=1)
    steps = Confinement(profile, -1, 0, data=0, address_space=0).steps(_SOME)
    seen: Counter[str] = Counter()
    for group in ("before", "after"):
        for index, call in enumerate(getattr(steps, group)):
            name = numbers[call[0].value]
            seen[name] += 1
            if name != "prlimit64":  # each is an entry of the limits
                yield f"step: {name} {seen[name]}", ("step", group, index)
    for index, (opening, _) in enumerate(steps.maps):
        yield f"step: {opening[-1][2].value.decode()}", ("step", "maps", index)


def image_limits() -> dict[int, int]:
    """Resource -> value of the limits that an image sets."""
    unlimited = resource.RLIM_INFINITY, resource.RLIM_INFINITY
    with (
        mock.patch.object(resource, "getrlimit", return_value=unlimited),
        mock.patch.object(resource, "setrlimit") as record,
    ):
        rlimits.apply_image()
    return {call.args[0]: call.args[1][0] for call in record.call_args_list}


def _limits() -> Iterator[tuple[str, Removal]]:
    for which in image_limits():
        yield f"limit: {LIMITS[which]}", ("image_rlimit", which)
    for which, _ in rlimits.guest_rlimits(_SOME, 0, 0, count_threads=True):
        yield f"limit: {LIMITS[which]}", ("guest_rlimit", which)


def _spaces() -> Iterator[tuple[str, Removal]]:
    for flag, name in _NAMESPACES.items():
        if flag & (namespaces._IMAGE_FLAGS | libc.CLONE_NEWUSER):
            yield f"namespace of the image: {name}", ("image_namespace", flag)
        if flag & (namespaces.GUEST_FLAGS | libc.CLONE_NEWPID):
            yield f"namespace of a guest: {name}", ("guest_namespace", flag)


def _rights() -> Iterator[tuple[str, Removal]]:
    for kind, (names, handled) in enumerate(
        zip(_RIGHTS, landlock._handled(libc.landlock_abi()), strict=True)
    ):
        for place in range(handled.bit_length()):
            if handled >> place & 1:
                yield f"landlock: {names[place]}", ("landlock_right", kind, 1 << place)


def _zygote() -> Iterator[tuple[str, Removal]]:
    known = find_machine(MACHINE).numbers
    for name in sorted({name for rule in ZYGOTE for name in rule.calls if name in known}):
        yield f"zygote: {name}", ("zygote_call", name)
