"""An assembler for classic BPF, as far as seccomp uses it.

A program is a list of statements with symbolic labels. ``assemble`` turns them into the bytes of an
array of ``struct sock_filter`` (linux/filter.h). Jumps only go forward (bpf_check_classic); the
offsets of a conditional jump have eight bits, so a far target is reached over an unconditional
jump, which ``assemble`` inserts where it is needed.

Only instructions that the kernel can evaluate in advance are offered: when a filter is installed,
``seccomp_is_const_allow`` (kernel/seccomp.c) runs it once per system call to find those that it
always allows, and these never run the filter again. It understands loads, ``&``, ``==``, ``>=``,
bit tests, jumps and returns. ``search`` keeps that run short.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = [
    "AssemblyError",
    "Branch",
    "Goto",
    "Here",
    "Label",
    "Load",
    "Mask",
    "Program",
    "Return",
    "Statement",
    "assemble",
    "search",
]

MAX_INSTRUCTIONS = 4096
"""BPF_MAXINSNS of linux/bpf_common.h."""

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP = 0x05  # BPF_JMP | BPF_JA
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_CONDITIONS = {"==": 0x15, ">=": 0x35, "&": 0x45}  # BPF_JMP | BPF_JEQ, BPF_JGE, BPF_JSET | BPF_K
_FAR = 255
_WORD = 0xFFFFFFFF


class AssemblyError(ValueError):
    """The statements are no program: a fault of the code that made them."""


class Label:
    """A place in a program. Two labels are never the same place unless both stand there."""

    __slots__ = ("name",)

    def __init__(self, name: str = "") -> None:
        """Make a label; ``name`` is for messages only."""
        self.name = name

    def __repr__(self) -> str:
        return f"<Label {self.name or hex(id(self))}>"


@dataclass(frozen=True, slots=True)
class Here:
    """The label stands before the next statement."""

    label: Label


@dataclass(frozen=True, slots=True)
class Load:
    """A = the 32-bit word at byte ``offset`` of ``struct seccomp_data``."""

    offset: int


@dataclass(frozen=True, slots=True)
class Mask:
    """A = A & ``value``."""

    value: int


@dataclass(frozen=True, slots=True)
class Branch:
    """Compare A, unsigned, and go on at ``true`` or ``false``; None is the next statement.

    Attributes:
        condition: ``A == value``, ``A >= value``, or ``A & value`` (any bit in common).
        slot: The value is a placeholder: ``Program.slots`` says where it stands.
    """

    condition: Literal["==", ">=", "&"]
    value: int
    true: Label | None = None
    false: Label | None = None
    slot: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on at ``target``."""

    target: Label


@dataclass(frozen=True, slots=True)
class Return:
    """End with the verdict ``value`` (SECCOMP_RET_...)."""

    value: int


Statement: TypeAlias = Here | Load | Mask | Branch | Goto | Return


@dataclass(frozen=True, slots=True)
class Program:
    """An assembled program.

    Attributes:
        code: An array of ``struct sock_filter``, eight bytes each, in the machine's byte order
            (little-endian on all that Ringfence knows).
        slots: The byte offset of each placeholder's 32-bit value in ``code``.
    """

    code: bytes
    slots: tuple[int, ...]


def _encode(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, true, false, value)


class _Backwards:
    """Lays a program out from its end, where the distance to every target is already known."""

    def __init__(self) -> None:
        self.instructions: list[bytes] = []  # the last one first
        self.slots: list[int] = []  # counted from the end, as `_places`
        self._places: dict[Label, int] = {}

    def add(self, statement: Statement) -> None:
        match statement:
            case Here(label):
                if label in self._places:
                    raise AssemblyError(f"{label} stands in two places")
                self._places[label] = len(self.instructions)
            case Load(offset):
                if offset % 4 or not 0 <= offset < 64:
                    raise AssemblyError(f"struct seccomp_data has no word at byte {offset}")
                self.instructions.append(_encode(_LOAD_WORD, offset))
            case Mask(value):
                self.instructions.append(_encode(_AND, value))
            case Return(value):
                self.instructions.append(_encode(_RETURN, value))
            case Goto(target):
                self._jump(self._place(target))
            case Branch():
                self._branch(statement)

    def _place(self, target: Label | None) -> int:
        if target is None:
            return len(self.instructions)
        try:
            return self._places[target]
        except KeyError:
            raise AssemblyError(f"{target} does not stand after the jump to it") from None

    def _jump(self, place: int) -> None:
        distance = len(self.instructions) - place
        if distance:
            self.instructions.append(_encode(_JUMP, distance))

    def _branch(self, branch: Branch) -> None:
        true, false = self._place(branch.true), self._place(branch.false)
        # An inserted jump moves the branch further from the other target: look at both again.
        while True:
            here = len(self.instructions)
            if here - false > _FAR:
                self._jump(false)
                false = here + 1
            elif here - true > _FAR:
                self._jump(true)
                true = here + 1
            else:
                break
        if branch.slot:
            self.slots.append(here)
        self.instructions.append(
            _encode(_CONDITIONS[branch.condition], branch.value, here - true, here - false)
        )


