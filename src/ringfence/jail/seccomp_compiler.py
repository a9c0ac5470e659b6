"""Turns what shall happen to each system call into a filter program.

``ringfence.jail.seccomp`` decides what shall happen; this module only knows how a filter says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ringfence.jail.bpf import (
    Branch,
    Here,
    Label,
    Load,
    Mask,
    Program,
    Return,
    Statement,
    assemble,
    search,
)
from ringfence.jail.seccomp_terms import (
    ALLOW,
    KILL,
    Action,
    AllClear,
    Case,
    IsNull,
    IsOwnPid,
    IsThread,
    NotTogether,
    OneOf,
    Test,
    Under,
)
from ringfence.jail.syscalls import Machine

__all__ = ["Outcome", "compile_filter", "constant"]

# struct seccomp_data of linux/seccomp.h: nr, arch, instruction_pointer, args[6]. A filter loads 32
# bits at a time; the low half of an argument comes first on every machine that has a table.
_NUMBER = 0
_ARCHITECTURE = 4
_ARGUMENTS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule does, without its words: calls with equal outcomes share instructions.

    Attributes:
        cases: Tried in order; none of them without a test.
        otherwise: What happens if no case fits.
    """

    cases: tuple[Case, ...]
    otherwise: Action

    @property
    def tests_nothing(self) -> bool:
        """Whether ``otherwise`` is what happens to every call."""
        return not self.cases


def constant(action: Action) -> Outcome:
    """Return the outcome that is this action whatever the arguments are."""
    return Outcome((), action)


_Ends: TypeAlias = dict[Action, Label]


def compile_filter(machine: Machine, wanted: Sequence[frozenset[Outcome]]) -> Program:
    """Return a program that gives each number one of the outcomes wanted for it.

    Calls of another ABI are killed.

    Args:
        machine: Whose calls they are.
        wanted: For each number from 0 on, the outcomes that will do, of which the program chooses;
            every number beyond the last one is treated like the last one.
    """
    labels: dict[Outcome, Label] = {constant(KILL): Label("kill")}
    ranges = [
        (start, labels.setdefault(outcome, Label(outcome.otherwise.name)))
        for start, outcome in _ranges(wanted)
    ]
    if machine.foreign_bit:
        ranges.append((machine.foreign_bit, labels[constant(KILL)]))
    statements: list[Statement] = [
        Load(_ARCHITECTURE),
        Branch("==", machine.audit_arch, false=labels[constant(KILL)]),
        Load(_NUMBER),
        *search(ranges),
    ]
    ends = {outcome.otherwise: label for outcome, label in labels.items() if outcome.tests_nothing}
    for outcome, label in labels.items():
        if not outcome.tests_nothing:
            statements += [Here(label), *_decide(machine, outcome, ends)]
    for action, label in ends.items():
        statements += [Here(label), Return(action.verdict)]
    return assemble(statements)


def _ranges(wanted: Sequence[frozenset[Outcome]]) -> list[tuple[int, Outcome]]:
    """As few ranges as there can be; an outcome that allows is chosen where there is a choice."""
    ranges: list[tuple[int, frozenset[Outcome]]] = []
    for number, outcomes in enumerate(wanted):
        common = ranges[-1][1] & outcomes if ranges else None
        if common:
            ranges[-1] = (ranges[-1][0], common)
        else:
            ranges.append((number, outcomes))
    allow = constant(ALLOW)
    return [(start, allow if allow in common else next(iter(common))) for start, common in ranges]


def _decide(machine: Machine, outcome: Outcome, ends: _Ends) -> list[Statement]:
    """The instructions of one outcome: each case in turn."""
    statements: list[Statement] = []
    held: int | None = None  # the offset of the word that A holds
    for index, case in enumerate(outcome.cases):
        last = index + 1 == len(outcome.cases)
        done = ends.setdefault(case.action, Label(case.action.name))
        failed = (
            ends.setdefault(outcome.otherwise, Label(outcome.otherwise.name))
            if last
            else Label("next case")
        )
        for position, test in enumerate(case.tests):
            final = position + 1 == len(case.tests)
            passed = done if final else Label("next test")
            lines, held = _check(machine, test, held, passed, failed)
            statements += lines
            if not final:
                statements.append(Here(passed))
        if not last:
            statements.append(Here(failed))
            # The next case is reached from any test of this one.
            held = held if len(case.tests) == 1 else None
    return statements


def _check(
    machine: Machine, test: Test, held: int | None, passed: Label, failed: Label
) -> tuple[list[Statement], int | None]:
    """The instructions of one test, and the offset of the word that A holds after them."""
    low = _ARGUMENTS + 8 * test.argument
    load: list[Statement] = [] if held == low else [Load(low)]
    match test:
        case OneOf(values=values, mask=mask):
            masked = mask != 0xFFFFFFFF
            if masked:
                load.append(Mask(mask))
            return [*load, *_any_of(values, passed, failed)], None if masked else low
        case AllClear(mask=mask):
            return [*load, Branch("&", mask, failed, passed)], low
        case NotTogether(mask=mask):
            return [*load, Mask(mask), Branch("==", mask, failed, passed)], None
        case Under(limit=limit):
            return [*load, Branch(">=", limit, failed, passed)], low
        case IsNull():
            return [
                Load(low + 4),
                Branch("==", 0, false=failed),
                Load(low),
                Branch("==", 0, passed, failed),
            ], None
        case IsThread():
            return [*load, *_any_of(machine.thread_flags, passed, failed)], low
        case IsOwnPid():
            return [*load, Branch("==", 0, passed, failed, slot=True)], low


def _any_of(values: Sequence[int], passed: Label, failed: Label) -> list[Statement]:
    *others, final = values
    return [
        *(Branch("==", value, true=passed) for value in others),
        Branch("==", final, passed, failed),
    ]
