"""What comes from a guest, on the terminal, as it comes."""

from __future__ import annotations

import sys

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.displays import DisplayKeeper, describe_display
from ringfence.cli.escape import Escaper, escape
from ringfence.cli.out import Kept
from ringfence.cli.report import complain
from ringfence.cli.request import option_of
from ringfence.cli.values import describe_value
from ringfence.model import Display, Limits, Output, Progress, Result

__all__ = ["Screen"]


class Screen:
    """Writes what comes from the guest, live.

    Args:
        activity: takes its line away before anything is written.
        limits: those of the turn.
        keeper: takes the displays.
        name: what is running.
        as_json: print the whole result as JSON at the end, and nothing else.
        session: whether more turns may follow: a cancelled one need not be the end.
    """

    def __init__(
        self,
        activity: Activity,
        limits: Limits,
        keeper: DisplayKeeper,
        name: str,
        *,
        as_json: bool = False,
        session: bool = False,
    ) -> None:
        self._activity = activity
        self._limits = limits
        self._keeper = keeper
        self._name = name
        self._as_json = as_json
        self._session = session
        self._escapers = {"stdout": Escaper(), "stderr": Escaper()}
        self._line_start = {"stdout": True, "stderr": True}
        self.kept: Kept | None = None
        self.status = exits.OK

    def show(self, event: Output | Display | Progress | Result) -> None:
        if isinstance(event, Result):
            self.status = exits.OF_STATUS[event.status]
            self._finish(event)
        elif isinstance(event, Progress):
            message = event.message or f"running {self._name}"
            self._activity.say(message, event.fraction)
        elif isinstance(event, Display):
            self._show_display(event)
        elif not self._as_json:
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
        kept = self._keeper.keep(display)
        if self._as_json:
            return
        text = display.data.get("text/plain")
        if isinstance(text, str):
            self._end_line("stdout")
            self._write("stdout", escape(text).rstrip("\n") + "\n")
        remedy = "%displays FOLDER" if self._session else "--displays FOLDER"
        told = describe_display(display, kept, remedy)
        self._complain(told, f"display {self._keeper.number}")

    # --- the end ---------------------------------------------------------------------------

    def _finish(self, result: Result) -> None:
        page = self._keeper.finish()
        if page is not None and not self._as_json:
            self._complain(f"{page} shows them all", "displays")
        if self._as_json:
            from ringfence.model.as_json import dump, result_as_json

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
        if self._session:  # a prompt may follow
            for stream in self._escapers:
                self._end_line(stream)

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
            self._complain(_describe_limit(result, self._limits), "limit")
        elif result.status == "crashed":
            assert error is not None
            self._complain(f"{error.type}: {error.message}", "crashed")
        elif result.status == "cancelled":
            kept = self._session and result.alive
            told = (
                "the variables and files are as they were left" if kept else "the guest was ended"
            )
            self._complain(told, "cancelled")
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
