"""The filters, run over every system call of every machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import pytest

from ringfence.jail.seccomp import Entry, describe, layer_one, layer_two
from ringfence.jail.seccomp_rules import GUEST, ZYGOTE
from ringfence.jail.seccomp_terms import REFUSE, OneOf, Rule, Test
from ringfence.jail.syscalls import MACHINES, find_machine
from tests.unit.jail.bpf_simulator import (
    KILL_PROCESS,
    Call,
    Instruction,
    always_allowed,
    decode,
    run,
    strictest,
)
from tests.unit.jail.seccomp_expectations import (
    ALWAYS,
    EVERYTHING,
    GRANTS,
    NOTHING,
    OWN_PID,
    PROBED,
    PROBES,
    VERDICTS,
    ZYGOTE_CALLS,
    Grants,
    expected,
    expected_in_zygote,
)

_ANY = (1 << 64) - 1
ARGUMENTS = ((), (_ANY,) * 6, (1, 2, 3, 4, 5, 6))
FAR_NUMBERS = (2047, 2048, 4096, 65535, 0x3FFFFFFF)

pytestmark = pytest.mark.parametrize("machine", MACHINES)
each_grant = pytest.mark.parametrize("grants", GRANTS, ids=str)


class Filters:
    """What the kernel runs: layer two first, layer one after it, if there are both."""

    def __init__(self, machine: str, *programs: bytes) -> None:
        self.machine = find_machine(machine)
        self.programs = [decode(program) for program in programs]

    def verdict(self, number: int, arguments: Sequence[int] = (), arch: int | None = None) -> int:
        call = Call(number, self.machine.audit_arch if arch is None else arch, tuple(arguments))
        return strictest(*(run(program, call).verdict for program in self.programs))


def zygote(machine: str, *, scratch: bool) -> Filters:
    return Filters(machine, layer_one(machine, paths=True, scratch=scratch))


def guest(machine: str, grants: Grants, *, scratch_in_zygote: bool | None = None) -> Filters:
    scratch = grants.scratch if scratch_in_zygote is None else scratch_in_zygote
    one = layer_one(machine, paths=grants.paths, scratch=scratch)
    two = layer_two(machine, **vars(grants)).for_pid(OWN_PID)
    return Filters(machine, two, one)


def calls(machine: str) -> Iterator[tuple[int, str | None]]:
    names = {number: name for name, number in find_machine(machine).numbers.items()}
    for number in (*range(max(names) + 200), *FAR_NUMBERS):
        yield number, names.get(number)


def word(verdict: int) -> str:
    return next((name for name, value in VERDICTS.items() if value == verdict), hex(verdict))


# ------------------------------------------------------------------------------ every call


@each_grant
@pytest.mark.parametrize("scratch_in_zygote", [True, None], ids=["zygote with scratch", "as guest"])
def test_every_call_of_a_guest(
    machine: str, grants: Grants, scratch_in_zygote: bool | None
) -> None:
    filters = guest(machine, grants, scratch_in_zygote=scratch_in_zygote)
    wrong = [
        (name or number, arguments, word(filters.verdict(number, arguments)))
        for number, name in calls(machine)
        if name not in PROBED
        for arguments in ARGUMENTS
        if filters.verdict(number, arguments) != VERDICTS[expected(name, grants)]
    ]
    assert wrong == []


@pytest.mark.parametrize("scratch", [True, False])
def test_every_call_of_the_zygote(machine: str, scratch: bool) -> None:
    filters = zygote(machine, scratch=scratch)
    wrong = [
        (name or number, arguments, word(filters.verdict(number, arguments)))
        for number, name in calls(machine)
        if name not in PROBED - ZYGOTE_CALLS
        for arguments in ARGUMENTS
        if filters.verdict(number, arguments) != VERDICTS[expected_in_zygote(name, scratch=scratch)]
    ]
    assert wrong == []


@each_grant
def test_every_argument_that_a_guest_is_asked_about(machine: str, grants: Grants) -> None:
    filters = guest(machine, grants)
    assert wrong_probes(filters, grants) == []


def wrong_probes(
    filters: Filters, grants: Grants | None, only: frozenset[str] = PROBED
) -> list[tuple[str, tuple[int, ...], str]]:
    """The probes that end otherwise than they must, for a guest or (None) for the zygote."""
    wrong = []
    for probe in PROBES:
        if probe.call in only & filters.machine.numbers.keys():
            verdict = filters.verdict(filters.machine.numbers[probe.call], probe.arguments)
            wanted = probe.expected_in_zygote() if grants is None else probe.expected(grants)
            if verdict != VERDICTS[wanted]:
                wrong.append((probe.call, probe.arguments, word(verdict)))
    return wrong


def test_every_argument_that_the_zygote_is_asked_about(machine: str) -> None:
    assert wrong_probes(zygote(machine, scratch=True), None) == []


# --------------------------------------------------------------------------- other ABIs


@each_grant
def test_another_architecture_is_killed(machine: str, grants: Grants) -> None:
    one, two = guest(machine, grants).programs
    own = find_machine(machine).audit_arch
    # i386, ARM, x86_64, aarch64, riscv64, none
    for arch in {0x40000003, 0x40000028, 0xC000003E, 0xC00000B7, 0xC00000F3, 0} - {own}:
        for program in (one, two):
            assert {
                run(program, Call(number, arch)).verdict for number in (*range(600), 0xFFFFFFFF)
            } == {KILL_PROCESS}


@each_grant
def test_x32_is_killed(machine: str, grants: Grants) -> None:
    foreign = find_machine(machine).foreign_bit
    for program in guest(machine, grants).programs:
        verdicts = {
            run(program, Call(0x40000000 | number, find_machine(machine).audit_arch)).verdict
            for number in (*range(600), 0x3FFFFFFF)
        }
        assert (verdicts == {KILL_PROCESS}) is bool(foreign)
    if not foreign:  # then these are numbers like any other that no call has
        assert guest(machine, grants).verdict(0x40000000) == VERDICTS["ENOSYS"]


# ------------------------------------------------------------------------------ cost


@each_grant
def test_unconditional_calls_never_run_a_filter(machine: str, grants: Grants) -> None:
    filters = guest(machine, grants)
    table = filters.machine.numbers
    slow = {
        name
        for name in ALWAYS & table.keys()
        for program in filters.programs
        if not always_allowed(program, table[name], filters.machine.audit_arch)
    }
    assert slow == set()


@each_grant
def test_filters_are_short(machine: str, grants: Grants) -> None:
    two, one = guest(machine, grants).programs
    assert len(one) <= 220
    assert len(two) <= 95
    assert longest_run(machine, one) <= 32
    assert longest_run(machine, two) <= 26


def longest_run(machine: str, program: list[Instruction]) -> int:
    arch = find_machine(machine).audit_arch
    return max(
        run(program, Call(number, arch, arguments)).steps
        for number, _ in calls(machine)
        for arguments in ARGUMENTS
    )


# ------------------------------------------------------------------------------ the pid


def test_a_guest_filter_is_made_for_one_pid(machine: str) -> None:
    template = layer_two(machine, **vars(EVERYTHING))
    tgkill = find_machine(machine).numbers["tgkill"]
    for pid in (1, 2, 4194304):
        program = template.for_pid(pid)
        assert len(program) == len(template.program)
        filters = Filters(machine, program)
        allowed = {0, 1, 2, pid, pid + 1}
        for other in allowed:
            wanted = "allow" if other == pid else "EPERM"
            assert filters.verdict(tgkill, (other, 1, 9)) == VERDICTS[wanted]
    assert Filters(machine, template.program).verdict(tgkill, (1, 1, 9)) == VERDICTS["EPERM"]


@pytest.mark.parametrize("pid", [0, -1, 4194305])
def test_what_is_no_pid_is_refused(machine: str, pid: int) -> None:
    with pytest.raises(ValueError, match=f"a process id is 1 to 4194304, not {pid}"):
        layer_two(machine, **vars(NOTHING)).for_pid(pid)


def test_scratch_without_paths_is_refused(machine: str) -> None:
    for function in (layer_two, describe):
        with pytest.raises(ValueError, match="scratch=True needs paths=True"):
            function(machine, paths=False, scratch=True, threads=True)


# --------------------------------------------------------------------- the printable policy


@each_grant
def test_the_description_agrees_with_the_filters(machine: str, grants: Grants) -> None:
    filters = guest(machine, grants)
    entries = describe(machine, **vars(grants))
    described = {entry.name: entry for entry in entries if entry.number is not None}
    for number, name in calls(machine):
        if name is None:
            continue
        entry = described.get(name)
        verdict = filters.verdict(number)
        if entry is None:
            assert verdict == VERDICTS["EPERM"], name
        elif not entry.tests:
            assert (entry.number, verdict) == (number, VERDICTS[entry.action]), name
        else:
            assert name in PROBED, name


@each_grant
def test_every_line_of_the_description_says_why(machine: str, grants: Grants) -> None:
    entries = describe(machine, **vars(grants))
    assert [entry for entry in entries if len(entry.reason) < 4] == []
    assert len({(entry.name, entry.action) for entry in entries}) == len(entries)
    assert {entry.action for entry in entries} <= VERDICTS.keys()
    assert {entry.otherwise for entry in entries} <= VERDICTS.keys()


def test_lines_of_the_description(machine: str) -> None:
    numbers = find_machine(machine).numbers
    lines = {(entry.name, entry.action): entry for entry in describe(machine, **vars(NOTHING))}
    assert lines["prctl", "allow"] == Entry(
        name="prctl",
        number=numbers["prctl"],
        action="allow",
        tests=("option in {0xf, 0x10}",),
        otherwise="EPERM",
        reason="PR_SET_NAME and PR_GET_NAME: names of threads",
    )
    assert lines["mmap", "allow"].tests == (
        "flags & 0x42100 == 0",
        "flags & 0x21 != 0x21",
    )
    assert lines["fcntl", "succeed"].tests == ("command in {0x6, 0x7}",)
    assert lines["tgkill", "allow"].tests == ("process == the guest's own pid",)
    assert lines["openat", "EPERM"].reason.startswith("paths and scratch not granted: ")
    assert lines["clone", "EPERM"].reason.startswith("threads not granted: ")
    classes = [entry.name for entry in lines.values() if entry.number is None]
    assert classes == [
        "<any other known call>",
        "<any unknown call>",
        "<any call of another architecture>",
        *(["<any call of the x32 ABI>"] if machine == "x86_64" else []),
    ]


# ----------------------------------------------------------------------------- mutations


@dataclasses.dataclass(frozen=True)
class Mutant:
    what: str
    changed: frozenset[str]
    rules: tuple[Rule, ...]


def mutants(rules: tuple[Rule, ...]) -> Iterator[Mutant]:
    """Every table that lacks one call, one test, or one value of a test."""
    for index, rule in enumerate(rules):
        for what, changed, mutated in mutations(rule):
            yield Mutant(what, frozenset(changed), (*rules[:index], mutated, *rules[index + 1 :]))


def mutations(rule: Rule) -> Iterator[tuple[str, Sequence[str], Rule]]:
    if rule.cases or rule.otherwise != REFUSE:  # a call without a rule is refused as well
        for call in rule.calls:
            rest = tuple(name for name in rule.calls if name != call)
            yield f"without {call}", (call,), dataclasses.replace(rule, calls=rest)
    for place, case in enumerate(rule.cases):
        for test in case.tests:
            for smaller in (None, *fewer_values(test)):
                tests = tuple(
                    smaller if other is test else other
                    for other in case.tests
                    if other is not test or smaller is not None
                )
                cases = list(rule.cases)
                cases[place] = dataclasses.replace(
                    case, tests=tuple(test for test in tests if test is not None)
                )
                what = f"{rule.calls}: {smaller or 'nothing'} for {test}"
                yield what, rule.calls, dataclasses.replace(rule, cases=tuple(cases))


def fewer_values(test: Test) -> Iterator[OneOf]:
    if isinstance(test, OneOf) and len(test.values) > 1:
        for value in test.values:
            rest = tuple(other for other in test.values if other != value)
            yield dataclasses.replace(test, values=rest)


def about(changed: frozenset[str], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that decide these calls: the others need not be compiled to know their verdicts."""
    return tuple(rule for rule in rules if changed & {*rule.calls})


