"""Compiling CPython and its libraries for WASI: the slow part, once for each compiler and source.

Each step leaves a mark when it is done, so a build that was stopped goes on where it was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ringfence.images.commands import Commands
from ringfence.images.debian import Apt
from ringfence.images.sources import unpack
from ringfence.images.wasi.recipe import CPYTHON, SQLITE, ZLIB
from ringfence.images.wasi.toolchain import Toolchain, find_build_python, find_tcl

__all__ = ["Interpreter"]

Say = Callable[[str], None]

_ZLIB = (
    "adler32 crc32 deflate inffast inflate inftrees trees zutil compress uncompr".split()  # noqa: SIM905
)
_SQLITE_MODULE = (
    "blob connection cursor microprotocols module prepare_protocol row statement util".split()  # noqa: SIM905
)
_SQLITE_OPTIONS = (
    "-DSQLITE_OMIT_LOAD_EXTENSION",
    "-DSQLITE_THREADSAFE=0",
    "-DSQLITE_OMIT_WAL",
    "-DSQLITE_TEMP_STORE=3",  # in memory
    "-DSQLITE_ENABLE_FTS5",
    "-DSQLITE_ENABLE_MATH_FUNCTIONS",
    "-DSQLITE_ENABLE_RTREE",
)
_EMULATED = (
    "-D_WASI_EMULATED_SIGNAL",
    "-D_WASI_EMULATED_GETPID",
    "-D_WASI_EMULATED_PROCESS_CLOCKS",
    "-D_WASI_EMULATED_MMAN",
)
# socket.h of wasi-libc has no raw sockets, and CPython asks for the constant; the compiler refuses
# the date of the build, which only sys.version shows.
_CPYTHON_FLAGS = "-DSOCK_RAW=3 -Wno-date-time"
_WORKS_HERE = ("preadv", "pwritev", "readv", "writev")
_EPOCH = "1749600000"  # when CPython 3.13.5 came out: what __DATE__ says


class Interpreter:
    """The compiled interpreter, in a folder of its own.

    Args:
        folder: where everything is built.
        archives: the sources' archives, by name.
        tools: the programs.
        commands: runs them.
        say: is told what begins.
        apt: fetches what a step lacks here.
    """

    def __init__(
        self,
        folder: Path,
        archives: Mapping[str, Path],
        tools: Toolchain,
        commands: Commands,
        say: Say,
        apt: Apt,
    ) -> None:
        self._folder = folder
        self._archives = archives
        self._tools = tools
        self._commands = commands
        self._say = say
        self._apt = apt
        self.source = folder / CPYTHON.folder
        self.build = folder / "cross"
        self._objects = folder / "objects"

    @property
    def standard_library(self) -> Path:
        """The folder of its modules."""
        return self.source / "Lib"

    @property
    def includes(self) -> list[str]:
        """Compiler options to find its headers, and SQLite's."""
        folders = (self.source / "Include", self.build, self._folder / SQLITE.folder)
        return [f"-I{folder}" for folder in folders]

    @property
    def objects(self) -> list[Path]:
        """What a module is linked from."""
        inner = self.build / "Modules"
        return [
            *sorted(self._objects.glob("*.o")),
            self.build / "libpython3.13.a",
            inner / "expat" / "libexpat.a",
            inner / "_decimal" / "libmpdec" / "libmpdec.a",
            inner / "_hacl" / "libHacl_Hash_SHA2.a",
        ]

    def make(self) -> None:
        """Do the steps that are not done.

        Raises:
            ImageNotBuilt: one failed.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._objects.mkdir(exist_ok=True)
        self._step("sources", "unpacking the sources", self._unpack)
        # SQLite is one file that takes as long as CPython's configure, and each one processor.
        with ThreadPoolExecutor(1) as beside:
            sqlite = None
            if self._begin("sqlite", "compiling SQLite"):
                sqlite = beside.submit(self._finish, "sqlite", self._compile_sqlite)
            self._make_python()
        if sqlite is not None:
            sqlite.result()
        self._step("zlib", "compiling zlib", self._compile_zlib)
        self._step("module", "compiling SQLite's module", self._compile_sqlite_module)

    def _make_python(self) -> None:
        python = find_build_python()
        if python is None:
            self._step("python", "building a CPython that helps to build", self._build_python)
            python = self._folder / "native" / "python"
        helper = python
        self._step("configure", "configuring CPython", lambda: self._configure(helper))
        self._step("compile", "compiling CPython", self._compile)

    def _unpack(self) -> None:
        for source in (CPYTHON, ZLIB, SQLITE):
            unpack(self._archives[source.name], source, self._folder)

    def _step(self, name: str, what: str, work: Callable[[], None]) -> None:
        if self._begin(name, what):
            self._finish(name, work)

    def _begin(self, name: str, what: str) -> bool:
        """Say what begins; False if it was done before."""
        if self._mark(name).exists():
            return False
        self._say(what)
        return True

    def _finish(self, name: str, work: Callable[[], None]) -> None:
        work()
        self._mark(name).touch()

    def _mark(self, name: str) -> Path:
        return self._folder / f"{name}.done"

    # --- CPython ---------------------------------------------------------------------------

    def _build_python(self) -> None:
        folder = self._folder / "native"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        environment = {"CC": str(self._tools.host_cc), "AR": str(self._tools.ar)}
        step = "building a CPython that helps to build"
        configure: list[str | Path] = [
            self.source / "configure",
            *("-q", "--disable-test-modules", "--without-ensurepip"),
            "MODULE_BUILDTYPE=static",
        ]
        self._commands.run(step, configure, folder=folder, environment=environment)
        self._make(step, folder, "python", "-Wno-date-time")

    def _configure(self, python: Path) -> None:
        shutil.rmtree(self.build, ignore_errors=True)
        self.build.mkdir()
        tools = self._tools
        command: list[str | Path] = [
            self.source / "configure",
            *("-q", "--host=wasm32-wasi", f"--build={_build_triplet()}", "--prefix=/usr"),
            *(f"--with-build-python={python}", "--disable-test-modules", "--disable-ipv6"),
        ]
        self._commands.run(
            "configuring CPython",
            command,
            folder=self.build,
            environment={
                "CONFIG_SITE": str(self._write_site()),
                "CC": str(tools.cc),
                "CPP": f"{tools.cc} -E",
                "AR": str(tools.ar),
                "RANLIB": str(tools.ranlib),
                "LD": str(tools.cc),
                "PKG_CONFIG_PATH": "",
                "PKG_CONFIG_LIBDIR": "/nonexistent",
            },
        )

    def _write_site(self) -> Path:
        """CPython's own answers for WASI, without those that are about the file
        systems of others. Listing a folder by its descriptor stays out: it needs dup(2).
        """
        theirs = self.source / "Tools" / "wasm" / "config.site-wasm32-wasi"
        ours = self._folder / "config.site"
        lines = [f". '{theirs}'", *(f"ac_cv_func_{name}=yes" for name in _WORKS_HERE)]
        ours.write_text("\n".join(lines) + "\n")
        return ours

    def _compile(self) -> None:
        self._make("compiling CPython", self.build, "libpython3.13.a", _CPYTHON_FLAGS)
        # Its functions are in the C library as well, as stubs: linked as an object, it comes first.
        archive = self.build / "libpython3.13.a"
        command: list[str | Path] = [self._tools.ar, "x", archive, "thread.o"]
        self._commands.run("compiling CPython", command, folder=self._objects)

    def _make(self, step: str, folder: Path, target: str, flags: str) -> None:
        jobs = f"-j{len(os.sched_getaffinity(0))}" if hasattr(os, "sched_getaffinity") else "-j2"
        self._commands.run(
            step,
            ["make", "-s", jobs, target, f"EXTRA_CFLAGS={flags}"],
            folder=folder,
            environment={"SOURCE_DATE_EPOCH": _EPOCH},
        )

    def compile_object(self, step: str, source: Path, target: Path, *options: str | Path) -> None:
        """Compile one file of C.

        Raises:
            ImageNotBuilt: it does not compile.
        """
        command = [self._tools.cc, "-O2", *options, "-c", source, "-o", target]
        self._commands.run(step, command, folder=target.parent)

    # --- libraries -------------------------------------------------------------------------

    def _module_options(self) -> list[str]:
        """As CPython compiles its own modules."""
        internal = f"-I{self.source / 'Include' / 'internal'}"
        options = ["-DNDEBUG", "-fno-strict-overflow", "-DPy_BUILD_CORE_MODULE", internal]
        return [*options, *_EMULATED, *self.includes]

    def _compile_zlib(self) -> None:
        folder = self._folder / ZLIB.folder
        for name in _ZLIB:
            target = self._objects / f"zlib-{name}.o"
            self.compile_object("compiling zlib", folder / f"{name}.c", target, "-DHAVE_UNISTD_H")
        self.compile_object(
            "compiling zlib",
            self.source / "Modules" / "zlibmodule.c",
            self._objects / "zlibmodule.o",
            *self._module_options(),
            f"-I{folder}",
        )

    def _compile_sqlite(self) -> None:
        step = "compiling SQLite"
        folder = self._folder / SQLITE.folder
        environment = find_tcl(self._apt, self._folder / "tcl")
        environment |= {"CC": str(self._tools.host_cc), "AR": str(self._tools.ar)}
        configure = ["./configure", "-q", "--disable-tcl", "--disable-shared", "--disable-readline"]
        self._commands.run(step, configure, folder=folder, environment=environment)
        make = ["make", "-s", "sqlite3.c"]
        self._commands.run(step, make, folder=folder, environment=environment)
        self.compile_object(
            step, folder / "sqlite3.c", self._objects / "sqlite3.o", *_SQLITE_OPTIONS, *_EMULATED
        )

    def _compile_sqlite_module(self) -> None:
        for name in _SQLITE_MODULE:
            self.compile_object(
                "compiling SQLite's module",
                self.source / "Modules" / "_sqlite" / f"{name}.c",
                self._objects / f"sqlite-{name}.o",
                *self._module_options(),
                f"-I{self._folder / SQLITE.folder}",
            )


def _build_triplet() -> str:
    """What configure calls this machine; it only must not be the one that it builds for."""
    names = os.uname()
    return f"{names.machine}-pc-{names.sysname.lower()}-gnu"
