"""The assembler and the search, judged by a simulator that knows neither."""

from __future__ import annotations

import struct

import pytest

from ringfence.jail.bpf import (
    AssemblyError,
    Branch,
    Goto,
    Here,
    Label,
    Load,
    Mask,
    Return,
    Statement,
    assemble,
    search,
)
from tests.unit.jail.bpf_simulator import Call, Instruction, decode, run

ALLOW = 0x7FFF0000


def verdict(statements: list[Statement], number: int, *arguments: int) -> int:
    return run(decode(assemble(statements).code), Call(number, 0, arguments)).verdict


def test_the_bytes_are_those_of_struct_sock_filter() -> None:
    no = Label()
    code = assemble([Load(0), Branch("==", 60, false=no), Return(ALLOW), Here(no), Return(7)]).code
    assert decode(code) == [
        Instruction(0x20, 0, 0, 0),
        Instruction(0x15, 0, 1, 60),
        Instruction(0x06, 0, 0, ALLOW),
        Instruction(0x06, 0, 0, 7),
    ]
    assert code[8:16] == struct.pack("<HBBI", 0x15, 0, 1, 60)


@pytest.mark.parametrize(
    ("condition", "value", "passing", "failing"),
    [
        ("==", 5, [5], [4, 6, 0xFFFFFFFF]),
        (">=", 5, [5, 6, 0xFFFFFFFF], [0, 4]),
        ("&", 6, [2, 4, 7, 0xFFFFFFFF], [0, 1, 8]),
    ],
)
def test_conditions(condition: str, value: int, passing: list[int], failing: list[int]) -> None:
    no = Label()
    branch = Branch(condition, value, false=no)  # type: ignore[arg-type]
    statements: list[Statement] = [Load(0), branch, Return(1), Here(no), Return(2)]
    assert [verdict(statements, number) for number in passing] == [1] * len(passing)
    assert [verdict(statements, number) for number in failing] == [2] * len(failing)


def test_both_halves_of_an_argument_and_a_mask() -> None:
    no = Label()
    statements: list[Statement] = [
        Load(16 + 8 * 5 + 4),
        Branch("==", 0xDEAD, false=no),
        Load(16 + 8 * 5),
        Mask(0xFF00),
        Branch("==", 0x1200, false=no),
        Return(1),
        Here(no),
        Return(2),
    ]
    assert verdict(statements, 0, 0, 0, 0, 0, 0, 0xDEAD_0000_12FF) == 1
    assert verdict(statements, 0, 0, 0, 0, 0, 0, 0xDEAF_0000_12FF) == 2
    assert verdict(statements, 0, 0, 0, 0, 0, 0, 0xDEAD_0000_1300) == 2


@pytest.mark.parametrize("distance", [254, 255, 256, 257, 600])
@pytest.mark.parametrize("side", ["true", "false", "both"])
def test_far_targets_are_reached(distance: int, side: str) -> None:
    yes, no = Label("yes"), Label("no")
    branch = Branch("==", 1, yes if side != "false" else None, no if side != "true" else None)
    filler: list[Statement] = [Mask(0xFFFFFFFF)] * distance
    statements = [Load(0), branch, *filler, Return(3), Here(no), Return(2), Here(yes), Return(1)]
    taken = 1 if side != "false" else 3
    missed = 2 if side != "true" else 3
    assert verdict(statements, 1) == taken
    assert verdict(statements, 0) == missed


def test_an_inserted_jump_that_pushes_the_other_target_out_of_reach() -> None:
    yes, no = Label("yes"), Label("no")
    filler: list[Statement] = [Mask(0xFFFFFFFF)] * 255
    statements = [Load(0), Branch("==", 1, yes, no), *filler, Here(no), Return(2), Here(yes)]
    program = decode(assemble([*statements, Return(1)]).code)
    assert [instruction.code for instruction in program].count(0x05) == 2
    assert run(program, Call(1, 0)).verdict == 1
    assert run(program, Call(0, 0)).verdict == 2


def test_a_jump_to_the_next_statement_takes_no_instruction() -> None:
    end = Label()
    assert len(decode(assemble([Goto(end), Here(end), Return(1)]).code)) == 1


