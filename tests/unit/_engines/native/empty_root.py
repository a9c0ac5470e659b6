"""Runs a program in a tree that holds exactly the given host paths, and nothing else.

Part of it is a script of its own, so that the test process neither forks nor changes its
namespaces. It follows the recipes in `interpreter` and `packages` word for word.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringfence._engines.native.interpreter import Interpreter
    from ringfence._engines.native.packages import PackageSet

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18


def run_python(
    root: Path,
    interpreter: Interpreter,
    code: str,
    packages: PackageSet | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs *code* under *interpreter* in a tree at *root*, where ``/scratch`` is writable."""
    sys_path = packages.sys_path if packages else ()
    start = f"import sys; sys.path += {list(sys_path)!r}\n"
    variables = {"TMPDIR": "/scratch", "MPLCONFIGDIR": "/scratch", "OPENBLAS_NUM_THREADS": "1"}
    search = (*interpreter.library_path, *(packages.library_path if packages else ()))
    if search:
        variables["LD_LIBRARY_PATH"] = ":".join(search)
    steps = {
        "root": str(root),
        "bind": interpreter.paths,
        "cover": interpreter.masks,
        "then_bind": packages.paths if packages else (),
        "argv": [interpreter.executable, "-I", "-S", "-B", "-c", start + code],
        "environment": variables,
    }
    return _start(steps)


def unavailable(root: Path) -> str | None:
    """Why trees cannot be built here, None if they can."""
    steps = {"root": str(root), "bind": [], "cover": [], "then_bind": []}
    done = _start({**steps, "argv": [], "environment": {}})
    return None if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def _start(steps: Mapping[str, object]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, __file__, json.dumps(steps)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def _mount(source: str, target: str, kind: bytes | None, flags: int) -> None:
    place = os.fsencode(target)
    if ctypes.CDLL(None, use_errno=True).mount(os.fsencode(source), place, kind, flags, None):
        number = ctypes.get_errno()
        raise OSError(number, f"mount {source} at {target}: {os.strerror(number)}")


def _bind(root: str, paths: Sequence[str]) -> None:
    for path in paths:
        source = os.path.realpath(path)
        target = Path(root + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(source).is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.touch()
        _mount(source, str(target), None, MS_BIND | MS_REC)


def _enter_namespaces() -> None:
    uid, gid = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | (CLONE_NEWUSER if uid else 0)):
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")
    if uid:
        for name, line in (("setgroups", "deny"), ("uid_map", uid), ("gid_map", gid)):
            text = line if isinstance(line, str) else f"{line} {line} 1"
            Path("/proc/self", name).write_text(text, encoding="ascii")
    _mount("none", "/", None, MS_REC | MS_PRIVATE)


def main() -> None:
    """Builds the tree and becomes the program."""
    steps = json.loads(sys.argv[1])
    root = steps["root"]
    _enter_namespaces()
    Path(root).mkdir(exist_ok=True)
    _mount("none", root, b"tmpfs", 0)
    _bind(root, steps["bind"])
    for folder in steps["cover"]:
        _mount("none", root + folder, b"tmpfs", 0)
    _bind(root, steps["then_bind"])
    for folder in ("scratch", "dev"):
        Path(root, folder).mkdir()
    _bind(root, ["/dev/null"])
    os.chroot(root)
    os.chdir("/")
    if steps["argv"]:
        os.execve(steps["argv"][0], steps["argv"], steps["environment"])


if __name__ == "__main__":
    main()
