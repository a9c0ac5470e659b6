"""Write the system-call tables of ``ringfence.jail`` from the kernel's own headers.

Usage: python scripts/generate_syscalls.py [--check]

Reads the headers that Debian ships for both machines and lets the C preprocessor say what they
mean, so it needs ``cc`` and the packages ``linux-libc-dev`` and ``linux-libc-dev-arm64-cross``.
With ``--check`` nothing is written: the exit status is 1 if a committed table says anything else
than the headers do.

Newer headers may know more calls than a table; those are new, so the filter answers ENOSYS for them
and a program falls back. ``disagreements`` therefore reports what is missing or different, and new
names only below the highest number that the table knows.
"""

import argparse
import ast
import importlib.util
import operator
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TABLES = Path(__file__).resolve().parent.parent / "src" / "ringfence" / "jail" / "tables"

# What pthread_create passes to clone(2): glibc sysdeps/unix/sysv/linux/createthread.c, and musl
# src/thread/pthread_create.c, which adds a flag that kernels have ignored since 2.6.2.
_GLIBC_THREAD = (
    "CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM"
    " | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID"
)
_MUSL_THREAD = f"{_GLIBC_THREAD} | CLONE_DETACHED"


@dataclass(frozen=True)
class Source:
    """Where one machine's table comes from.

    Attributes:
        machine: ``platform.machine()`` there, and the name of the module that is written.
        title: The first words of that module's docstring.
        package: The Debian package that holds the headers.
        headers: Directories to search, as for ``cc -isystem``.
        predefined: What its compiler defines, as for ``cc -D``.
        audit_arch: The macro of linux/audit.h.
        foreign_bit: An expression for the bit that marks another ABI's calls, or "0".
    """

    machine: str
    title: str
    package: str
    headers: tuple[Path, ...]
    predefined: str
    audit_arch: str
    foreign_bit: str


SOURCES = (
    Source(
        machine="x86_64",
        title="System calls of Linux on x86_64.",
        package="linux-libc-dev",
        headers=(Path("/usr/include/x86_64-linux-gnu"), Path("/usr/include")),
        predefined="__x86_64__",
        audit_arch="AUDIT_ARCH_X86_64",
        foreign_bit="__X32_SYSCALL_BIT",
    ),
    Source(
        machine="aarch64",
        title="System calls of Linux on aarch64. Untested: checked against headers only.",
        package="linux-libc-dev-arm64-cross",
        headers=(Path("/usr/aarch64-linux-gnu/include"),),
        predefined="__aarch64__",
        audit_arch="AUDIT_ARCH_AARCH64",
        foreign_bit="0",
    ),
)


@dataclass(frozen=True)
class Table:
    """What a machine's headers say (see ``ringfence.jail.syscalls.Machine`` for the meaning)."""

    audit_arch: int
    foreign_bit: int
    thread_flags: tuple[int, ...]
    numbers: dict[str, int]


class HeadersMissing(Exception):
    """The headers, or the preprocessor that reads them, are not installed."""


_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.BitOr: operator.or_,
    ast.Add: operator.add,
    ast.LShift: operator.lshift,
}