def assemble(statements: Iterable[Statement]) -> Program:
    """Turn statements into a program.

    Raises:
        AssemblyError: A label is missing, stands twice or stands before a jump to it; a value is
            not a 32-bit word; the program is empty, too long or could run past its end.
    """
    backwards = _Backwards()
    for statement in reversed(list(statements)):
        value = statement.value if isinstance(statement, Mask | Branch | Return) else 0
        if not 0 <= value <= _WORD:
            raise AssemblyError(f"{statement} does not fit into 32 bits")
        if not backwards.instructions and not isinstance(statement, Here | Return):
            raise AssemblyError(f"a program ends with a Return, not with {statement}")
        backwards.add(statement)
    length = len(backwards.instructions)
    if not 0 < length <= MAX_INSTRUCTIONS:
        raise AssemblyError(f"a program has 1 to {MAX_INSTRUCTIONS} instructions, not {length}")
    return Program(
        code=b"".join(reversed(backwards.instructions)),
        slots=tuple(8 * (length - 1 - place) + 4 for place in reversed(backwards.slots)),
    )


_CHAIN = 6
"""How many equality tests in a row are still cheaper to run than one more level of the search."""


def search(ranges: Sequence[tuple[int, Label]]) -> list[Statement]:
    """Go to the label of the range that A lies in.

    Each range starts at its first number and ends before the next one; the first starts at 0, the
    last ends with 2**32. A binary search, so that a program over hundreds of numbers runs some ten
    comparisons for each; single numbers inside a wider range are told apart by equality, which
    takes one instruction where two boundaries would take two.

    Raises:
        AssemblyError: The ranges do not start at 0 or do not rise.
    """
    starts = [start for start, _ in ranges]
    if not starts or starts[0] != 0 or any(a >= b for a, b in itertools.pairwise(starts)):
        raise AssemblyError(f"ranges start at 0 and rise: {starts}")
    return _search(ranges, 0, len(ranges))


def _search(ranges: Sequence[tuple[int, Label]], low: int, high: int) -> list[Statement]:
    chain = _equalities(ranges, low, high)
    if chain is not None:
        return chain
    middle = (low + high) // 2
    return _choose(
        ">=", ranges[middle][0], _search(ranges, middle, high), _search(ranges, low, middle)
    )


def _equalities(ranges: Sequence[tuple[int, Label]], low: int, high: int) -> list[Statement] | None:
    """A few equality tests that decide ranges[low:high], or None if that takes more."""
    narrow = [
        index
        for index in range(low, high)
        if index + 1 < len(ranges) and ranges[index + 1][0] == ranges[index][0] + 1
    ]
    wide = {ranges[index][1] for index in range(low, high) if index not in narrow}
    if len(wide) > 1:
        return None
    default = wide.pop() if wide else ranges[low][1]
    single = [ranges[index] for index in narrow if ranges[index][1] is not default]
    if len(single) > _CHAIN:
        return None
    statements: list[Statement] = [Goto(default)]
    for number, label in reversed(single):
        statements = _choose("==", number, [Goto(label)], statements)
    return statements


def _choose(
    condition: Literal["==", ">="], value: int, true: list[Statement], false: list[Statement]
) -> list[Statement]:
    match true, false:
        case [Goto(yes)], [Goto(no)]:
            return [Branch(condition, value, yes, no)]
        case [Goto(yes)], _:
            return [Branch(condition, value, true=yes), *false]
        case _, [Goto(no)]:
            return [Branch(condition, value, false=no), *true]
        case _:
            label = Label(f"A {condition} {value}")
            return [Branch(condition, value, true=label), *false, Here(label), *true]
