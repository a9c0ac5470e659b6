"""Compiling C for Windows with Zig's clang, and linking it with Zig's lld.

``zig cc`` links as well, but compiles all of MinGW's run time before: two minutes, of which one
small file is needed (runtime.c). The import libraries are made from the lists that Zig brings.
"""

from __future__ import annotations

import os
import re
import struct
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ringfence.images.commands import Commands
from ringfence.images.wasi.toolchain import find_zig
from scripts.windows_python.exports import exports_of
from scripts.windows_python.recipe import HOME

__all__ = ["Compiler", "side_by_side"]

_TARGET = "x86_64-windows-gnu"
_OPTIONS = (
    *("-w", "-g0", "-DNDEBUG", "-fno-strict-aliasing"),
    *("-fno-sanitize=undefined", "-fno-stack-protector"),
    *("-fms-extensions", "-Wno-incompatible-pointer-types", "-Wno-date-time"),
    *("-DWIN32", "-DMS_WINDOWS", "-D_WIN32_WINNT=0x0A00", "-DNTDDI_VERSION=0x0A000006"),
    # Windows' headers cost more than all of CPython's: without the parts that nothing here names
    # (among them clang's for every instruction of the processor).
    *("-DWIN32_LEAN_AND_MEAN", "-D__X86INTRIN_H"),
)
_OPTIMIZED = "-O2"
_BYTES_OF_ARGUMENTS = re.compile(r"(?<=\w)@\d+\b")
"""As names end on the processors before."""
_HEADER, _NUMBER, _MANIFEST = 32, 0xFFFF, 24
_ALWAYS = ("kernel32", "ucrtbase")
_STACK = 4_200_000  # bytes; the code of this compiler uses more of it than Microsoft's


def side_by_side() -> ThreadPoolExecutor:
    """As many threads as there are processors."""
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)))


