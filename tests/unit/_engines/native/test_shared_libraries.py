"""Reading dynamic sections, and finding libraries in the loader's order."""

import struct
from pathlib import Path

import pytest

from ringfence._engines.native.elf import Elf, MalformedElf, read_elf
from ringfence._engines.native.shared_libraries import Loader, read_loader_cache

X86_64 = 62
AARCH64 = 183
HEADER_SIZE = 64
PROGRAM_HEADER_SIZE = 56

NEEDED = 1
STRTAB = 5
RPATH = 15
RUNPATH = 29


def write_elf(
    path: Path,
    *needed: str,
    rpath: str = "",
    runpath: str = "",
    interpreter: str = "",
    machine: int = X86_64,
) -> str:
    """Writes the smallest file that has a dynamic section; returns its path."""
    strings = b"\0"
    entries: list[tuple[int, int]] = []
    for tag, values in ((NEEDED, needed), (RPATH, (rpath,)), (RUNPATH, (runpath,))):
        for value in filter(None, values):
            entries.append((tag, len(strings)))
            strings += value.encode() + b"\0"
    interpreter_at = len(strings)
    strings += interpreter.encode() + b"\0"
    headers = 3 if interpreter else 2
    strings_at = HEADER_SIZE + PROGRAM_HEADER_SIZE * headers
    dynamic_at = strings_at + len(strings)
    base = 0x1000  # addresses differ from offsets, as in a real file
    entries.append((STRTAB, base + strings_at))
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in [*entries, (0, 0)])
    size = dynamic_at + len(dynamic)

    def program_header(kind: int, offset: int, length: int) -> bytes:
        return struct.pack("<IIQQQQQQ", kind, 4, offset, base + offset, 0, length, length, 8)

    data = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    data += struct.pack(
        "<HHIQQQIHHHHHH", 3, machine, 1, 0, HEADER_SIZE, 0, 0, 64, 56, headers, 0, 0, 0
    )
    data += program_header(1, 0, size)
    data += program_header(2, dynamic_at, len(dynamic))
    if interpreter:
        data += program_header(3, strings_at + interpreter_at, len(interpreter) + 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data + strings + dynamic)
    return str(path)


@pytest.fixture
def program(tmp_path: Path) -> str:
    return write_elf(tmp_path / "bin" / "python", interpreter="/lib64/ld.so")


