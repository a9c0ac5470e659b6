"""Runs seccomp filters in pure Python: test support, and deliberately no part of the assembler.

Written from the kernel's side (kernel/seccomp.c, net/core/filter.c): what is not accepted there is
not accepted here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
KILL_PROCESS = 0x80000000

_LOAD, _AND, _RETURN, _ALWAYS = 0x20, 0x54, 0x06, 0x05
_JUMPS = {0x15: lambda a, k: a == k, 0x25: lambda a, k: a > k} | {
    0x35: lambda a, k: a >= k,
    0x45: lambda a, k: bool(a & k),
}

# The order of actions in kernel/seccomp.c: of several filters' verdicts the strictest counts.
_STRICTNESS = (KILL_PROCESS, 0, 0x00030000, ERRNO, 0x7FC00000, 0x7FF00000, 0x7FFC0000, ALLOW)


class Invalid(Exception):
    """The kernel would not accept the program."""


@dataclass(frozen=True)
class Instruction:
    code: int
    true: int
    false: int
    value: int


@dataclass(frozen=True)
class Call:
    """``struct seccomp_data``."""

    number: int
    arch: int
    arguments: tuple[int, ...] = ()
    instruction_pointer: int = 0

    def packed(self) -> bytes:
        arguments = (*self.arguments, 0, 0, 0, 0, 0, 0)[:6]
        return struct.pack("<IIQ6Q", self.number, self.arch, self.instruction_pointer, *arguments)


@dataclass(frozen=True)
class Run:
    verdict: int
    steps: int
    looked_at_arguments: bool


def decode(program: bytes) -> list[Instruction]:
    """Read an array of ``struct sock_filter``, and check it as bpf_check_classic does."""
    if not program or len(program) % 8 or len(program) > 8 * 4096:
        raise Invalid(f"{len(program)} bytes")
    instructions = [
        Instruction(code, true, false, value)
        for code, true, false, value in struct.iter_unpack("<HBBI", program)
    ]
    length = len(instructions)
    for place, instruction in enumerate(instructions):
        match instruction.code:
            case code if code in _JUMPS:
                if place + 1 + max(instruction.true, instruction.false) >= length:
                    raise Invalid(f"instruction {place} jumps past the end")
            case code if code == _ALWAYS:
                if place + 1 + instruction.value >= length:
                    raise Invalid(f"instruction {place} jumps past the end")
            case code if code == _LOAD:
                if instruction.value % 4 or instruction.value >= 64:
                    raise Invalid(f"instruction {place} loads byte {instruction.value}")
            case code if code not in (_AND, _RETURN):
                raise Invalid(f"instruction {place} has the code {code:#x}")
    if instructions[-1].code != _RETURN:
        raise Invalid("does not end with a return")
    return instructions


def run(instructions: list[Instruction], call: Call) -> Run:
    """Run a program over one call."""
    data = call.packed()
    place = accumulator = steps = 0
    looked = False
    while True:
        instruction = instructions[place]
        place += 1
        steps += 1
        match instruction.code:
            case code if code == _LOAD:
                (accumulator,) = struct.unpack_from("<I", data, instruction.value)
                looked |= instruction.value >= 8
            case code if code == _AND:
                accumulator &= instruction.value
            case code if code == _ALWAYS:
                place += instruction.value
            case code if code == _RETURN:
                return Run(instruction.value, steps, looked)
            case code:
                taken = _JUMPS[code](accumulator, instruction.value)
                place += instruction.true if taken else instruction.false


def strictest(*verdicts: int) -> int:
    """The verdict that counts. The last filter comes first: among equals it wins."""
    return min(verdicts, key=lambda verdict: _STRICTNESS.index(verdict & 0xFFFF0000))


def always_allowed(instructions: list[Instruction], number: int, arch: int) -> bool:
    """Whether the kernel never runs the program for this call (seccomp_is_const_allow)."""
    result = run(instructions, Call(number, arch))
    return result.verdict == ALLOW and not result.looked_at_arguments
