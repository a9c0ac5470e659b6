"""The main loop of a guest: requests in, turns out.

Every engine runs this same class; what differs is the channel that it is given.
"""

from __future__ import annotations

import _sitebuiltins
import builtins
import io
import os
import sys
import time
import types
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ringfence_guest.batch import run_batch
from ringfence_guest.channel import GuestChannel
from ringfence_guest.display import Displays
from ringfence_guest.execute import describe_exception, run_cell
from ringfence_guest.functions import InjectedModules, make_function
from ringfence_guest.interrupts import Interrupts
from ringfence_guest.link import HostFunctionError, Link
from ringfence_guest.loop import SessionLoop, install_loop_factory
from ringfence_guest.output import GivenInput, HostInput, OutputStream, make_text_stream
from ringfence_guest.protocol import codec
from ringfence_guest.protocol.batches import Layout
from ringfence_guest.protocol.framing import Frame
from ringfence_guest.protocol.messages import PROTOCOL_VERSION
from ringfence_guest.reserve import Reserve
from ringfence_guest.scratch import Scratch
from ringfence_guest.state import SessionState
from ringfence_guest.streams import open_stream
from ringfence_guest.threads import install_patient_start

if TYPE_CHECKING:
    from ringfence_guest.arenas import Arenas

__all__ = ["Agent"]

_FAR = 1 << 40
_ASK = "input"
_PROGRESS_PERIOD = 0.02
_LOST = "error return without exception set"

_Worth = tuple[Any, codec.Replace | None]
"""The value of a turn, and what is asked what crosses instead of a part of an unknown type."""


def _exit(code: object = None) -> NoReturn:
    """End the program."""
    raise SystemExit(code)


def _is_success(error: BaseException) -> bool:
    code = getattr(error, "code", None)
    return code is None or (type(code) is int and code == 0)


def _is_for_want_of_memory(error: BaseException) -> bool:
    """Whether it is what CPython raises in the place of a MemoryError that it has lost: it clears
    one that comes while it takes the frames of a deep recursion apart (``take_ownership`` in
    Python/frame.c).
    """
    if type(error) is not SystemError or len(error.args) != 1:
        return False
    (message,) = error.args
    return type(message) is str and message == _LOST


def _leave() -> NoReturn:
    os._exit(0)


