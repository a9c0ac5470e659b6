"""``ringfence run``: one program in a fresh guest, shown as it runs."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.displays import describe_display
from ringfence.cli.escape import Escaper, escape
from ringfence.cli.out import Kept, OutFolder
from ringfence.cli.report import complain
from ringfence.cli.request import Source, option_of
from ringfence.cli.values import describe_value
from ringfence.displays.folder import DisplayFolder
from ringfence.errors import EngineNotAvailable, PolicyNotEnforceable
from ringfence.model import Display, Limits, Output, Policy, Progress, Result
from ringfence.sandbox import Sandbox

__all__ = ["Request", "run_program"]

_CANCEL_PERIOD = 0.005
_WEAKER = (
    "On this command line: --walls landlock+seccomp --threads 0 --disk 0 accepts that weaker set."
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to run, and under what.

    Attributes:
        source: the program.
        limits: what bounds it.
        policy: what it is granted.
        engine: engines to try, in order; empty is ``auto``.
        packages: distributions to make importable.
        python: another interpreter, by path.
        files: name -> content, copied into the guest's scratch folder.
        stdin: text, a function that returns the next line, or None for none.
        folder: where displays are kept, or None.
        out: where the files that the program leaves are written, or None.
        as_json: print the whole result as JSON at the end, and nothing else.
    """

    source: Source
    limits: Limits
    policy: Policy
    engine: Sequence[str] = ()
    packages: Sequence[str] = ()
    python: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    stdin: str | Callable[[], str] | None = None
    folder: DisplayFolder | None = None
    out: OutFolder | None = None
    as_json: bool = False


def run_program(request: Request) -> int:
    """Run it; gives the exit status.

    Raises:
        RingfenceError: it could not be started.
        KeyboardInterrupt: Ctrl-C before the program ran, or a second time.
    """
    stdin, asking = _watch(request.stdin)
    with Activity("starting a guest") as activity:
        box = Sandbox(
            engine=list(request.engine) or "auto",
            limits=request.limits,
            policy=request.policy,
            packages=request.packages,
            python=request.python,
            files=request.files,
            stdin=stdin,
        )
        _start(box)
        with box, _cancelling(box, asking):
            screen = _Screen(activity, request)
            activity.say(f"running {request.source.name}")
            for event in box.stream(request.source.code, filename=request.source.name):
                if isinstance(event, Result) and request.out is not None:
                    activity.say("writing files")
                    screen.kept = request.out.keep(box, request.files)
                screen.show(event)
            return screen.status


def _start(box: Sandbox) -> None:
    """Start it. A refusal that tells what to write in Python tells what to write here, too."""
    try:
        box.start()
    except (EngineNotAvailable, PolicyNotEnforceable) as error:
        if "Limits(" not in str(error):
            raise
        raise type(error)(f"{error}\n{_WEAKER}") from error


