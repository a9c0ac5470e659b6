"""Sandboxes in time: state, isolation, threads, cancel, close, fork, tasks."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_FACADE = "issue 2: Build 5"
_API = "design: API"

REQUIREMENTS = {
    "session.state": R("What a turn defines stays for the next.", _API),
    "session.main": R("Cells run as __main__; classes and functions pickle there.", _API),
    "session.fresh": R(
        "run() is a fresh guest each time.", "design: Start from a warm image", security=True
    ),
    "session.isolated": R(
        "Sandboxes share no state.", "design: Start from a warm image", security=True
    ),
    "session.random-openssl": R(
        "OpenSSL's random numbers differ from guest to guest.",
        "trap 1",
        ("module:ssl",),
        security=True,
    ),
    "session.random": R(
        "No two guests draw the same random numbers, from any generator.", "trap 1", security=True
    ),
    "session.image-clean": R(
        "Nothing a guest patches, in builtins, modules or os.fork, reaches another guest.",
        "trap 2",
        security=True,
    ),
    "session.attributes": R("A started sandbox knows its engine, walls and enforcement.", _API),
    "session.host-timeout": R(
        "A timeout that the host's program has for all of its sockets is none of a guest's.", _API
    ),
    "session.lazy-start": R("A sandbox starts on first use, once.", _API),
    "threads.queue": R(
        "Several threads may use one sandbox: turns queue.", "design: Host functions"
    ),
    "threads.start-once": R("Several threads start it once.", "design: Host functions"),
    "tasks.queue": R(
        "Several tasks may use one async sandbox: turns queue.", "design: Host functions"
    ),
    "tasks.start-once": R("Several tasks start it once.", "design: Host functions"),
    "tasks.concurrent": R("Several async sandboxes run side by side on one loop.", _FACADE),
    "tasks.cancelled": R("Cancelling the awaiting task ends the turn; the state stays.", _FACADE),
    "tasks.cancelled-stubborn": R(
        "A guest that ignores a task's cancellation is killed, and the sandbox knows.", _FACADE
    ),
    "tasks.start-cancelled": R("A start that was cancelled leaves nothing behind.", _FACADE),
    "tasks.loop-free": R("A running turn does not block the loop.", _FACADE),
    "tasks.parity": R("AsyncSandbox does what Sandbox does.", "design: Sans-I/O core"),
    "cancel.busy": R("cancel() from another thread ends a busy loop.", _FACADE),
    "cancel.sleep": R("cancel() ends a sleep.", _FACADE),
    "cancel.host-call": R("cancel() ends a turn that waits for a host call.", _FACADE),
    "cancel.task": R("cancel() works from a task, too.", _FACADE),
    "cancel.stubborn": R(
        "A guest that ignores it is killed; alive says so.", _FACADE, security=True
    ),
    "cancel.nothing": R("cancel() without a running turn is False, and changes nothing.", _FACADE),
    "cancel.state": R("A cancelled sandbox keeps its state.", _FACADE),
    "close.turn": R("close() from another thread ends the running turn.", _FACADE),
    "close.twice": R("close() may be called again, and before a start.", _FACADE),
    "close.used-after": R("A closed sandbox refuses by name.", _FACADE),
    "close.with": R("The end of a `with` block closes, also after an exception.", _FACADE),
    "close.inside": R(
        "close() from a host function of its own is SandboxBusy.", "design: Host functions"
    ),
    "close.stream-open": R("close() ends a stream that is still open.", _FACADE),
    "close.queued": R("Turns that queue when a sandbox closes are refused.", _FACADE),
    "stream.busy": R(
        "The same thread or task cannot start a turn inside its stream.", "design: Host functions"
    ),
    "fork.child": R("A forked child makes sandboxes of its own.", "trap 7"),
    "fork.inherited": R(
        "In a forked child, the parent's sandbox refuses by name.", "trap 7", security=True
    ),
    "fork.parent": R("A child that exits leaves the parent's sandbox alone.", "trap 7"),
    "fork.during-turn": R("A fork during a turn leaves the turn alone.", "trap 7"),
}
