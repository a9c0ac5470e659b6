"""The filters of system calls that confine a guest, as programs for seccomp(2).

There are two, because installing a filter costs time in proportion to its length. The zygote
installs **layer one** once, before it imports any package: an allow-list of what guests and the
zygote need. Every guest inherits it for nothing and installs **layer two**, which is short: it
takes away what only the zygote needed and what was not granted. The kernel runs both and obeys the
stricter verdict, so layer two says nothing about what layer one refuses already, and means nothing
alone.

The rules are data in ``ringfence.jail.seccomp_rules``. These functions are pure: they turn rules
into bytes, and are tested by running the bytes in a simulator, over every system call of every
machine. Installing a program is the business of ``ringfence.jail.libc``.

Both layers kill the process for a call through another ABI of the processor (i386, x32, 32-bit
ARM), whose numbers mean something else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringfence.jail.seccomp_compiler import Outcome, compile_filter, constant
from ringfence.jail.seccomp_rules import GUEST, ZYGOTE
from ringfence.jail.seccomp_terms import ALLOW, KILL, REFUSE, UNKNOWN, Case, Grant, Rule
from ringfence.jail.syscalls import Machine, find_machine

__all__ = ["Entry", "GuestFilter", "describe", "layer_one", "layer_two"]

_MAX_PID = 1 << 22  # PID_MAX_LIMIT of linux/threads.h


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the policy that a guest ends up with.

    Attributes:
        name: The call, or in angle brackets a class of calls that have no line of their own.
        number: Its number on this machine; None for a class.
        action: What happens: ``allow``, ``kill``, ``succeed`` (returns 0 without doing anything) or
            the name of the error with which it fails.
        tests: What the arguments must pass for that, in words; empty if there is no condition.
        otherwise: What happens if they do not and no other entry of the same name fits; the action
            if there is no condition.
        reason: Why.
    """

    name: str
    number: int | None
    action: str
    tests: tuple[str, ...]
    otherwise: str
    reason: str


@dataclass(frozen=True, slots=True)
class GuestFilter:
    """Layer two, for any guest.

    Attributes:
        program: An array of ``struct sock_filter``. As it is, it refuses every ``tgkill``.
        slots: Where in ``program`` the guest's process id belongs (byte offsets).
    """

    program: bytes
    slots: tuple[int, ...]

    def for_pid(self, pid: int) -> bytes:
        """Return the program for the guest with this process id, as long as ``program``.

        Args:
            pid: What getpid(2) returns *in the guest*, in its own pid namespace.

        Raises:
            ValueError: It is no process id. 0 in particular is not the caller.
        """
        if not 0 < pid <= _MAX_PID:
            raise ValueError(f"a process id is 1 to {_MAX_PID}, not {pid}")
        program = bytearray(self.program)
        for slot in self.slots:
            struct.pack_into("<I", program, slot, pid)
        return bytes(program)


def layer_one(
    machine: str,
    *,
    paths: bool,
    scratch: bool,
    guest: Sequence[Rule] = GUEST,
    zygote: Sequence[Rule] = ZYGOTE,
) -> bytes:
    """Return the filter of the zygote, which its guests inherit, as ``struct sock_filter[]``.

    Args:
        machine: ``platform.machine()``.
        paths: Whether guests will be granted paths. Layer one allows them in any case, because the
            zygote imports packages; ``layer_two`` takes them away.
        scratch: Whether the zygote or any guest of it may change files (``Grant.SCRATCH``).
        guest: The rules for guests; tests take some away.
        zygote: The rules for the zygote.

    Raises:
        ValueError: There is no table of system calls for the machine.
    """
    del paths
    target = find_machine(machine)
    granted = {Grant.PATHS, Grant.THREADS} | ({Grant.SCRATCH} if scratch else set())
    outcomes = _in_layer_one(target, guest, zygote, granted)
    return compile_filter(target, [frozenset({outcome}) for outcome in outcomes]).code