def test_no_entry_can_be_taken_away_unnoticed(machine: str) -> None:
    survivors = []
    for mutant in mutants(GUEST):
        changed = mutant.changed & find_machine(machine).numbers.keys()
        if changed and not any(
            noticed(machine, grants, changed, about(changed, mutant.rules))
            for grants in (EVERYTHING, GRANTS[2], NOTHING)
        ):
            survivors.append(mutant.what)
    assert survivors == []


def noticed(machine: str, grants: Grants, changed: frozenset[str], rules: tuple[Rule, ...]) -> bool:
    rest = about(changed, ZYGOTE)
    one = layer_one(machine, paths=grants.paths, scratch=grants.scratch, guest=rules, zygote=rest)
    two = layer_two(machine, **vars(grants), guest=rules, zygote=rest).for_pid(OWN_PID)
    filters = Filters(machine, two, one)
    return wrong_probes(filters, grants, changed) != [] or any(
        filters.verdict(filters.machine.numbers[call], arguments)
        != VERDICTS[expected(call, grants)]
        for call in changed - PROBED
        for arguments in ARGUMENTS
    )


def test_no_entry_of_the_zygote_can_be_taken_away_unnoticed(machine: str) -> None:
    survivors = []
    for mutant in mutants(ZYGOTE):
        changed = mutant.changed & find_machine(machine).numbers.keys()
        if not changed:
            continue
        one = layer_one(
            machine,
            paths=True,
            scratch=False,
            guest=about(changed, GUEST),
            zygote=about(changed, mutant.rules),
        )
        filters = Filters(machine, one)
        if not wrong_probes(filters, None, changed) and all(
            filters.verdict(filters.machine.numbers[call]) == VERDICTS["allow"]
            for call in changed - PROBED
        ):
            survivors.append(mutant.what)
    assert survivors == []