def _evaluate(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    raise ValueError(f"the headers hold an expression this script cannot read: {ast.dump(node)}")


def _preprocess(source: Source, text: str, *options: str) -> str:
    compiler = shutil.which("cc")
    if compiler is None:
        raise HeadersMissing("no C preprocessor: cc is not on PATH")
    if not any((folder / "asm" / "unistd.h").exists() for folder in source.headers):
        raise HeadersMissing(f"no kernel headers for {source.machine}: install {source.package}")
    command = [compiler, "-E", *options, "-nostdinc", "-undef", f"-D{source.predefined}"]
    for folder in source.headers:
        command += ["-isystem", str(folder)]
    done = subprocess.run(
        [*command, "-x", "c", "-"], input=text, capture_output=True, text=True, check=True
    )
    return done.stdout


def read_headers(source: Source) -> Table:
    """Read a machine's table from its headers.

    Raises:
        HeadersMissing: With the package to install.
    """
    includes = "#include <asm/unistd.h>\n#include <linux/audit.h>\n#include <linux/sched.h>\n"
    defined = _preprocess(source, includes, "-dM")
    # __NR_syscalls and __NR_arch_specific_syscall count and reserve; they are no calls.
    names = sorted(
        name
        for name in re.findall(r"^#define __NR_(\w+) ", defined, re.MULTILINE)
        if name not in {"syscalls", "arch_specific_syscall"}
    )
    wanted = {f"__NR_{name}": name for name in names}
    wanted |= {
        source.audit_arch: "!arch",
        source.foreign_bit: "!foreign",
        _GLIBC_THREAD: "!glibc",
        _MUSL_THREAD: "!musl",
    }
    marked = "".join(f'\n"@{key}" {expression}\n' for expression, key in wanted.items())
    values: dict[str, int] = {}
    for key, expression in re.findall(
        r'^"@(!?\w+)" (.+)$', _preprocess(source, includes + marked, "-P"), re.MULTILINE
    ):
        values[key] = _evaluate(ast.parse(expression.strip(), mode="eval").body)
    numbers = sorted(((number, name) for name, number in values.items() if name[0] != "!"))
    return Table(
        audit_arch=values["!arch"],
        foreign_bit=values["!foreign"],
        thread_flags=(values["!glibc"], values["!musl"]),
        numbers={name: number for number, name in numbers},
    )


def read_committed(source: Source) -> Table:
    """Read a machine's table as it stands in the package."""
    spec = importlib.util.spec_from_file_location(
        f"committed_{source.machine}", TABLES / f"{source.machine}.py"
    )
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"no table for {source.machine} in {TABLES}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Table(
        audit_arch=module.AUDIT_ARCH,
        foreign_bit=module.FOREIGN_BIT,
        thread_flags=module.THREAD_FLAGS,
        numbers=module.NUMBERS,
    )


def disagreements(committed: Table, headers: Table) -> list[str]:
    """Say, in one line each, where a committed table and the headers differ.

    A call that the headers lack is reported only below *their* highest number, and one that the
    table lacks only below the table's: kernels add calls at the end.
    """
    found = [
        f"{what} is {ours!r} in the table and {theirs!r} in the headers"
        for what, ours, theirs in (
            ("AUDIT_ARCH", committed.audit_arch, headers.audit_arch),
            ("FOREIGN_BIT", committed.foreign_bit, headers.foreign_bit),
            ("THREAD_FLAGS", committed.thread_flags, headers.thread_flags),
        )
        if ours != theirs
    ]
    shared = min(max(committed.numbers.values()), max(headers.numbers.values()))
    for name in sorted(committed.numbers.keys() | headers.numbers.keys()):
        ours, theirs = committed.numbers.get(name), headers.numbers.get(name)
        if ours != theirs and min(n for n in (ours, theirs) if n is not None) <= shared:
            found.append(f"{name} is {ours} in the table and {theirs} in the headers")
    return found


def _rows(numbers: dict[str, int]) -> Iterable[str]:
    return (f'    "{name}": {number},' for name, number in numbers.items())


def render(source: Source, table: Table) -> str:
    """Return the text of a table's module."""
    flags = ", ".join(f"0x{value:X}" for value in table.thread_flags)
    head = f'''\
        """{source.title}

        Written by scripts/generate_syscalls.py from Debian's {source.package}; do not edit.
        """

        AUDIT_ARCH = 0x{table.audit_arch:X}
        FOREIGN_BIT = 0x{table.foreign_bit:X}
        THREAD_FLAGS = ({flags})  # glibc, musl
        NUMBERS: dict[str, int] = {{
    '''
    body = "\n".join(_rows(table.numbers))
    return f"{textwrap.dedent(head).rstrip()}\n{body}\n}}\n"


def main() -> int:
    """Write the tables, or with ``--check`` compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if they differ")
    check: bool = parser.parse_args().check
    differ = False
    for source in SOURCES:
        headers = read_headers(source)
        if not check:
            (TABLES / f"{source.machine}.py").write_text(render(source, headers))
            print(f"{source.machine}: {len(headers.numbers)} calls")
            continue
        for line in disagreements(read_committed(source), headers):
            print(f"{source.machine}: {line}")
            differ = True
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
