"""Debian's Wine, taken apart in the user's cache: nothing is installed, no rights are needed."""

from __future__ import annotations

import contextlib
import filecmp
import fnmatch
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ringfence.errors import ImageNotBuilt
from ringfence.images.cache import ImageCache
from ringfence.images.debian import Apt

__all__ = ["Prefix", "Wine", "fetch_wine", "find_wine", "windows_path"]

_PACKAGES = ("wine64", "libwine", "libz-mingw-w64", "libunwind8")
_FONTS = ("libfreetype6", "libfontconfig1", "libexpat1", "libbrotli1", "zlib1g")
_NAMES_OF_PNG = ("libpng16-16t64", "libpng16-16")
"""One of them is this release's. Without the first of the libraries for fonts Wine complains to
whoever reads its errors; with that one, and without the second, it starts processes without end.
"""
_NO_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig></fontconfig>
"""
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_PROGRAMS = "usr/lib/wine"
_SHARED = "usr/share/wine"
_PREFIX = "prefix"
_FONTS_FILE = "fonts.conf"
_STEPS = 4
"""Raised when something else is done to it."""
_UNUSED = (
    *("d3d*", "d2d*", "dx*", "wined3d*", "winevulkan*", "vulkan*", "opengl*", "glu32*", "ddraw*"),
    *("x3daudio*", "xaudio*", "xapofx*", "xinput*", "xactengine*", "dsound*", "dmusic*", "dplay*"),
    *("quartz*", "mf*", "wmp*", "wmvcore*", "qcap*", "qedit*", "evr*", "*.msstyles", "wineps*"),
    *("mshtml*", "msxml*", "jscript*", "vbscript*", "msi.*", "odbc*"),
    *("msvcr[1-9]*0.*", "msvcp[1-9]*0.*"),
)
"""What is for screens, for sound, for browsers and for old programs: half of it."""
_BUILTIN = b"Wine builtin DLL".ljust(32, b"\0")
_MARK = range(0x40, 0x60)
"""Where a library says whose it is."""
_SETTINGS = {
    "WINEDEBUG": "-all",
    # What would be fetched, what makes menus, and what explains a crash for seconds.
    "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=d;winedbg.exe=d",
}
_PATIENCE = 300.0
_SHOWN = 2000


class Wine:
    """Wine that was taken apart.

    Args:
        folder: where.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loader = folder / _PROGRAMS / "wine64"
        self.server = folder / _PROGRAMS / "wineserver64"
        # Some are still where they were before the two were one folder.
        self.libraries = (folder / _LIBRARIES, folder / _LIBRARIES.removeprefix("usr/"))