def test_slots_are_where_the_placeholders_stand() -> None:
    no = Label()
    statements: list[Statement] = [
        Load(0),
        Branch("==", 0, false=no, slot=True),
        Load(16),
        Branch("==", 0, false=no, slot=True),
        Return(1),
        Here(no),
        Return(2),
    ]
    program = assemble(statements)
    assert program.slots == (12, 28)
    patched = bytearray(program.code)
    for slot, value in zip(program.slots, (11, 22), strict=True):
        struct.pack_into("<I", patched, slot, value)
    assert run(decode(bytes(patched)), Call(11, 0, (22,))).verdict == 1
    assert run(decode(bytes(patched)), Call(11, 0, (0,))).verdict == 2


_SOMEWHERE = Label("somewhere")


@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        ([], "1 to 4096 instructions, not 0"),
        ([Load(0)], "ends with a Return"),
        ([Goto(_SOMEWHERE), Return(1)], "somewhere> does not stand after the jump"),
        ([Here(_SOMEWHERE), Goto(_SOMEWHERE), Return(1)], "does not stand after the jump"),
        ([Here(_SOMEWHERE), Here(_SOMEWHERE), Return(1)], "stands in two places"),
        ([Load(64), Return(1)], "no word at byte 64"),
        ([Load(2), Return(1)], "no word at byte 2"),
        ([Mask(1 << 32), Return(1)], "does not fit into 32 bits"),
        ([Return(-1)], "does not fit into 32 bits"),
        ([*[Mask(1)] * 4096, Return(1)], "not 4097"),
    ],
)
def test_what_is_no_program_is_refused(statements: list[Statement], complaint: str) -> None:
    with pytest.raises(AssemblyError, match=complaint):
        assemble(statements)


def dispatch(ranges: list[tuple[int, int]]) -> list[Instruction]:
    labels = {verdict: Label(str(verdict)) for _, verdict in ranges}
    statements = [Load(0), *search([(start, labels[verdict]) for start, verdict in ranges])]
    for value, label in labels.items():
        statements += [Here(label), Return(value)]
    return decode(assemble(statements).code)


@pytest.mark.parametrize(
    "ranges",
    [
        [(0, 1)],
        [(0, 1), (10, 2)],
        [(0, 1), (10, 2), (11, 1)],
        [(0, 2), (1, 1)],
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        [(0, 1), (5, 2), (6, 3), (7, 2), (8, 1), (9, 1), (20, 4)],
        [(number, number % 7) for number in range(0, 900, 3)],
        [(number, 1 + (number * 2654435761 >> 7) % 3) for number in range(450)],
        [(0, 1), (0x40000000, 2), (0xFFFFFFFF, 3)],
    ],
    ids=["one", "two", "single", "first", "all single", "mixed", "many", "random", "large"],
)
def test_search_finds_the_range(ranges: list[tuple[int, int]]) -> None:
    program = dispatch(ranges)
    edges = {start + offset for start, _ in ranges for offset in (-1, 0, 1)}
    numbers = sorted(
        {number for number in edges if 0 <= number < 1 << 32} | set(range(1000)) | {(1 << 32) - 1}
    )
    for number in numbers:
        expected = [verdict for start, verdict in ranges if start <= number][-1]
        assert run(program, Call(number, 0)).verdict == expected, number


def test_search_is_short_to_run() -> None:
    program = dispatch([(number, 1 + number % 2) for number in range(1024)])
    assert max(run(program, Call(number, 0)).steps for number in range(1024)) <= 16


def test_single_numbers_take_one_instruction_each() -> None:
    ranges = [(0, 1)]
    for number in (10, 20, 30, 40):
        ranges += [(number, 2), (number + 1, 1)]
    # load, four comparisons, two returns
    assert len(dispatch(ranges)) == 7


@pytest.mark.parametrize("starts", [[], [1], [0, 5, 5], [0, 5, 3]])
def test_ranges_that_do_not_rise_are_refused(starts: list[int]) -> None:
    with pytest.raises(AssemblyError, match="start at 0 and rise"):
        search([(start, Label()) for start in starts])
