"""Every entry of the table of system calls, taken away: what a guest's filters would be without it.

To take a permission away is to refuse; to take a refusal away is to permit. A refusal in another way
than ``EPERM`` becomes ``EPERM``, what a call without any entry gets.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringfence.jail import seccomp
from ringfence.jail.seccomp_rules import GUEST
from ringfence.jail.seccomp_terms import ALLOW, KILL, REFUSE, Case, Grant, Rule
from ringfence.jail.syscalls import Machine, find_machine

__all__ = ["MACHINE", "NUMBERED", "Change", "changes", "layers", "without_call"]

MACHINE = os.uname().machine
NUMBERED = 1_000
"""Added to the number of a change, and given to a guest as its limit of files."""


@dataclass(frozen=True)
class Change:
    """One entry taken away.

    Attributes:
        id: says which.
        call: whose witnesses notice it; for a class of calls its name in angle brackets.
        rules: those that are left.
        scratch: whether the guest may write; a rule for those that may not decides nothing else.
        refusal: whether what is missing is a refusal.
    """

    id: str
    call: str
    rules: tuple[Rule, ...] = GUEST
    scratch: bool = True
    refusal: bool = False


def changes(machine: str) -> tuple[Change, ...]:
    """All of them. The first two take nothing away: with scratch, and without."""
    known = find_machine(machine).numbers
    found = [Change("nothing", ""), Change("nothing but scratch", "", scratch=False)]
    for index, rule in enumerate(GUEST):
        for call in (name for name in rule.calls if name in known):
            for what, instead in _without_entry(rule, call):
                rules = [*without_call(GUEST, call, index)]
                rules[index:index] = [instead] if instead is not None else []
                scratch = not _is_covered(rule, call)
                refusal = not rule.cases and rule.otherwise in (REFUSE, KILL)
                found.append(Change(f"{call}{what}", call, tuple(rules), scratch, refusal))
    classes = [entry.name for entry in _described(machine) if entry.number is None]
    return (*found, *(Change(name, name, refusal=True) for name in classes))


def _is_covered(rule: Rule, call: str) -> bool:
    """Whether another rule decides where scratch is granted."""
    return any(Grant.SCRATCH in r.grants and call in r.calls for r in GUEST if r is not rule)


def _described(machine: str) -> list[seccomp.Entry]:
    return seccomp.describe(machine, paths=True, scratch=True, threads=True)


def without_call(rules: Sequence[Rule], call: str, index: int | None = None) -> tuple[Rule, ...]:
    """The rules without a call: all of them, or that of one index."""
    return tuple(
        dataclasses.replace(rule, calls=tuple(name for name in rule.calls if name != call))
        if index in (None, place)
        else rule
        for place, rule in enumerate(rules)
    )


def _without_entry(rule: Rule, call: str) -> Iterator[tuple[str, Rule | None]]:
    """(what is missing, the rule that stands in its place)."""
    alone = dataclasses.replace(rule, calls=(call,))
    grants = "".join(f" with {grant.value}" for grant in sorted(rule.grants, key=str))
    if not rule.cases:
        refused = rule.otherwise == REFUSE
        yield "", dataclasses.replace(alone, otherwise=ALLOW) if refused else None
        return
    if len(rule.cases) == 1:
        yield grants, None
    for place, case in enumerate(rule.cases):
        others = (*rule.cases[:place], *rule.cases[place + 1 :])
        if others:
            yield f": the case {_words(case)}", dataclasses.replace(alone, cases=others)
        for number, test in enumerate(case.tests):
            left = (*case.tests[:number], *case.tests[number + 1 :])
            if left:
                cases = (*rule.cases[:place], Case(left, case.action), *rule.cases[place + 1 :])
                looser = dataclasses.replace(alone, cases=cases)
            else:
                cases, otherwise = rule.cases[:place], case.action
                looser = dataclasses.replace(alone, cases=cases, otherwise=otherwise)
            yield f"{grants}: the test {test}", looser
    if rule.otherwise != REFUSE:
        yield f": otherwise {rule.otherwise.name}", dataclasses.replace(alone, otherwise=REFUSE)


def _words(case: Case) -> str:
    return " and ".join(map(str, case.tests)) or "always"


def layers(change: Change, machine: str) -> tuple[bytes, bytes]:
    """The filters of a guest with everything granted (but scratch, where that would hide the change),
    which is process 1.
    """
    with _class_taken_away(change.call):
        scratch, rules = change.scratch, change.rules
        one = seccomp.layer_one(machine, paths=True, scratch=scratch, guest=rules)
        two = seccomp.layer_two(machine, paths=True, scratch=scratch, threads=True, guest=rules)
    filters = one, two.for_pid(1)
    if change.call == "<any call of another architecture>":
        return _blind(filters[0]), _blind(filters[1])
    return filters


@contextlib.contextmanager
def _class_taken_away(name: str) -> Iterator[None]:
    """What ``seccomp`` does with calls that have no entry, changed while filters are made."""

    def without_foreign_bit(machine: str) -> Machine:
        return dataclasses.replace(find_machine(machine), foreign_bit=0)

    changes: dict[str, tuple[str, object]] = {
        "<any other known call>": ("REFUSE", ALLOW),
        "<any unknown call>": ("UNKNOWN", ALLOW),
        "<any call of the x32 ABI>": ("find_machine", without_foreign_bit),
    }
    if name not in changes:
        yield
        return
    attribute, value = changes[name]
    real = getattr(seccomp, attribute)
    setattr(seccomp, attribute, value)
    try:
        yield
    finally:
        setattr(seccomp, attribute, real)


def _blind(program: bytes) -> bytes:
    """A filter that does not look at the architecture: both ways of its first branch are one."""
    code, yes, _, value = struct.unpack_from("<HBBI", program, 8)
    branch = struct.pack("<HBBI", code, yes, yes, value)
    return program[:8] + branch + program[16:]