class Agent:
    """One guest.

    Args:
        channel: the byte channel to the host.
        threads: whether the guest may start threads (output is flushed by one).
        leave: ends the process; called when the host is gone.
        arenas: maps the memory that the host lends; None where it lends none.
    """

    def __init__(
        self,
        channel: GuestChannel,
        *,
        threads: bool = True,
        leave: Callable[[], NoReturn] = _leave,
        arenas: Arenas | None = None,
    ) -> None:
        self.interrupts = Interrupts()
        self.link = Link(channel, self.interrupts, leave)
        self._leave = leave
        self._stdout = OutputStream(self.link, "stdout", threads=threads)
        self._stderr = OutputStream(self.link, "stderr", threads=threads)
        self._displays = Displays(self.link, self._flush)
        self.link.before_wait = self._flush
        self.link.replace = self._displays.convert
        self._modules = InjectedModules()
        self._arenas = arenas
        self._scratch = Scratch()
        self.link.answer_file = self._scratch.answer
        self._loop: SessionLoop | None = None
        self._writers: list[io.BufferedIOBase] = []
        self._progress_at = 0.0
        self._main = types.ModuleType("__main__")
        self._host = types.ModuleType("host", "What the host lends to this program.")
        self._namespace = self._main.__dict__
        self._lent: dict[str, Any] = {}
        self.state = SessionState(self._namespace, self._lent, self.interrupts)
        self._nothing = codec.encode(None, limit=_FAR)
        self._no_memory = codec.encode(["MemoryError", "", ""], limit=_FAR)
        self._unreportable = codec.encode(["Exception", "(cannot be described)", ""], limit=_FAR)
        self._reserve = Reserve()

    def forbid_threads(self) -> None:
        """The guest may start no thread after all: print without one."""
        self._stdout.threads = self._stderr.threads = False

    def install(self) -> None:
        """Make this process look like a program's: streams, ``__main__``, ``display``, SIGINT."""
        sys.modules["__main__"] = self._main
        sys.modules["host"] = self._host
        sys.argv = [""]
        sys.orig_argv = [""]  # the host's paths are none of the program's business
        sys.stdin = io.TextIOWrapper(GivenInput(), encoding="utf-8")
        sys.stdout = make_text_stream(self._stdout)
        sys.stderr = make_text_stream(self._stderr)
        self._namespace["__builtins__"] = builtins
        self._lend("display", self._displays.display)
        self._lend("progress", self._progress)
        self._lend("HostFunctionError", HostFunctionError)
        for name, value in (("exit", _exit), ("quit", _exit), ("help", _sitebuiltins._Helper())):
            setattr(builtins, name, value)  # what `site`, which guests do without, gives programs
        self._loop_factory = install_loop_factory(self.link)
        install_patient_start()
        self.interrupts.install()
        version = sys.version.split(maxsplit=1)[0]
        self.link.queue({"type": "ready", "protocol": PROTOCOL_VERSION, "python": version})

    def _lend(self, name: str, value: Any) -> None:
        setattr(builtins, name, value)
        setattr(self._host, name, value)
        self._lent[name] = value

    def begin(self, folder: str | None = None) -> None:
        """Say where the scratch folder is, wherever the program goes later.

        Args:
            folder: its path; by default that of the working directory.
        """
        self._scratch.root = os.getcwd() if folder is None else folder

    def serve(self) -> NoReturn:
        """Answer requests until the host is gone or says ``close``."""
        if self._scratch.root is None:
            self.begin()
        while True:
            self.handle(self.link.next_request())

    def handle(self, frame: Frame) -> None:
        """Do what one request asks."""
        kind = frame.header["type"]
        if kind == "run":
            self._turn(frame, self._run)
        elif kind == "call":
            self._turn(frame, self._call)
        elif kind == "batch":
            self._turn(frame, self._batch)
        elif kind == "fill":
            self._turn(frame, self._fill)
        elif kind == "files":
            self._files(frame)
        elif kind == "setup":
            self._setup(frame)
        elif kind == "save":
            self._turn(frame, self._save)
        elif kind == "restore":
            self._turn(frame, self._restore)
        elif kind == "variables":
            self._turn(frame, lambda _: (self.state.describe(), None))
        elif kind == "close":
            self._leave()
        else:
            raise ValueError(f"an unknown request: {kind}")

    def _setup(self, frame: Frame) -> None:
        content = codec.decode(frame.body, frame.blob, limit=_FAR)
        self.link.value_limit = content["value"]
        self._modules.add(content["modules"])
        for declaration in content["functions"]:
            function = make_function(self.link, declaration)
            self._namespace[declaration["name"]] = function
            setattr(self._host, declaration["name"], function)
            self._lent[declaration["name"]] = function
        for path, data in content["files"].items():
            folder = os.path.dirname(path)
            if folder:
                os.makedirs(folder, exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        if content["stdin"]:
            sys.stdin = HostInput(lambda: str(self.link.call(_ASK, [], {})))

    # --- turns -----------------------------------------------------------------------------

    def _turn(self, frame: Frame, work: Callable[[Frame], _Worth]) -> None:
        link, interrupts = self.link, self.interrupts
        status, limit, packed, stored = "ok", None, self._nothing, False
        self._heed(frame)
        link.begin_turn(frame.header["turn"])
        self._progress_at = 0.0
        try:
            try:
                interrupts.begin()
                value, replace = work(frame)
                if self._writers:
                    self._close_writers()
                packed = codec.encode(value, limit=link.value_limit, replace=replace)
                stored = packed.blob_size > 0 and self._store(frame, packed)
                value = replace = None  # what ends with them, ends within the turn
                self._flush()
            finally:
                interrupts.active = False
        except BaseException as error:
            status, limit, packed = self._report(error)
            stored = False
        interrupts.arrived = False
        link.end_turn(frame.header["turn"], status, limit, packed, stored=stored)

    def _heed(self, frame: Frame) -> None:
        header = frame.header
        if "value" in header:
            self.link.value_limit = header["value"]
        if self._arenas is not None and "arenas" in header:
            # Before an interrupt can come between the request and its descriptors.
            self._arenas.take_in(self.link.channel, header["arenas"], output="output" in header)

    def _files(self, frame: Frame) -> None:
        """A turn that only answers a question about a file. Nothing of the program runs in it, so
        what its threads print waits for the next one.
        """
        status, limit, packed = "ok", None, self._nothing
        self._heed(frame)
        try:
            try:
                self.interrupts.begin()
                self.link.tell_file(0, frame)
            finally:
                self.interrupts.active = False
        except BaseException as error:
            status, limit, packed = self._report(error)
        self.interrupts.arrived = False
        self.link.end_turn(frame.header["turn"], status, limit, packed)

    def _report(
        self, error: BaseException, *, again: bool = False
    ) -> tuple[str, str | None, codec.Packed]:
        """(status, limit, what to send) for what ended a turn. Never raises: guest code has left
        exceptions that lie, streams that break, and no memory.
        """
        status, limit = "error", None
        if _is_for_want_of_memory(error):
            error = MemoryError().with_traceback(error.__traceback__)
        kind = type(error)  # isinstance() would ask the guest's class what it is
        if issubclass(kind, KeyboardInterrupt):
            status = "interrupted"
        elif issubclass(kind, MemoryError):
            status, limit = "limit", "memory"
            self._reserve.spend()
        elif issubclass(kind, codec.ValueTooLarge):
            status, limit = "limit", "value"
        try:
            if issubclass(kind, SystemExit) and _is_success(error):
                self._finish_output()
                return "ok", None, self._nothing
            packed = codec.encode(describe_exception(error), limit=_FAR)
        except BaseException as inner:  # the report failed: report that, or say what needs nothing
            if not again and limit is None:
                return self._report(inner, again=True)
            packed = self._unreportable if limit is None else self._no_memory
        try:
            self._finish_output()
        except BaseException:  # a broken stream must not hide the error that is being reported
            pass
        if self._reserve.spent:
            error.__traceback__ = error.__context__ = error.__cause__ = None  # they hold memory
            self._reserve.hold()
        return status, limit, packed

    def _flush(self) -> None:
        """Send what was printed so far, also what another thread is about to send."""
        self._stdout.send()
        self._stderr.send()

    def _close_writers(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.close()

    def _finish_output(self) -> None:
        self._close_writers()
        self._flush()

    def _decode(self, frame: Frame) -> Any:
        arenas = self._arenas
        shared: Sequence[memoryview] = ()
        if arenas is not None and "arenas" in frame.header:
            shared = arenas.map(output_needed=frame.header["type"] != "call")
        return codec.decode(
            frame.body, frame.blob, limit=_FAR, stream=self._open_stream, shared=shared
        )

    def _open_stream(self, number: int, direction: str) -> io.BufferedIOBase:
        stream = open_stream(self.link, number, direction)
        if direction == "write":
            self._writers.append(stream)
        return stream

    def _run(self, frame: Frame) -> _Worth:
        code, filename, stdin, inputs = self._decode(frame)
        if stdin is not None:
            data = stdin.encode("utf-8", "surrogatepass")
            sys.stdin = io.TextIOWrapper(GivenInput(data), encoding="utf-8")
        if inputs:
            self._namespace.update(inputs)
        if filename is None:
            self.state.cells += 1
            filename = f"<cell {self.state.cells}>"
        note = self.state.notebook.note
        value = run_cell(code, filename, self._namespace, self._run_coroutine, note)
        return value, self._displays.end_cell(value)

    def _save(self, frame: Frame) -> _Worth:
        saved = self.state.save(self.link.value_limit)
        if "files" in frame.header:
            saved += self._scratch.listing(frame.header["files"])
        return saved, None

    def _restore(self, frame: Frame) -> _Worth:
        payload = [self._decode(frame)]
        if isinstance(frame.blob, memoryview):
            frame.blob.release()  # it may be large, and there are two of it now
        return self.state.restore(payload.pop()), None

    def _run_coroutine(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None:
            self._loop = SessionLoop(self._loop_factory)
        return self._loop.run(coroutine)

    def _call(self, frame: Frame) -> _Worth:
        args, kwargs = self._decode(frame)
        value = self._find(frame.header["name"])(*args, **(kwargs or {}))
        if isinstance(value, types.CoroutineType):
            value = self._run_coroutine(value)
        return value, self._displays.convert_shown

    def _find(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined") from None

    def _batch(self, frame: Frame) -> _Worth:
        columns, first, count, kind, width = self._decode(frame)
        layout = Layout(count, kind, width)
        output = self._output(frame)
        own = bytearray(layout.size) if output is None else b""
        errors = run_batch(
            self._find(frame.header["name"]), columns, first, layout, output or memoryview(own)
        )
        return [errors, own], None

    def _output(self, frame: Frame) -> memoryview | None:
        """Memory of the host's to write to; None where it lends none, or has no descriptor left to
        lend it by, and reads the answer instead.
        """
        if self._arenas is None or "arenas" not in frame.header:
            return None
        return self._arenas.output

    def _store(self, frame: Frame, packed: codec.Packed) -> bool:
        """Put what a value refers to into the memory that was lent for it; whether it was, and is
        large enough.
        """
        memory = self._output(frame) if frame.header["type"] == "call" else None
        if memory is None or packed.blob_size > len(memory):
            return False
        end = 0
        for data in packed.blob:
            begin, end = end, end + len(data)
            memory[begin:end] = data
        return True

    def _fill(self, frame: Frame) -> _Worth:
        arguments, size = self._decode(frame)
        output = self._output(frame)
        own = bytearray(size if output is None else 0)
        function = self._find(frame.header["name"])
        value, used = function(memoryview(own) if output is None else output, *arguments)
        return [value, bytes(own[:used])], None

    def _progress(self, fraction: float | None = None, message: str = "") -> None:
        """Tell the host how far the work is: ``fraction`` from 0 to 1, and a short message.

        Calls within 20 ms of the last are dropped, unless they say that the work is done.
        """
        if fraction is not None:
            fraction = min(1.0, max(0.0, float(fraction)))
        now = time.monotonic()
        if fraction != 1.0 and now - self._progress_at < _PROGRESS_PERIOD:
            return
        self._progress_at = now
        self._flush()
        header = {"type": "progress", "fraction": fraction, "message": str(message)[:4096]}
        self.link.send(header)
