"""Building the image, from archives to native code."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import ringfence
from ringfence.errors import ConfigurationError, ImageNotBuilt, ImageNotUsable
from ringfence.images.cache import ImageCache, recorded_hash
from ringfence.images.commands import Commands
from ringfence.images.debian import Apt
from ringfence.images.distribution import find_installed, project_of, write_wheel
from ringfence.images.sources import Source, check_given, download, obtain
from ringfence.images.wasi.boot import boot, library_files
from ringfence.images.wasi.freeze import freeze, tables_of
from ringfence.images.wasi.interpreter import Interpreter
from ringfence.images.wasi.licenses import LICENSES, read_licenses
from ringfence.images.wasi.recipe import (
    KIND,
    SOURCES,
    WORKERS,
    ZIG,
    guest_files,
    image_key,
    interpreter_key,
    module_key,
    reactor_folder,
    worker_file,
    worker_folder,
)
from ringfence.images.wasi.toolchain import Toolchain, find_zig
from ringfence.wasm.engine import WasmtimeError, compile_module, load_module, make_engine
from ringfence.wasm.stack import with_room
from ringfence.wasm.store import StoreLimits

__all__ = [
    "CODE",
    "COUNTED",
    "MODULE",
    "NEEDS",
    "build_image",
    "find_image",
    "name_module",
    "pack_image",
    "read_needs",
]

MODULE = "image.wasm"
"""The frozen module, the same for every machine."""

CODE = "image.cwasm"
"""Native code for this machine and this version of Wasmtime."""

COUNTED = "image-fuel.cwasm"
"""The same, of code that counts its instructions."""

NEEDS = "needs.json"
"""The least that a store must admit for it."""

_SHARED = (MODULE, *(worker.file for worker in WORKERS.values()), *LICENSES)
"""What is the same wherever it was built."""

Say = Callable[[str], None]

_NAME = 24  # digits of a hash, as in the keys of images
_STACK = 4 << 20  # bytes of C stack, below everything else: one that overflows traps
_EMULATIONS = ("signal", "getpid", "process-clocks", "mman")


def find_image(cache: ImageCache | None = None, *, code: str | None = None) -> Path:
    """The folder of the image that fits this installation.

    Args:
        cache: where it is kept.
        code: the file that will be loaded, :data:`CODE` or :data:`COUNTED`, which alone of the
            large ones is then checked; None for all of them.

    Raises:
        ImageNotUsable: it was not built, or is not what was built.
    """
    cache = cache or ImageCache()
    loaded = frozenset(name for name in (code, NEEDS, worker_file()) if name is not None)
    found = cache.find(KIND, image_key(), None if code is None else loaded)
    if found is None:
        raise ImageNotUsable(
            f"the image {KIND} was not built for this version: ringfence image build {KIND}"
        )
    return found


def read_needs(image: Path) -> StoreLimits:
    """The least that a store must admit for an image that was found."""
    return StoreLimits(**json.loads((image / NEEDS).read_text("utf-8")))


def name_module(image: Path) -> str:
    """Names the module of an image that was found, by its bytes: memory that one of its guests had
    is that of a guest of any image that is made of the same, on whatever machine.

    Raises:
        ImageNotUsable: what was built is not on record.
    """
    return recorded_hash(image, MODULE)[:_NAME]


def build_image(
    cache: ImageCache,
    say: Say,
    given: Mapping[str, Path] | None = None,
    *,
    anew: bool = False,
) -> Path:
    """The folder of the image; built if it is not there, which takes minutes.

    Where the module of this version is installed as a distribution, it is taken, and nothing is
    left to do but to compile it to native code.

    Args:
        cache: where it is kept, and where it is built.
        say: is told each step as it begins.
        given: archives of the caller's, by the sources' names; with one of them, it is built from
            sources.
        anew: build it even if it is there.

    Raises:
        ConfigurationError: ``given`` names something else, or is something else.
        ImageNotBuilt: a step failed.
        ImageNotUsable: the cache is open to others, or the distribution is damaged.
    """
    given = given or {}
    unknown = given.keys() - {source.name for source in SOURCES}
    if unknown:
        names = ", ".join(source.name for source in SOURCES)
        raise ConfigurationError(f"--source {min(unknown)}=…: the sources are {names}")
    for source in SOURCES:
        if source.name in given:
            check_given(source, given[source.name])
    key = image_key()
    with cache.locked(KIND):
        if not anew:
            try:
                found = cache.find(KIND, key)
            except ImageNotUsable as error:  # what is there is of no use to anybody
                say(f"building again: {error}")
                found = None
            if found is not None:
                return found
        return _build(cache, say, given, key)


def pack_image(cache: ImageCache, folder: Path, version: str) -> Path:
    """Write the distribution that :func:`build_image` takes, from the image that was built.

    Args:
        cache: where that is.
        folder: where the wheel is put.
        version: of this Ringfence.

    Raises:
        ImageNotUsable: it was not built, or is not what was built.
        EngineFailure: the wheel cannot be written.
    """
    image = find_image(cache)
    files = {name: (image / name).read_bytes() for name in _SHARED}
    return write_wheel(folder, KIND, module_key(), version, files)


def _build(cache: ImageCache, say: Say, given: Mapping[str, Path], key: str) -> Path:
    shared = None if given else _take_installed(say)
    if shared is None:
        shared = _make_shared(cache, say, given)
    say("compiling native code")
    module = shared[MODULE]
    try:
        tables = tables_of(module)
        least = StoreLimits(table_elements=max(tables, default=1), tables=max(len(tables), 1))
        mine = {
            NEEDS: json.dumps(dataclasses.asdict(least)).encode(),
            CODE: compile_module(make_engine(), module),
            COUNTED: compile_module(make_engine(fuel=True), module),
        }
    except (WasmtimeError, ValueError) as error:
        raise ImageNotBuilt(f"compiling native code: {error}") from error
    return cache.publish(KIND, key, {**shared, **mine})


def _take_installed(say: Say) -> dict[str, bytes] | None:
    """What is the same for every machine, if it is installed in this version."""
    installed = find_installed(KIND)
    if installed is None:
        return None
    if installed.key != module_key():
        say(f"passing by {installed}, which is installed: it is of another version of Ringfence")
        return None
    say(f"taking the module from {installed}, which is installed")
    files = installed.read(_SHARED)
    for name, expected in WORKERS.values():
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise ImageNotUsable(
                f"the image that is installed as {installed} brings other code for the processes "
                f"around its module than this version of Ringfence knows: {name}. It was not made "
                f"by `ringfence image wheel {KIND}`, or not by the compiler of PyPI's ziglang "
                f"{ZIG}: remove it"
            )
    return files


def _make_shared(cache: ImageCache, say: Say, given: Mapping[str, Path]) -> dict[str, bytes]:
    """What is the same for every machine, from sources.

    Raises:
        ImageNotBuilt: a step failed, or this system has no shell to run CPython's own steps with.
    """
    if sys.platform == "win32":
        raise ImageNotBuilt(
            "the module is not built from sources on Windows; install it: pip install "
            f"{project_of(KIND)}=={ringfence.__version__}, or the wheel that `ringfence image "
            f"wheel {KIND}` writes on another machine, and run this again"
        )
    work = cache.make_private("build", f"{KIND}-{interpreter_key()}")
    downloads = cache.make_private("downloads")
    tools = Toolchain.at(work / "bin")
    say("fetching the sources")
    apt = Apt(downloads / "apt")
    archives = {s.name: obtain(s, downloads, given.get(s.name), _ways(apt)) for s in SOURCES}
    commands = Commands(
        work / "build.log",
        {"ZIG_GLOBAL_CACHE_DIR": str(work / "zig"), "ZIG_LOCAL_CACHE_DIR": str(work / "zig")},
    )
    interpreter = Interpreter(work, archives, tools, commands, say, apt)
    interpreter.make()
    say("linking the module")
    module = _link(interpreter, tools, commands, work / "reactor")
    workers = _compile_workers(tools, commands, work / "worker")
    say("starting the interpreter once")
    engine = make_engine()
    code = work / "core.cwasm"
    try:
        code.write_bytes(compile_module(engine, module))
        files = library_files(interpreter.standard_library)
        files |= {f"ringfence/{name}": data for name, data in guest_files().items()}
        memory = with_room(boot, engine, load_module(engine, code), files)
    except WasmtimeError as error:
        raise ImageNotBuilt(f"starting the interpreter: {error}") from error
    finally:
        code.unlink(missing_ok=True)
    licenses = read_licenses(work, find_zig().parent)
    return {MODULE: freeze(module, memory), **workers, **licenses}


def _ways(apt: Apt) -> tuple[Callable[[Source, Path], None], ...]:
    return download, apt


def _link(interpreter: Interpreter, tools: Toolchain, commands: Commands, folder: Path) -> bytes:
    step = "linking the module"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    objects = []
    options = ["-Wall", "-Wno-unused-parameter", "-DRINGFENCE_SQLITE"]
    options += [f"-D_WASI_EMULATED_{name.upper().replace('-', '_')}" for name in _EMULATIONS]
    for source in sorted(reactor_folder().glob("*.c")):
        target = folder / f"{source.stem}.o"
        interpreter.compile_object(step, source, target, *options, *interpreter.includes)
        objects.append(target)
    module = folder / "core.wasm"
    commands.run(
        step,
        [
            *(tools.cc, "-O2", "-mexec-model=reactor"),
            *objects,
            *interpreter.objects,
            *(f"-lwasi-emulated-{name}" for name in _EMULATIONS),
            *("-Wl,--export=__stack_pointer", "-Wl,--export-table"),
            f"-Wl,-z,stack-size={_STACK}",
            *("-Wl,--strip-debug", "-o", module),
        ],
        folder=folder,
    )
    return module.read_bytes()


def _compile_workers(tools: Toolchain, commands: Commands, folder: Path) -> dict[str, bytes]:
    """The workers' native code, for each machine there is some for, by the name of its file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    options = ["-O2", "-Wall", "-Wextra", "-shared", "-nostdlib", "-ffreestanding", "-s"]
    for machine, (name, _) in WORKERS.items():
        command: list[str | Path] = [tools.host_cc, "-target", f"{machine}-linux-none", *options]
        command += ["-Wl,--no-undefined", *sorted(worker_folder().glob("*.c"))]
        command += ["-o", folder / name]
        commands.run("compiling the worker", command, folder=folder)
    return {name: (folder / name).read_bytes() for name, _ in WORKERS.values()}