class _Screen:
    """Writes what comes from the guest, live."""

    def __init__(self, activity: Activity, request: Request) -> None:
        self._activity = activity
        self._request = request
        self._escapers = {"stdout": Escaper(), "stderr": Escaper()}
        self._line_start = {"stdout": True, "stderr": True}
        self._displays = 0
        self.kept: Kept | None = None
        self.status = exits.OK

    def show(self, event: Output | Display | Progress | Result) -> None:
        if isinstance(event, Result):
            self.status = exits.OF_STATUS[event.status]
            self._finish(event)
        elif isinstance(event, Progress):
            message = event.message or f"running {self._request.source.name}"
            self._activity.say(message, event.fraction)
        elif isinstance(event, Display):
            self._show_display(event)
        elif not self._request.as_json:
            self._write(event.stream, self._escapers[event.stream].feed(event.text))

    def _write(self, stream: str, text: str) -> None:
        """Write text that is harmless."""
        if not text:
            return
        self._line_start[stream] = text.endswith("\n")
        self._activity.make_room(all(self._line_start.values()))
        target = sys.stdout if stream == "stdout" else sys.stderr
        target.write(text)
        target.flush()

    def _end_line(self, stream: str) -> None:
        if not self._line_start[stream]:
            self._write(stream, "\n")

    def _complain(self, message: str, kind: str) -> None:
        self._end_line("stderr")
        self._activity.make_room(at_line_start=True)
        complain(message, kind)

    def _show_display(self, display: Display) -> None:
        self._displays += 1
        kept = () if self._request.folder is None else self._request.folder.keep(display)
        if self._request.as_json:
            return
        text = display.data.get("text/plain")
        if isinstance(text, str):
            self._end_line("stdout")
            self._write("stdout", escape(text).rstrip("\n") + "\n")
        self._complain(describe_display(display, kept), f"display {self._displays}")

    # --- the end ---------------------------------------------------------------------------

    def _finish(self, result: Result) -> None:
        folder = self._request.folder
        if folder is not None and result.displays:
            with folder:
                page = folder.finish(result.displays, title=self._request.source.name)
            if not self._request.as_json:
                self._complain(f"{page} shows them all", "displays")
        if self._request.as_json:
            from ringfence.cli.as_json import dump, result_as_json

            told = result_as_json(result)
            if self.kept is not None:
                told["files"] = self.kept.as_json()
            self._write("stdout", dump(told))
            return
        for stream, escaper in self._escapers.items():
            self._write(stream, escaper.end())
        self._tell(result)
        if self.kept is not None:
            for line in self.kept.lines():
                self._complain(line, "out")

    def _tell(self, result: Result) -> None:
        """How it ended."""
        if result.status == "ok":
            if result.value is not None:
                self._end_line("stdout")
                self._write("stdout", describe_value(result.value) + "\n")
            return
        error = result.error
        if error is not None and error.traceback:
            self._end_line("stderr")
            self._write("stderr", escape(error.traceback).rstrip("\n") + "\n")
        if result.status == "limit":
            self._complain(_describe_limit(result, self._request.limits), "limit")
        elif result.status == "crashed":
            assert error is not None
            self._complain(f"{error.type}: {error.message}", "crashed")
        elif result.status == "cancelled":
            self._complain("the guest was ended", "cancelled")
        elif error is not None and not error.traceback:
            self._complain(f"{error.type}: {error.message}", "error")


def _describe_limit(result: Result, limits: Limits) -> str:
    name = result.limit or ""
    mechanism = result.enforced.get(name, "the engine")
    value = getattr(limits, name, None)
    figure = f"{value:g} s" if isinstance(value, float) else f"{value:,}"
    return (
        f"the guest reached {name} = {figure} (enforced by {mechanism}). "
        f"Allow more with {option_of(name)}"
    )


# --- Ctrl-C ------------------------------------------------------------------------------------


def _watch(
    stdin: str | Callable[[], str] | None,
) -> tuple[str | Callable[[], str] | None, threading.Event]:
    """``stdin``, and whether this process waits for a line right now."""
    asking = threading.Event()
    if stdin is None or isinstance(stdin, str):
        return stdin, asking

    def ask() -> str:
        asking.set()
        try:
            return stdin()
        finally:
            asking.clear()

    return ask, asking


@contextmanager
def _cancelling(box: Sandbox, asking: threading.Event) -> Iterator[None]:
    """The first Ctrl-C cancels the turn, so that its result is still told; a second one leaves.

    A cancel takes a lock that the interrupted code may hold, so a thread does it. While a line of
    standard input is awaited nothing else can be done, and the first one leaves.
    """
    over = threading.Event()
    wanted = threading.Event()

    def cancel() -> None:
        while not over.is_set() and not box.cancel():
            over.wait(_CANCEL_PERIOD)  # the turn has not begun, or has just ended

    def interrupted(number: int, frame: object) -> None:
        if wanted.is_set() or asking.is_set():
            raise KeyboardInterrupt
        wanted.set()
        threading.Thread(target=cancel, name="cancel", daemon=True).start()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)
