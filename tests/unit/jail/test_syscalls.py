"""The tables of system calls: what the kernel's headers say, and nothing else."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import platform
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ringfence.jail.seccomp_rules import GUEST, ZYGOTE
from ringfence.jail.syscalls import MACHINES, find_machine, syscall_numbers

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate_syscalls", ROOT / "scripts" / "generate_syscalls.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", MACHINES)
def test_the_table_says_what_the_headers_say(generator: ModuleType, name: str) -> None:
    (source,) = [source for source in generator.SOURCES if source.machine == name]
    try:
        headers = generator.read_headers(source)
    except generator.HeadersMissing as missing:
        pytest.skip(str(missing))
    assert generator.disagreements(generator.read_committed(source), headers) == []


@pytest.mark.parametrize("name", MACHINES)
def test_a_generated_table_is_the_committed_one(generator: ModuleType, name: str) -> None:
    (source,) = [source for source in generator.SOURCES if source.machine == name]
    committed = (generator.TABLES / f"{name}.py").read_text()
    assert generator.render(source, generator.read_committed(source)) == committed


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"read": 9}, ["read is 9 in the table and 0 in the headers"]),
        ({"write": None}, ["write is None in the table and 1 in the headers"]),
        ({"invented": 2}, ["invented is 2 in the table and None in the headers"]),
        ({"newest": 5}, []),
        ({"close": None}, []),
    ],
    ids=["other number", "lacks one", "one too many", "headers are older", "headers are newer"],
)
def test_disagreements_are_named(
    generator: ModuleType, change: dict[str, int | None], complaint: list[str]
) -> None:
    headers = generator.Table(1, 0, (1,), {"read": 0, "write": 1, "close": 3})
    numbers = {
        name: number for name, number in (headers.numbers | change).items() if number is not None
    }
    committed = dataclasses.replace(headers, numbers=numbers)
    assert generator.disagreements(committed, headers) == complaint


def test_a_wrong_constant_is_named(generator: ModuleType) -> None:
    headers = generator.Table(1, 0, (1,), {"read": 0})
    assert generator.disagreements(dataclasses.replace(headers, audit_arch=2), headers) == [
        "AUDIT_ARCH is 2 in the table and 1 in the headers"
    ]


@pytest.mark.parametrize(
    ("name", "arch", "foreign", "numbers"),
    [
        ("x86_64", 0xC000003E, 0x40000000, {"read": 0, "clone": 56, "seccomp": 317, "clone3": 435}),
        ("aarch64", 0xC00000B7, 0, {"read": 63, "clone": 220, "seccomp": 277, "clone3": 435}),
    ],
)
def test_what_every_filter_stands_on(
    name: str, arch: int, foreign: int, numbers: dict[str, int]
) -> None:
    machine = find_machine(name)
    assert (machine.name, machine.audit_arch, machine.foreign_bit) == (name, arch, foreign)
    assert machine.thread_flags == (0x3D0F00, 0x7D0F00)
    assert {call: machine.numbers[call] for call in numbers} == numbers
    assert syscall_numbers(name) is machine.numbers


@pytest.mark.parametrize("name", MACHINES)
def test_no_number_is_used_twice(name: str) -> None:
    numbers = list(syscall_numbers(name).values())
    assert len(numbers) == len(set(numbers))


def test_every_call_that_a_rule_names_exists_somewhere() -> None:
    known = {name for machine in MACHINES.values() for name in machine.numbers}
    named = {name for rule in (*GUEST, *ZYGOTE) for name in rule.calls}
    assert named - known == set()


def test_a_machine_without_a_table_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^no table of system calls for machine 'riscv64'; there"):
        find_machine("riscv64")


@pytest.mark.skipif(
    platform.machine() not in MACHINES, reason="no table for the machine that runs the tests"
)
def test_the_running_kernel_agrees() -> None:
    number = syscall_numbers(platform.machine())["getpid"]
    ctypes = pytest.importorskip("ctypes")
    assert ctypes.CDLL(None).syscall(number) == os.getpid()