def test_reads_what_a_file_asks_for(tmp_path: Path) -> None:
    path = write_elf(
        tmp_path / "x.so", "liba.so.1", "libb.so", rpath="/r:$ORIGIN", interpreter="/lib64/ld.so"
    )

    assert read_elf(path) == Elf(
        X86_64, "/lib64/ld.so", ("liba.so.1", "libb.so"), ("/r", "$ORIGIN"), ()
    )


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01\x01".ljust(64, b"\0")])
def test_other_files_are_nobodys_business(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.so").write_bytes(content)

    assert read_elf(str(tmp_path / "x.so")) is None


@pytest.mark.parametrize("keep", [100, 180, 240])
def test_a_truncated_file_is_malformed(tmp_path: Path, keep: int) -> None:
    path = Path(write_elf(tmp_path / "x.so", "libsomething-with-a-long-name.so.1", "liba.so"))
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(MalformedElf, match=r"x\.so: "):
        read_elf(str(path))


def test_origin_leads_to_the_library_folder_of_a_wheel(tmp_path: Path, program: str) -> None:
    extension = write_elf(
        tmp_path / "pkg" / "core" / "_x.so", "libblas.so", runpath="$ORIGIN/../../pkg.libs"
    )
    blas = write_elf(tmp_path / "pkg.libs" / "libblas.so", "libgfortran.so", rpath="${ORIGIN}")
    fortran = write_elf(tmp_path / "pkg.libs" / "libgfortran.so")

    found = Loader(program, multiarch=None, cache={}).closure([extension])

    assert found.libraries == (blas, fortran)
    assert found.search == ()
    assert found.missing == ()


def test_rpath_serves_what_is_loaded_in_turn_and_runpath_does_not(
    tmp_path: Path, program: str
) -> None:
    write_elf(tmp_path / "libs" / "libone.so", "libtwo.so")
    write_elf(tmp_path / "libs" / "libtwo.so")
    by_rpath = write_elf(tmp_path / "a.so", "libone.so", rpath=f"{tmp_path}/libs")
    by_runpath = write_elf(tmp_path / "b.so", "libone.so", runpath=f"{tmp_path}/libs")
    loader = Loader(program, multiarch=None, cache={})

    assert loader.closure([by_rpath]).missing == ()
    assert loader.closure([by_runpath]).missing == ((f"{tmp_path}/libs/libone.so", "libtwo.so"),)


def test_search_order(tmp_path: Path, program: str) -> None:
    places = {
        name: write_elf(tmp_path / name / "libx.so")
        for name in ("rpath", "environment", "runpath", "cache")
    }
    both = {"rpath": f"{tmp_path}/rpath", "runpath": f"{tmp_path}/runpath"}

    def find(rpath: str, runpath: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
        loader = Loader(
            program,
            multiarch=None,
            library_path=[f"{tmp_path}/environment"],
            cache={"libx.so": (places["cache"],)},
        )
        path = write_elf(tmp_path / "x.so", "libx.so", rpath=rpath, runpath=runpath)
        closure = loader.closure([path])
        return closure.libraries, closure.search

    assert find(both["rpath"]) == ((places["rpath"],), ())
    # A RUNPATH switches the RPATH off, and comes after the environment.
    assert find(**both) == ((places["environment"],), (f"{tmp_path}/environment",))
    Path(places["environment"]).unlink()
    assert find(**both) == ((places["runpath"],), ())
    Path(places["runpath"]).unlink()
    assert find(**both) == ((places["cache"],), (f"{tmp_path}/cache",))


def test_libraries_of_other_machines_are_passed_over(tmp_path: Path, program: str) -> None:
    write_elf(tmp_path / "arm" / "libx.so", machine=AARCH64)
    right = write_elf(tmp_path / "amd" / "libx.so")
    extension = write_elf(
        tmp_path / "x.so", "libx.so", runpath=f"{tmp_path}/arm:{tmp_path}/amd:$LIB/x"
    )
    foreign = write_elf(tmp_path / "foreign.so", "libnowhere.so", machine=AARCH64)

    found = Loader(program, multiarch=None, cache={}).closure([extension, foreign])

    assert (found.libraries, found.missing) == ((right,), ())


def test_what_the_program_has_loaded_is_not_looked_for_again(tmp_path: Path) -> None:
    libpython = write_elf(tmp_path / "lib" / "libpython.so")
    program = write_elf(
        tmp_path / "python", "libpython.so", runpath="$ORIGIN/lib", interpreter="/lib64/ld.so"
    )
    extension = write_elf(tmp_path / "x.so", "libpython.so", "ld.so")

    loader = Loader(program, multiarch=None, cache={})

    assert loader.path == "/lib64/ld.so"
    assert loader.start_up.libraries == (libpython,)
    assert loader.closure([extension]).libraries == ()
    assert loader.closure([extension]).missing == ()


def test_names_that_are_nowhere_are_left_out(tmp_path: Path, program: str) -> None:
    place = write_elf(tmp_path / "libgcc_s.so.1")
    loader = Loader(program, multiarch=None, cache={"libgcc_s.so.1": (place,)})

    found = loader.closure([], ["libgcc_s.so.1", "libnowhere.so.9"])

    assert (found.libraries, found.missing) == ((place,), ())


def test_a_script_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\n")

    with pytest.raises(ValueError, match="not a 64-bit little-endian ELF program"):
        Loader(str(tmp_path / "python"), multiarch=None, cache={})


def write_cache(path: Path, *entries: tuple[str, str, int], prefix: bytes = b"") -> str:
    strings = b""
    table = b""
    strings_at = 48 + 24 * len(entries)
    for name, place, hwcap in entries:
        key = strings_at + len(strings)
        strings += name.encode() + b"\0"
        table += struct.pack("<iIIIQ", 0x303, key, strings_at + len(strings), 0, hwcap)
        strings += place.encode() + b"\0"
    header = b"glibc-ld.so.cache1.1" + struct.pack("<II", len(entries), len(strings))
    path.write_bytes(prefix + header.ljust(48, b"\0") + table + strings)
    return str(path)


def test_reads_the_loader_cache_with_plain_libraries_first(tmp_path: Path) -> None:
    path = write_cache(
        tmp_path / "cache",
        ("libx.so.1", "/usr/lib/glibc-hwcaps/x86-64-v3/libx.so.1", 1 << 62),
        ("libx.so.1", "/usr/lib/libx.so.1", 0),
        ("liby.so", "/opt/liby.so", 0),
        prefix=b"ld.so-1.7.0".ljust(16, b"\0"),  # what older formats put before
    )

    assert read_loader_cache(path) == {
        "libx.so.1": ("/usr/lib/libx.so.1", "/usr/lib/glibc-hwcaps/x86-64-v3/libx.so.1"),
        "liby.so": ("/opt/liby.so",),
    }


def test_no_cache_and_a_cut_off_cache_hold_nothing(tmp_path: Path) -> None:
    path = Path(write_cache(tmp_path / "cache", ("libx.so", "/usr/lib/libx.so", 0)))
    path.write_bytes(path.read_bytes()[:60])

    assert read_loader_cache(str(path)) == {}
    assert read_loader_cache(str(tmp_path / "absent")) == {}
