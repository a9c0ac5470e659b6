"""What is compiled of CPython: the interpreter's library, its program, and modules beside them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ringfence.images.debian import Apt
from ringfence.images.wasi.recipe import CPYTHON, SQLITE, ZLIB
from scripts.windows_python.compiling import Compiler, side_by_side
from scripts.windows_python.freezing import freeze
from scripts.windows_python.recipe import HOME, LIBFFI, MATHEMATICS, OWN_MATHEMATICS, VERSION
from scripts.windows_python.sqlite import FEATURES, join_sqlite
from scripts.windows_python.tls import OpenSSL, fetch_openssl
from scripts.windows_python.wine import Prefix

__all__ = ["Interpreter"]

_DLL = f"python{VERSION.replace('.', '')}.dll"
_INCLUDES = (
    *("Include", "Include/internal", "Include/internal/mimalloc", "PC", "Python", "."),
    *("Modules/_hacl/include", "Modules/_hacl/internal"),
)
_CORE = (
    *("-DPy_BUILD_CORE", "-DPy_BUILD_CORE_BUILTIN", "-DPy_ENABLE_SHARED", "-D_USRDLL"),
    *(f'-DMS_DLL_ID="{VERSION}"', '-DPLATLIBDIR="DLLs"', '-DVPATH=".."', "-D_Py_HAVE_ZLIB"),
    *("-DPREFIX=NULL", "-DEXEC_PREFIX=NULL", "-DVERSION=NULL", '-DPY3_DLLNAME=L"python3.dll"'),
)
_HEADERS = ("first.h", "Python.h", "pycore_interp.h", "pycore_runtime.h", "pycore_object.h")
"""What nearly all files of the interpreter begin with."""
_LIBRARIES = (
    *("version", "ws2_32", "api-ms-win-core-path-l1-1-0", "bcrypt", "advapi32", "user32"),
    *("ole32", "oleaut32", "rpcrt4", "shlwapi"),
)
_COMPILED = re.compile(r'<ClCompile Include="(\.\.|\$\((?:zlib|mpdecimal)Dir\))\\([^"]+)"')
_DEFINITION = re.compile(
    r"^#\s*(?:define (?!PY_SSIZE_T_CLEAN|Py_BUILD_CORE_MODULE)|undef )", re.MULTILINE
)
_EXPORTED = re.compile(r"^(?:F_(?!I386|ARM)\w+\()?(\w+)(?=[\s)]|$)", re.MULTILINE)
_OF_COMPLEX_NUMBERS = (
    "cabs carg ccos ccosh cexp cimag clog cpow creal csin csinh csqrt ctan ctanh".split()  # noqa: SIM905
)
_AFTER_FREEZING = ("Python/frozen.c", "Modules/getpath.c")
_TO_FREEZE = ("Modules/getpath_noop.c", "Programs/_freeze_module.c")


class _Module(NamedTuple):
    """A module that is a library of its own.

    Attributes:
        libraries: of Windows, that it calls.
        options: it is compiled with.
        includes: folders of headers, below ``Modules``.
    """

    libraries: Sequence[str] = ()
    options: Sequence[str] = ()
    includes: Sequence[str] = ()


_MODULES = {
    # The slowest first.
    "_sqlite3": _Module(
        options=["-DPY_SQLITE_HAVE_SERIALIZE", "-DPY_SQLITE_ENABLE_LOAD_EXTENSION"]
    ),
    "_asyncio": _Module(),
    "_ctypes": _Module(
        ["ole32", "oleaut32"],
        ["-DUSING_MALLOC_CLOSURE_DOT_C=1", "-DFFI_STATIC_BUILD", "-DINITGUID"],
    ),
    "_decimal": _Module(
        options=["-DCONFIG_64", "-DANSI", "-DBUILD_LIBMPDEC"],
        includes=["_decimal/libmpdec"],
    ),
    "_elementtree": _Module(options=["-DXML_STATIC"], includes=["expat"]),
    "_hashlib": _Module(["ws2_32"]),
    "_multiprocessing": _Module(["ws2_32"]),
    "_overlapped": _Module(["ws2_32"]),
    "_queue": _Module(),
    "_socket": _Module(["ws2_32", "iphlpapi", "rpcrt4"]),
    "_ssl": _Module(["ws2_32", "crypt32"]),
    "_uuid": _Module(["rpcrt4"]),
    "_zoneinfo": _Module(),
    "pyexpat": _Module(options=["-DXML_STATIC", "-DPYEXPAT_EXPORTS"], includes=["expat"]),
    "select": _Module(["ws2_32"]),
    "unicodedata": _Module(),
}
_LIBFFI = ("prep_cif.c", "types.c", "closures.c", "tramp.c", "x86/ffiw64.c", "x86/win64.S")


class Interpreter:
    """The interpreter that is compiled.

    Args:
        folders: of the sources, by their names.
        apt: fetches what a step lacks here.
        compiler: the compiler.
        target: the folder for what is compiled.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        apt: Apt,
        compiler: Compiler,
        target: Path,
    ) -> None:
        self._apt = apt
        self._source = folders[CPYTHON.name]
        self._zlib = folders[ZLIB.name]
        self._libffi = folders[LIBFFI.name]
        self._sqlite = folders[SQLITE.name]
        self._compiler = compiler
        self._target = target
        self._includes = [f"-I{HOME}", *(f"-I{self._source / part}" for part in _INCLUDES)]

    def make(self, running_on: Callable[[], Prefix]) -> None:
        """Compile everything.

        Args:
            running_on: waits for what a part of it runs on; nothing else uses ``apt`` after that.

        Raises:
            ImageNotBuilt: a step failed.
        """
        compiler, target = self._compiler, self._target
        imports = self._make_core(running_on)
        manifest = compiler.resource(self._source / "PC" / "python.manifest")
        options = self._beside(["-DPy_BUILD_CORE"])
        program = compiler.compile("python", [self._source / "Programs" / "python.c"], options)
        compiler.program(target / "python.exe", [*program, manifest], [imports], wide=True)
        self._make_stable_interface()
        random = compiler.compile("random", [HOME / "bcryptprimitives.c"], compiler.options([]))
        compiler.library(target / "bcryptprimitives.dll", random, ["bcrypt"])
        self._make_mathematics()
        (target / "DLLs").mkdir()
        openssl = fetch_openssl(self._apt, compiler.folder)
        for path in openssl.libraries:
            shutil.copy(path, target / "DLLs")
        with side_by_side() as threads:
            made = threads.map(lambda name: self._make_module(name, imports, openssl), _MODULES)
            list(made)  # raises what one of them raised

    # --- the interpreter's library ---------------------------------------------------------

    def _make_core(self, running_on: Callable[[], Prefix]) -> Path:
        own = [*_CORE, *self._includes, f"-I{self._zlib}"]
        options = self._compiler.header("core", _HEADERS, own)
        later = [self._source / name for name in _AFTER_FREEZING]
        first = [path for path in self._listed("pythoncore") if path not in later]
        alone = [path for path in first if _begins_with_a_definition(path)]
        together = [path for path in first if path not in alone]
        objects = self._compiler.compile("core", together, options)
        plain = self._compiler.options(["-include", "first.h", *own])
        objects += self._compiler.compile("alone", alone, plain)
        to_freeze = [self._source / name for name in _TO_FREEZE]
        program = self._compiler.folder / "freeze.exe"
        helpers = self._compiler.compile("freeze", to_freeze, options)
        self._compiler.program(program, [*objects, *helpers], _LIBRARIES, wide=False)
        freeze(program, self._source, running_on())
        objects += self._compiler.compile("frozen", later, options)
        return self._compiler.library(self._target / _DLL, objects, _LIBRARIES, entry="DllMain")

    def _listed(self, name: str) -> list[Path]:
        """The files of a library, as CPython's own project of it for Windows lists them."""
        project = (self._source / "PCbuild" / f"{name}.vcxproj").read_text()
        homes = {
            "..": self._source,
            "$(zlibDir)": self._zlib,
            "$(mpdecimalDir)": self._source / "Modules" / "_decimal",
        }
        found = _COMPILED.findall(project)
        return [homes[where] / below.replace("\\", "/") for where, below in found]

    def _make_stable_interface(self) -> None:
        """The library that modules ask for which were compiled for every version: it only says
        where everything is.
        """
        source = self._source / "PC" / "python3dll.c"
        options = self._compiler.options([f'-DPYTHON_DLL_NAME="{_DLL.removesuffix(".dll")}"'])
        objects = self._compiler.compile("stable", [source], options)
        self._compiler.library(self._target / "python3.dll", objects, [])

    def _make_mathematics(self) -> None:
        """Windows' library of this, and what Wine's lacks of it."""
        exported = {}
        for name in _EXPORTED.findall(self._compiler.exports(MATHEMATICS).read_text()):
            exported[name] = f"ucrtbase.{name}"
        objects = []
        for kind, suffixes in (("DOUBLE", ("", "l")), ("FLOAT", ("f",))):
            own = [f"-D_NEW_COMPLEX_{kind}", f"-I{self._compiler.mingw / 'complex'}"]
            options = self._compiler.options(["-fcomplex-arithmetic=basic", *own])
            objects += self._compiler.compile(kind.lower(), [HOME / "complex.c"], options)
            for name in _OF_COMPLEX_NUMBERS:
                exported |= {name + end: name + suffixes[0] for end in suffixes}
        options = [f"-export:{name}={what}" for name, what in sorted(exported.items())]
        self._compiler.library(self._target / OWN_MATHEMATICS, objects, [], *options)

    # --- modules ---------------------------------------------------------------------------

    def _beside(self, options: Sequence[str]) -> list[str]:
        """The options of what only uses the interpreter's library."""
        before = ["-include", "first.h", "-DPy_ENABLE_SHARED", "-D_USRDLL"]
        return self._compiler.options([*before, *options, *self._includes])

    def _make_module(self, name: str, imports: Path, openssl: OpenSSL) -> None:
        compiler, module = self._compiler, _MODULES[name]
        sources = self._listed(name)
        includes = [self._source / "Modules" / part for part in module.includes]
        libraries: list[str | Path] = [imports, *module.libraries]
        objects = []
        if name == "_ctypes":
            sources += [self._libffi / "src" / part for part in _LIBFFI]
            includes.append(self._libffi / "include")
        elif name == "_sqlite3":
            join_sqlite(self._sqlite, self._apt, compiler.commands)
            plain = compiler.options(FEATURES, optimized=False)
            objects += compiler.compile("sqlite", [self._sqlite / "sqlite3.c"], plain)
            includes.append(self._sqlite)
        elif name in {"_hashlib", "_ssl"}:
            includes += openssl.includes
            libraries += map(compiler.imports_of, openssl.libraries)
        # After Windows' own: a header of libmpdec's has the name of one of them.
        found = [f"-idirafter{folder}" for folder in includes]
        objects += compiler.compile(name, sources, self._beside([*module.options, *found]))
        compiler.library(self._target / "DLLs" / f"{name}.pyd", objects, libraries)


def _begins_with_a_definition(path: Path) -> bool:
    """Whether the headers may be other ones for this file."""
    return bool(_DEFINITION.search(path.read_text("utf-8").partition("#include")[0]))
