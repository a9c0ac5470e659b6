"""Running an extension: in a sandbox of its own, and in one transaction."""

from __future__ import annotations

import contextlib
import importlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, cast

import ringfence
from vishwakarma_api.v1.wire.messages import Wire
from vishwakarma_app.document import Document, Edit
from vishwakarma_app.errors import ExtensionFailed, ExtensionRefused
from vishwakarma_app.extensions.bridge import Bridge
from vishwakarma_app.extensions.guest import guest_modules, protobuf_wheel
from vishwakarma_app.extensions.manifest import Extension

__all__ = ["LIMITS", "Cancellation", "Outcome", "run_extension"]

LIMITS = ringfence.Limits(
    wall=300,
    cpu=300,
    host_wall=300,
    memory="1GiB",
    disk="256MiB",
    calls=1_000_000,
    output="1MiB",
)
"""What bounds an extension, unless the caller says otherwise."""

MOST_PRIMITIVES = 1_000_000
MOST_OUTPUT = 1 << 30

_START = """
from vishwakarma_api.v1.hosting import run_extension

def load(module, function):
    import importlib
    return callable(getattr(importlib.import_module(module), function, None))

def start(wire, module, function, arguments, source=None, target=None):
    files = {"source": source, "target": target}
    files = {name: file for name, file in files.items() if file is not None}
    return "finished", run_extension(wire, exchange, module, function, {**files, **arguments})
"""
_FRAME = re.compile(r'File "<module ([\w.]{1,200})>", line (\d{1,9})')


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Attributes:
        created: how many elements were created; ``updated`` and ``deleted`` alike.
        value: what the extension returned: an extension's data.
        stdout: what it printed: an extension's text.
        engine: the engine that ran it.
        enforced: limit or grant -> the mechanism that enforced it.
    """

    created: int
    updated: int
    deleted: int
    value: Any
    stdout: str
    engine: str
    enforced: Mapping[str, str]


class Cancellation:
    """Cancels a run, from any thread, also one that has not begun."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._box: ringfence.Sandbox | None = None
        self.requested = False

    def cancel(self) -> None:
        """End the run; the document stays as it was. Returns when its end is certain."""
        with self._changed:
            self.requested = True
            # Between two turns there is nothing to cancel yet: try again until there is, or until
            # the run has seen the request for itself.
            while self._box is not None and not self._box.cancel():
                self._changed.wait(0.01)

    @contextlib.contextmanager
    def _watching(self, box: ringfence.Sandbox) -> Iterator[None]:
        with self._changed:
            self._box = box
        try:
            yield
        finally:
            with self._changed:
                self._box = None
                self._changed.notify_all()


def run_extension(
    document: Document,
    extension: Extension,
    *,
    source: BinaryIO | None = None,
    target: BinaryIO | None = None,
    parameters: Mapping[str, object] | None = None,
    engine: str | Sequence[str] = "auto",
    wire: Literal["protobuf", "packed"] = "protobuf",
    limits: ringfence.Limits = LIMITS,
    primitives: int = MOST_PRIMITIVES,
    progress: Callable[[float | None, str], None] | None = None,
    cancellation: Cancellation | None = None,
) -> Outcome:
    """Run an extension over a document: everything that it does, or nothing.

    Args:
        document: what it works on.
        extension: what to run.
        source: the file that an importer reads, opened by the caller; it gets the bytes only.
        target: what an exporter writes to. When it fails, some of it may have been written.
        parameters: values for its parameters; the others have their defaults.
        engine: one of Ringfence's engines, or some to try in order; ``auto``: those of the
            extension.
        wire: how it and the application speak; an extension does not notice.
        limits: what bounds it.
        primitives: how many elements it may create.
        progress: told how far it is, from 0 to 1 or None, and what it is doing (an extension's
            text, of one line). An importer's position in its file counts when it says nothing.
        cancellation: to cancel it with, from another thread.

    Returns:
        What it did.

    Raises:
        ExtensionFailed: it failed, reached a limit, was cancelled, or sent what is refused. The
            document is as it was.
        ExtensionRefused: it was not started: a parameter, a file or the engine is wrong.
        RingfenceError: the sandbox could not be made.
    """
    arguments = extension.arguments(parameters or {})
    if (source is not None) != (extension.kind == "importer"):
        raise ExtensionRefused(f"{extension.name}: an importer reads a file, and nobody else does")
    if (target is not None) != (extension.kind == "exporter"):
        raise ExtensionRefused(f"{extension.name}: an exporter writes a file, and nobody else does")
    engines = _choose(extension, engine)
    run = _Run(extension, engines, wire, limits, primitives, progress, cancellation)
    files: dict[str, Any] = {}
    if source is not None:
        files["source"] = ringfence.Reader(_Watched(source, progress))
    if target is not None:
        files["target"] = ringfence.Writer(target, limit=MOST_OUTPUT)
        return run(document, None, arguments, files)
    with document.transaction(extension.title) as edit:
        return run(document, edit, arguments, files)


