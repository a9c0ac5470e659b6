"""The sources, and the few places where they are changed for this compiler and for Wine."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ringfence.errors import ImageNotBuilt
from ringfence.images.cache import ImageCache
from ringfence.images.debian import Apt
from ringfence.images.sources import download, obtain, unpack
from ringfence.images.wasi.recipe import CPYTHON
from scripts.windows_python.recipe import LIBFFI, SOURCES

__all__ = ["fetch"]

_OF_MICROSOFT = (
    "Include/internal/pycore_fileutils.h",
    "Modules/_ssl.c",
    "Modules/clinic/_ssl.c.h",
    "Modules/faulthandler.c",
    "Modules/mathmodule.c",
    "Modules/posixmodule.c",
    "Modules/selectmodule.c",
    "Modules/timemodule.c",
    "PC/invalid_parameter_handler.c",
    "Python/pylifecycle.c",
)
"""Where CPython asks for Microsoft's compiler and means Windows and its C library."""

_CHANGES = (
    # Whoever writes wheels' names and looks for modules asks for these two.
    (
        "PC/pyconfig.h",
        '#define COMPILER "[gcc]"',
        """\
#define COMPILER "[Clang " __clang_version__ "64 bit (AMD64)]"
#define PYD_PLATFORM_TAG "win_amd64\"""",
    ),
    (
        "PC/pyconfig.h",
        "#if defined(_MSC_VER) && _MSC_VER >= 1310\n#define HAVE_WCSFTIME",
        "#if 1\n#define HAVE_WCSFTIME",
    ),
    # Another file calls it.
    ("Python/dynload_win.c", "static int\n_Py_CheckPython3", "int\n_Py_CheckPython3"),
    # A file that a process inherits from outside of Wine has no name there, and no more is known
    # of it than that it is one.
    (
        "Python/fileutils.c",
        """callers who expect it */
        errno = winerror_to_errno(GetLastError());
""",
        """callers who expect it */
        if (GetLastError() == ERROR_INVALID_HANDLE) {
            status->st_mode = _S_IFREG;
            return 0;
        }
        errno = winerror_to_errno(GetLastError());
""",
    ),
)
_OWN_NAMES = re.compile(r"#define (IPPROTO_\w+) \1\b.*\n")
"""MinGW's are macros, and not an enumeration as Microsoft's."""

_HEADERS = {"Rpc.h": "rpc.h", "Unknwn.h": "unknwn.h"}
"""Windows finds a file however its name is spelt."""

_LIBFFI = {
    "@VERSION@": LIBFFI.folder.rpartition("-")[2],
    "@TARGET@": "X86_WIN64",
    "@HAVE_LONG_DOUBLE@": "1",
    "@FFI_EXEC_TRAMPOLINE_TABLE@": "0",
}
_FFICONFIG = """
#define HAVE_ALLOCA 1
#define HAVE_AS_CFI_PSEUDO_OP 1
#define HAVE_AS_X86_PCREL 1
#define HAVE_INTTYPES_H 1
#define HAVE_LONG_DOUBLE 1
#define HAVE_MEMCPY 1
#define HAVE_STDINT_H 1
#define SIZEOF_DOUBLE 8
#define SIZEOF_LONG_DOUBLE 16
#define SIZEOF_SIZE_T 8
#define STDC_HEADERS 1
#ifdef LIBFFI_ASM
#define FFI_HIDDEN(name)
#else
#define FFI_HIDDEN
#endif
"""


def fetch(cache: ImageCache, work: Path) -> dict[str, Path]:
    """The folders of the sources below ``work``, by their names, ready to be compiled.

    Raises:
        ImageNotBuilt: one cannot be had, or is another one than it was.
    """
    downloads = cache.make_private("downloads")
    apt = Apt(downloads / "apt")
    archives = {one.name: obtain(one, downloads, None, (download, apt)) for one in SOURCES}
    folders = {one.name: unpack(archives[one.name], one, work) for one in SOURCES}
    _adapt_cpython(folders[CPYTHON.name])
    _configure_libffi(folders[LIBFFI.name])
    return folders


def _adapt_cpython(source: Path) -> None:
    shutil.copy(source / "PC" / "pyconfig.h.in", source / "PC" / "pyconfig.h")
    for name in _OF_MICROSOFT:
        path = source / name
        text = re.sub(r"\b_MSC_VER >=? \d+", "1", path.read_text())
        path.write_text(re.sub(r"\b_MSC_VER\b", "MS_WINDOWS", text))
    for name, old, new in _CHANGES:
        path = source / name
        text = path.read_text()
        if text.count(old) != 1:
            raise ImageNotBuilt(f"{path} is not what it was: it does not hold {old!r} once")
        path.write_text(text.replace(old, new))
    sockets = source / "Modules" / "socketmodule.c"
    sockets.write_text(_OWN_NAMES.sub("", sockets.read_text()))
    for alias, name in _HEADERS.items():
        (source / "PC" / alias).write_text(f"#include <{name}>\n")


def _configure_libffi(source: Path) -> None:
    """What its script would find out takes a minute, and is known."""
    text = (source / "include" / "ffi.h.in").read_text()
    for name, value in _LIBFFI.items():
        text = text.replace(name, value)
    (source / "include" / "ffi.h").write_text(text)
    (source / "include" / "fficonfig.h").write_text(_FFICONFIG)
    shutil.copy(source / "src" / "x86" / "ffitarget.h", source / "include")
