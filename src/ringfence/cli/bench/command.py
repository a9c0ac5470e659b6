"""``ringfence bench``: measure, then print, and draw if asked."""

from __future__ import annotations

import sys
import time

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.bench.machine import describe_machine
from ringfence.cli.bench.measurements import measure
from ringfence.cli.bench.plot import check_plot, draw
from ringfence.cli.bench.rows import Outcome
from ringfence.cli.bench.table import print_table
from ringfence.cli.report import complain
from ringfence.errors import ConfigurationError
from ringfence.model.as_json import dump

__all__ = ["bench"]

_SHORTEST, _LONGEST = 1.0, 3_600.0


class _Told:
    """The line on the terminal: what is measured, and how much of the time has passed."""

    def __init__(self, activity: Activity, seconds: float) -> None:
        self._activity, self._seconds = activity, seconds
        self._begun = time.monotonic()
        self._what = ""

    def begin(self, what: str) -> None:
        self._what = f"measuring: {what}"
        self.advance()

    def advance(self) -> None:
        passed = (time.monotonic() - self._begun) / self._seconds
        self._activity.say(self._what, min(1.0, passed))


def bench(seconds: float, as_json: bool, plot: str | None) -> int:
    """Measure this machine; gives the exit status.

    Raises:
        ConfigurationError: an option is wrong.
        RingfenceError: no sandbox could be measured.
    """
    if not _SHORTEST <= seconds <= _LONGEST:
        raise ConfigurationError(
            f"--seconds {seconds:g}: must be from {_SHORTEST:g} to {_LONGEST:g}"
        )
    target = None if plot is None else check_plot(plot)
    with Activity("starting an image") as activity:
        facts = describe_machine()
        outcome = Outcome(facts, measure(seconds, _Told(activity, seconds)))
        if target is not None:
            activity.say("drawing the plot in a sandbox")
            draw(outcome, target)
    if as_json:
        sys.stdout.write(dump(outcome.as_json()))
    else:
        print_table(outcome)
    if target is not None and not as_json:
        complain(f"{target} has the plot", "bench")
    return exits.OK