def check_loads(
    extension: Extension,
    *,
    engine: str | Sequence[str] = "auto",
    limits: ringfence.Limits = LIMITS,
) -> None:
    """Let a guest import an extension, and look for its function; nothing of it is called.

    Raises:
        ExtensionFailed: it cannot be imported, or has no such function.
        ExtensionRefused: it does not run on the engine.
        RingfenceError: the sandbox could not be made.
    """
    engines = _choose(extension, engine)
    _Run(extension, engines, "packed", limits, 0, None, None).load()


def _choose(extension: Extension, wanted: str | Sequence[str]) -> list[str]:
    """The engines that are wanted and that the extension runs on, in the order of the wish."""
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    names = list(extension.engines) if names == ["auto"] else names
    if found := [name for name in names if name in extension.engines]:
        return found
    raise ExtensionRefused(
        f"{extension.name} runs on {' or '.join(extension.engines)}; asked for was "
        f"{', '.join(names)}"
    )


@dataclass(frozen=True)
class _Run:
    extension: Extension
    engines: list[str]
    wire: str
    limits: ringfence.Limits
    primitives: int
    progress: Callable[[float | None, str], None] | None
    cancellation: Cancellation | None

    def __call__(
        self,
        document: Document,
        edit: Edit | None,
        arguments: dict[str, Any],
        files: dict[str, Any],
    ) -> Outcome:
        codec = cast(Wire, importlib.import_module(f"vishwakarma_api.v1.wire.{self.wire}"))
        bridge = Bridge(
            document,
            edit,
            codec,
            publisher=self.extension.name,
            may_define="define-blocks" in self.extension.grants,
            primitives=self.primitives,
            progress=self.progress,
        )
        cancellation = self.cancellation or Cancellation()
        with self._sandbox(bridge) as box, cancellation._watching(box):
            self._check(box.run(_START), bridge, cancellation)
            wanted = [self.wire, self.extension.entry, self.extension.function, arguments]
            result = box.call_with("start", wanted, files)
            self._check(result, bridge, cancellation)
            if not (isinstance(result.value, tuple) and result.value[:1] == ("finished",)):
                # SystemExit is a way to end a program well, and not one to end in the middle.
                raise ExtensionFailed(f"{self.extension.name}: it ended before it was finished")
        return Outcome(
            bridge.created,
            bridge.updated,
            bridge.deleted,
            result.value[1],
            result.stdout,
            result.engine,
            result.enforced,
        )

    def load(self) -> None:
        """Import it, and find its function."""
        codec = cast(Wire, importlib.import_module(f"vishwakarma_api.v1.wire.{self.wire}"))
        bridge = Bridge(Document(), None, codec, publisher="", primitives=0, progress=None)
        wanted = [self.extension.entry, self.extension.function]
        with self._sandbox(bridge) as box:
            self._check(box.run(_START), bridge, Cancellation())
            result = box.call("load", *wanted)
            self._check(result, bridge, Cancellation())
        if result.value is not True:
            raise ExtensionFailed(
                f"{self.extension.name}: {wanted[0]} has no function {wanted[1]!r}; [host] names it"
            )

    def _sandbox(self, bridge: Bridge) -> ringfence.Sandbox:
        packages: list[str | ringfence.Wheel] = list(self.extension.packages)
        if self.wire == "protobuf":
            packages.append(protobuf_wheel())
        return ringfence.Sandbox(
            engine=self.engines,
            limits=self.limits,
            functions=[bridge.exchange],
            modules={**self.extension.modules, **guest_modules()},
            packages=packages,
        )

    def _check(self, result: ringfence.Result, bridge: Bridge, cancellation: Cancellation) -> None:
        name = self.extension.name
        if cancellation.requested or result.status == "cancelled":
            raise ExtensionFailed(f"{name} was cancelled", "cancelled")
        error = result.error
        frames = [
            (module, int(line))
            for module, line in _FRAME.findall(error.traceback if error is not None else "")
            if module in self.extension.modules
        ]
        module, line = frames[-1] if frames else ("", None)
        where = f"{name}, line {line}" if line else name
        if line and module != self.extension.entry:
            where = f"{name}, {module}, line {line}"
        if bridge.failure is not None:
            raise ExtensionFailed(f"{where}: {bridge.failure}", "refused", line)
        if result.status != "ok":
            said = (
                f"{error.type}: {error.message}"
                if result.status == "error" and error
                else ((error.message if error else "") or result.status)
            )
            raised = error.type if result.status == "error" and error else ""
            raise ExtensionFailed(f"{where}: {said}", result.status, line, raised)


class _Watched:
    """A file whose position is its reader's progress."""

    def __init__(
        self, file: BinaryIO, progress: Callable[[float | None, str], None] | None
    ) -> None:
        self._file, self._progress = file, progress
        self._done = 0
        self._size = 0
        if progress is not None and file.seekable():
            at = file.tell()
            self._size = file.seek(0, 2) - at
            file.seek(at)

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self._done += len(data)
        if self._progress is not None and self._size:
            self._progress(min(1.0, self._done / self._size), "reading")
        return data
