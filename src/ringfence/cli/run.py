"""``ringfence run``: one program in a fresh guest, shown as it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.cli.activity import Activity
from ringfence.cli.displays import DisplayKeeper
from ringfence.cli.interrupts import cancelling
from ringfence.cli.out import OutFolder
from ringfence.cli.request import Source
from ringfence.cli.screen import Screen
from ringfence.cli.starting import start_guest
from ringfence.displays.folder import DisplayFolder
from ringfence.model import Limits, Policy, Result
from ringfence.sandbox import Sandbox

__all__ = ["Request", "run_program"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to run, and under what.

    Attributes:
        source: the program.
        limits: what bounds it.
        policy: what it is granted.
        engine: engines to try, in order; empty is ``auto``.
        packages: distributions to make importable, and paths of wheels.
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
        start_guest(box)
        # The first Ctrl-C cancels the turn, a second one leaves. While a line of standard input is
        # awaited nothing else can be done, and the first one leaves.
        with box, cancelling(box.cancel, leaves=lambda again: again or asking.is_set()):
            name = request.source.name
            keeper = DisplayKeeper(request.folder, title=name, size=int(request.limits.display))
            screen = Screen(activity, request.limits, keeper, name, as_json=request.as_json)
            activity.say(f"running {name}")
            for event in box.stream(request.source.code, filename=name):
                if isinstance(event, Result) and request.out is not None:
                    activity.say("writing files")
                    screen.kept = request.out.keep(box, request.files)
                screen.show(event)
            keeper.close()
            return screen.status


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
