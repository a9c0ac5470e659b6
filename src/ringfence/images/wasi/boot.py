"""Starting the interpreter once, with everything that guests start with, to freeze it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from ringfence.errors import ImageNotBuilt
from ringfence.images.wasi.mounting import PACKAGES, MountFailed, mount, pack_files
from ringfence.wasm.engine import Engine, Module, WasmtimeError
from ringfence.wasm.host import CLOCKS
from ringfence.wasm.instance import Instance, InstanceStopped

__all__ = ["boot", "library_files"]

_LIBRARY = "lib/python3.13"
_MOST_MEMORY = 1 << 30
_BEGIN = 1_735_689_600_000_000_000  # nanoseconds: 2025-01-01, before any guest
_STEP = 1_000
# What no guest can use: tests, windows, installers. All the rest is there to be imported.
_LEFT_OUT = frozenset(
    {"__pycache__", "ensurepip", "idlelib", "lib2to3", "site-packages", "test", "tests", "tkinter"}
    | {"turtledemo", "venv"}
)


_BUILD = b"build_time_vars = {'WITH_DOC_STRINGS': 1}\n"  # what sysconfig knows of how it was built


def library_files(folder: Path) -> dict[str, bytes]:
    """The modules of the standard library, by the name they have below the root."""
    files = {
        f"{_LIBRARY}/{path.relative_to(folder)}": path.read_bytes()
        for path in _python_files(folder)
    }
    # How it was built, which sysconfig and what uses it cannot do without; it names this machine.
    files[f"{_LIBRARY}/_sysconfigdata__wasi_wasm32-wasi.py"] = _BUILD
    return files


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in _LEFT_OUT:
                yield from _python_files(path)
        elif path.suffix == ".py":
            yield path


class _Alone:
    """The host of an interpreter that has no host yet.

    Its clocks and its random bytes are the same for each image, so that each is the same: guests
    that are deterministic run the same instructions wherever it was built. Nothing is secret in it;
    guests draw what must be when they start.
    """

    def __init__(self) -> None:
        self.printed = bytearray()
        self._passed = self._blocks = 0

    def send(self, data: memoryview) -> int:
        self._refuse("send")

    def receive(self, buffer: memoryview) -> int:
        self._refuse("receive")

    def wait(self, nanoseconds: int, channel: bool) -> int:
        return 0

    def clock(self, which: int) -> int:
        self._passed += _STEP
        return self._passed + (_BEGIN if CLOCKS[which] == "realtime" else 0)

    def entropy(self, buffer: memoryview) -> None:
        buffer[:] = hashlib.shake_256(b"image%d" % self._blocks).digest(len(buffer))
        self._blocks += 1

    def log(self, text: bytes) -> None:
        self.printed += text

    def _refuse(self, what: str) -> NoReturn:
        raise RuntimeError(f"{what}: there is nobody to talk to before the image is frozen")


def boot(engine: Engine, module: Module, files: Mapping[str, bytes]) -> bytes:
    """The memory of an interpreter that has started.

    Args:
        engine: where the module was loaded.
        module: the linked module.
        files: what is in its file system, by name.

    Raises:
        ImageNotBuilt: it does not start, or imports more than the host lends.
    """
    host = _Alone()
    try:
        instance = Instance(engine, module, host)
    except WasmtimeError as error:
        raise ImageNotBuilt(f"starting the interpreter: {error}") from error
    try:
        instance.limit(_MOST_MEMORY)
        instance.call("_initialize")
        bottom = instance.stack_pointer
        mount(instance, pack_files({**files, f"{PACKAGES}/": b""}))
        _require(instance.call("boot"), "starting the interpreter", host)
        if instance.stack_pointer != bottom:
            raise ImageNotBuilt("starting the interpreter: it left something on its stack")
        return bytes(instance.view(0, instance.size))
    except MountFailed as error:
        raise ImageNotBuilt(str(error)) from error
    except InstanceStopped as error:
        raise ImageNotBuilt(f"starting the interpreter: {error}\n{_text(host)}") from error
    finally:
        instance.close()


def _require(code: int, what: str, host: _Alone) -> None:
    if code:
        raise ImageNotBuilt(f"{what}: it ended with {code}\n{_text(host)}")


def _text(host: _Alone) -> str:
    return host.printed.decode("utf-8", "replace")[-4_000:]