class Compiler:
    """The compiler.

    Args:
        folder: for objects, libraries and its own cache.
    """

    def __init__(self, folder: Path) -> None:
        self._zig = find_zig()
        self.mingw = self._zig.parent / "lib" / "libc" / "mingw"
        self.folder = folder
        self._once = threading.Lock()
        self._runtime: list[Path] = []
        self._objects = folder / "objects"
        self._imports = folder / "imports"
        for made in (self._objects, self._imports):
            made.mkdir(parents=True, exist_ok=True)
        cache = str(folder / "zig")
        self.commands = Commands(
            folder / "build.log", {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
        )

    def _tool(self, *parts: str) -> list[str | Path]:
        return [self._zig, *parts]

    def header(self, name: str, headers: Sequence[str], options: Sequence[str]) -> list[str]:
        """Compile headers once; the options that files are compiled with which then need no more.

        Raises:
            ImageNotBuilt: they do not compile.
        """
        source = self.folder / f"{name}.h"
        source.write_text("".join(f'#include "{header}"\n' for header in headers))
        target = source.with_suffix(".pch")
        self._compile(source, target, ["-x", "c-header", _OPTIMIZED, *_OPTIONS, *options])
        return [_OPTIMIZED, *_OPTIONS, *options, "-include-pch", str(target)]

    def options(self, options: Sequence[str], *, optimized: bool = True) -> list[str]:
        """The options that files are compiled with which have no header of their own."""
        return [_OPTIMIZED if optimized else "-O0", *_OPTIONS, *options]

    def compile(self, name: str, sources: Iterable[Path], options: Sequence[str]) -> list[Path]:
        """The objects of some files, which are compiled side by side, the largest first.

        Args:
            name: of the folder for them.
            sources: the files.
            options: from :meth:`header` or :meth:`options`.

        Raises:
            ImageNotBuilt: one does not compile.
        """
        folder = self._objects / name
        folder.mkdir(exist_ok=True)
        ordered = sorted(sources, key=lambda path: -path.stat().st_size)
        targets = [folder / f"{path.parent.name}-{path.name}.o" for path in ordered]
        with side_by_side() as threads:
            done = threads.map(self._compile, ordered, targets, [options] * len(ordered))
            list(done)  # raises what one of them raised
        return targets

    def _compile(self, source: Path, target: Path, options: Sequence[str]) -> None:
        command = [*self._tool("cc", "-target", _TARGET, *options), "-c", source, "-o", target]
        self.commands.run(f"compiling {source.name}", command, folder=self.folder)

    def program(
        self, target: Path, objects: Iterable[Path], libraries: Iterable[str | Path], *, wide: bool
    ) -> None:
        """Link a program, whose ``main`` takes Windows' own characters if it is ``wide``.

        Raises:
            ImageNotBuilt: something is missing.
        """
        kind, entry = ("WIDE_PROGRAM", "wmain") if wide else ("PROGRAM", "main")
        start = self.compile(entry, [HOME / "runtime.c"], self.options([f"-DOF_A_{kind}"]))
        how = ["-subsystem:console", f"-stack:{_STACK}", f"-entry:{entry}CRTStartup"]
        self._link(target, [*objects, *start], libraries, how)

    def library(
        self,
        target: Path,
        objects: Iterable[Path],
        libraries: Iterable[str | Path],
        *options: str,
        entry: str | None = None,
    ) -> Path:
        """Link a library, and return what programs are linked with that use it.

        Raises:
            ImageNotBuilt: something is missing.
        """
        with self._once:
            if not self._runtime:
                self._runtime = self.compile("library", [HOME / "runtime.c"], self.options([]))
        imports = self._imports / f"{target.name}.lib"
        begin = f"-entry:{entry}" if entry else "-noentry"
        how = ["-dll", begin, f"-implib:{imports}", *options]
        self._link(target, [*objects, *self._runtime], libraries, how)
        return imports

    def _link(
        self,
        target: Path,
        objects: Sequence[Path],
        libraries: Iterable[str | Path],
        options: Sequence[str],
    ) -> None:
        named = [*libraries, *_ALWAYS]
        with self._once:
            files = [one if isinstance(one, Path) else self._import_library(one) for one in named]
        # The list is longer than a command may be.
        answers = self.folder / f"{target.name}.rsp"
        parts = ["-lldmingw", "-machine:x64", "-brepro", *options, f"-out:{target}"]
        answers.write_text("".join(f'"{part}"\n' for part in (*parts, *objects, *files)))
        command = self._tool("lld-link", f"@{answers}")
        self.commands.run(f"linking {target.name}", command, folder=self.folder)

    def _import_library(self, name: str) -> Path:
        """What is linked to call one of Windows' own libraries."""
        target = self._imports / f"{name}.lib"
        if not target.is_file():
            plain = target.with_suffix(".def")
            what = f"what {name} exports"
            command = self._tool("cc", "-target", _TARGET, "-E", "-P", "-x", "c")
            command += [f"-I{self.mingw / 'def-include'}", self.exports(name), "-o", plain]
            self.commands.run(what, command, folder=self.folder)
            self._list_imports(what, _BYTES_OF_ARGUMENTS.sub("", plain.read_text()), target)
        return target

    def imports_of(self, library: Path) -> Path:
        """What is linked to call a library that is not Windows' own."""
        target = self._imports / f"{library.name}.lib"
        names = "\n".join(exports_of(library.read_bytes()))
        listed = f'LIBRARY "{library.name}"\nEXPORTS\n{names}\n'
        self._list_imports(f"what {library.name} exports", listed, target)
        return target

    def _list_imports(self, step: str, listed: str, target: Path) -> None:
        file = target.with_suffix(".def")
        file.write_text(listed)
        command = [*self._tool("dlltool", "-m", "i386:x86-64", "-d"), file, "-l", target]
        self.commands.run(step, command, folder=self.folder)

    def exports(self, name: str) -> Path:
        """The list of what one of Windows' own libraries exports."""
        places = [self.mingw / part / name for part in ("lib64", "lib-common")]
        ends = (".def", ".def.in")
        found = (path.with_name(path.name + end) for path in places for end in ends)
        return next(path for path in found if path.is_file())

    def resource(self, manifest: Path) -> Path:
        """A manifest as what is linked into a program. Zig has a compiler for this, which it would
        compile first.

        The format: https://learn.microsoft.com/windows/win32/menurc/resource-file-formats
        """
        data = manifest.read_bytes()
        empty = struct.pack("<IIHHHH16x", 0, _HEADER, _NUMBER, 0, _NUMBER, 0)
        header = struct.pack("<IIHHHH16x", len(data), _HEADER, _NUMBER, _MANIFEST, _NUMBER, 1)
        target = self.folder / f"{manifest.stem}.res"
        target.write_bytes(empty + header + data + bytes(-len(data) % 4))
        return target