def layer_two(
    machine: str,
    *,
    paths: bool,
    scratch: bool,
    threads: bool,
    guest: Sequence[Rule] = GUEST,
    zygote: Sequence[Rule] = ZYGOTE,
) -> GuestFilter:
    """Return the filter that a guest installs last, on top of any ``layer_one`` of its machine.

    It allows by default. What it forbids is what ``layer_one(scratch=True)`` allows and the rules
    do not grant to this guest.

    Args:
        machine: ``platform.machine()``.
        paths: Whether the guest may read what its file system shows.
        scratch: Whether it may change files. Grant it only behind a mount namespace in which all
            but a private mount is read-only: Landlock does not see chmod and utimensat.
        threads: Whether it may start threads.
        guest: The rules for guests; tests take some away.
        zygote: The rules for the zygote.

    Raises:
        ValueError: There is no table of system calls for the machine, or scratch without paths.
    """
    target = find_machine(machine)
    before = _in_layer_one(target, guest, zygote, set(Grant))
    after = _by_number(target, _resolve(target, guest, _granted(paths, scratch, threads)))
    allow = constant(ALLOW)
    wanted: list[frozenset[Outcome]] = []
    for inherited, outcome in zip(before, after, strict=True):
        if outcome != inherited:
            wanted.append(frozenset({outcome}))
        elif outcome.tests_nothing and outcome != allow:
            # Refused already: saying so again is as good as allowing it.
            wanted.append(frozenset({allow, outcome}))
        else:
            wanted.append(frozenset({allow}))
    program = compile_filter(target, wanted)
    return GuestFilter(program.code, program.slots)


def describe(
    machine: str,
    *,
    paths: bool,
    scratch: bool,
    threads: bool,
    guest: Sequence[Rule] = GUEST,
) -> list[Entry]:
    """Return what both layers together let a guest do, in the order of the rules.

    Args:
        machine: ``platform.machine()``.
        paths: As for ``layer_two``.
        scratch: As for ``layer_two``.
        threads: As for ``layer_two``.
        guest: The rules for guests; tests take some away.

    Raises:
        ValueError: As for ``layer_two``.
    """
    target = find_machine(machine)
    granted = _granted(paths, scratch, threads)
    in_force = _resolve(target, guest, granted)
    entries: list[Entry] = []
    for rule in guest:
        for name in rule.calls:
            if in_force.get(name) is rule:
                entries += _entries(target, name, rule)
            elif name in target.numbers and name not in in_force:
                missing = " and ".join(sorted(grant.value for grant in rule.grants - granted))
                reason = f"{missing} not granted: {rule.reason}"
                in_force[name] = Rule((name,), reason, (), REFUSE)
                entries += _entries(target, name, in_force[name])
    classes = [
        ("<any other known call>", REFUSE, "no guest needs it"),
        (
            "<any unknown call>",
            UNKNOWN,
            "newer than the table: programs fall back to an older call",
        ),
        ("<any call of another architecture>", KILL, "its numbers mean something else"),
    ]
    if target.foreign_bit:
        classes.append(("<any call of the x32 ABI>", KILL, "its numbers mean something else"))
    entries += [
        Entry(name, None, action.name, (), action.name, reason) for name, action, reason in classes
    ]
    return entries


# ------------------------------------------------------------------------ which rule is in force


def _outcome(rule: Rule) -> Outcome:
    if rule.cases and not rule.cases[0].tests:
        return constant(rule.cases[0].action)
    return Outcome(rule.cases, rule.otherwise)


def _granted(paths: bool, scratch: bool, threads: bool) -> set[Grant]:
    if scratch and not paths:
        raise ValueError("scratch=True needs paths=True: files are opened by their paths")
    flags = {Grant.PATHS: paths, Grant.SCRATCH: scratch, Grant.THREADS: threads}
    return {grant for grant, given in flags.items() if given}


def _resolve(machine: Machine, rules: Iterable[Rule], granted: set[Grant]) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.grants <= granted:
            for name in rule.calls:
                if name in machine.numbers:
                    found.setdefault(name, rule)
    return found


def _by_number(machine: Machine, rules: Mapping[str, Rule]) -> list[Outcome]:
    """Return the outcome for each number; the last stands for all that are unknown."""
    outcomes = [constant(UNKNOWN)] * (max(machine.numbers.values()) + 2)
    for name, number in machine.numbers.items():
        outcomes[number] = _outcome(rules[name]) if name in rules else constant(REFUSE)
    return outcomes


def _in_layer_one(
    machine: Machine, guest: Iterable[Rule], zygote: Iterable[Rule], granted: set[Grant]
) -> list[Outcome]:
    rules = _resolve(machine, guest, granted) | _resolve(machine, zygote, granted)
    return _by_number(machine, rules)


def _entries(machine: Machine, name: str, rule: Rule) -> list[Entry]:
    return [
        Entry(
            name=name,
            number=machine.numbers[name],
            action=case.action.name,
            tests=tuple(map(str, case.tests)),
            otherwise=(rule.otherwise if case.tests else case.action).name,
            reason=rule.reason,
        )
        for case in rule.cases or (Case((), rule.otherwise),)
    ]