def windows_path(path: Path) -> str:
    """What a path of this machine is called on Windows."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


class Prefix:
    """A Windows: a disk C, a registry and the processes that use them.

    Args:
        wine: runs it.
        folder: where it is.
    """

    def __init__(self, wine: Wine, folder: Path) -> None:
        self.wine = wine
        self.folder = folder

    @classmethod
    def copied(cls, wine: Wine, folder: Path) -> Prefix:
        """A new one."""
        shutil.copytree(wine.folder / _PREFIX, folder, symlinks=True)
        return cls(wine, folder)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What Wine itself needs to be told, and what else the program is."""
        kept = {name: os.environ[name] for name in ("PATH", "USER") if name in os.environ}
        own = {
            **_SETTINGS,
            "FONTCONFIG_FILE": str(self.wine.folder / _FONTS_FILE),
            "HOME": str(self.folder),  # or there would be links to this user's folders
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": os.pathsep.join(map(str, self.wine.libraries)),
            "WINEPREFIX": str(self.folder),
            "WINESERVER": str(self.wine.server),
        }
        return {**kept, **own, **(more or {})}

    def command(self, program: str | Path, arguments: Sequence[str]) -> list[str]:
        """How a program of Windows is run."""
        return [str(self.wine.loader), str(program), *arguments]

    def check(self, program: str | Path, arguments: Sequence[str], step: str) -> None:
        """Run a program to its end, while the prefix is :meth:`running`.

        Raises:
            ImageNotBuilt: it failed.
        """
        try:
            done = subprocess.run(
                self.command(program, arguments),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                env=self.environment(),
                cwd=self.folder,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ImageNotBuilt(f"{step} does not end") from error
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip())[-_SHOWN:]
            raise ImageNotBuilt(f"{step} failed with {done.returncode}: {said}")

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep Wine's own processes, which take seconds to start; at the end, end all there are.

        What is started first would be inherited by them, and a pipe of it would never end: that is
        a shell, which waits.
        """
        shell = subprocess.Popen(
            self.command("cmd.exe", []),
            stdin=subprocess.PIPE,  # and nothing ever comes
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
            cwd=self.folder,
        )
        assert shell.stdout is not None
        shell.stdout.read(1)  # it greets when everything has started
        try:
            yield
        finally:
            for how in ("-k", "-w"):
                subprocess.run([self.wine.server, how], env=self.environment(), check=False)
            shell.communicate()


# --- getting it -------------------------------------------------------------------------------


def find_wine(cache: ImageCache) -> Wine | None:
    """The one that was taken apart, with a prefix to be copied; None where there is none."""
    folder = cache.root / "windows" / f"wine-{_key()}"
    return Wine(folder) if folder.is_dir() else None


def fetch_wine(cache: ImageCache, apt: Apt) -> Wine:
    """Take Wine apart, and make the prefix that others are copies of.

    Args:
        cache: where it is kept.
        apt: fetches it.

    Raises:
        ImageNotBuilt: it cannot be had here; says why.
    """
    if platform.machine() != "x86_64":
        raise ImageNotBuilt("Wine is fetched for x86_64 only")
    home = cache.make_private("windows")
    target = home / f"wine-{_key()}"
    with tempfile.TemporaryDirectory(prefix=".new-", dir=home) as scratch:
        staging = Path(scratch) / target.name
        staging.mkdir()
        try:
            apt.unpack(_PACKAGES, staging)
            _unpack_fonts(apt, staging)
        except OSError as error:
            raise ImageNotBuilt(f"Debian's Wine cannot be had: {error}") from error
        libraries = _tidy(staging)
        prefix = staging / _PREFIX
        _make_prefix(Wine(staging), prefix)
        _link_libraries(prefix, libraries, target / libraries.relative_to(staging))
        staging.rename(target)
    return Wine(target)


def _key() -> str:
    """Names what is taken apart, and what is done to it."""
    system = platform.freedesktop_os_release()
    names = (system["ID"], system.get("VERSION_ID", ""), *_PACKAGES, *_UNUSED, str(_STEPS))
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


def _unpack_fonts(apt: Apt, folder: Path) -> None:
    """The libraries that Wine finds fonts with, and that there are none."""
    (folder / _FONTS_FILE).write_text(_NO_FONTS)
    first, last = _NAMES_OF_PNG
    try:
        apt.unpack((*_FONTS, first), folder)
    except OSError:
        apt.unpack((*_FONTS, last), folder)


def _tidy(folder: Path) -> Path:
    """Make it run where it is; returns the folder of its libraries of Windows."""
    programs = folder / _PROGRAMS
    # A script, which starts the one that is installed.
    (programs / "wineserver").unlink()
    (programs / "wineserver").symlink_to("wineserver64")
    # Where the server of Wine 10 looks for it.
    (folder / _SHARED / "wine").mkdir(exist_ok=True)
    (folder / _SHARED / "wine" / "nls").symlink_to("../nls")
    libraries = folder / _LIBRARIES / "wine" / "x86_64-windows"
    for path in list(libraries.iterdir()):
        if any(fnmatch.fnmatch(path.name, unused) for unused in _UNUSED):
            path.unlink()
    for path in (folder / "usr" / "x86_64-w64-mingw32" / "lib").glob("*.dll"):
        data = path.read_bytes()  # as the package's own script does it
        (libraries / path.name).write_bytes(data[: _MARK.start] + _BUILTIN + data[_MARK.stop :])
    for unused in (
        "usr/i686-w64-mingw32",
        "usr/x86_64-w64-mingw32",
        f"{_LIBRARIES}/wine/i386-windows",
    ):
        shutil.rmtree(folder / unused, ignore_errors=True)
    return libraries


def _make_prefix(wine: Wine, folder: Path) -> None:
    folder.mkdir()
    prefix = Prefix(wine, folder)
    for command in (["wineboot.exe", "--init"], ["winecfg.exe", "/v", "win10"]):
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                prefix.command(command[0], command[1:]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=prefix.environment(),
                cwd=folder,
                timeout=_PATIENCE,
                check=False,
            )
    subprocess.run([wine.server, "-w"], env=prefix.environment(), check=False)
    if not (folder / "system.reg").is_file():
        raise ImageNotBuilt("Wine does not start here")


def _link_libraries(prefix: Path, originals: Path, later: Path) -> None:
    """Wine copies all of its libraries into a prefix: links do as well."""
    for folder, _, names in os.walk(prefix / "drive_c" / "windows"):
        for name in names:
            path = Path(folder, name)
            original = originals / name
            if original.is_file() and filecmp.cmp(path, original, shallow=False):
                path.unlink()
                path.symlink_to(later / name)
