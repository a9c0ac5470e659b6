"""The service: a real one, asked from another process over loopback, beside what answers without a
sandbox and what starts a process for each request.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.memory import rollup
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped, timing
from ringfence.cli.bench.timing import Series

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "The service over HTTP"
NOTE = (
    "`ringfence serve` with its default settings (SQLite; a larger quota and room for the "
    "sessions), asked by another process over kept connections on loopback. Each `POST "
    "/v1/execute` of `print(1)` is a fresh sandbox, with its record in the audit log committed "
    "before it is answered. Paced: 100 requests a second are sent whatever becomes of them, and "
    "each is timed from when it was due. The clients of the closed loop ask again at once. A warm "
    "call is a turn of a session of less than 1 MB, saved before it is answered; `durability: "
    "idle` saves it later. The first byte is timed from the guest's own clock. Peers: FastAPI "
    "that runs nothing, and FastAPI that starts `python -I -S -c` for each request, in no jail."
)
_PATIENCE = 300
_CODE = {"code": "print(1)"}
_RATE = 100


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, 7)
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder), plan) as (port, process):
        ask = _Asking(port, progress)
        paced = ask("paced", path="/v1/execute", rate=_RATE, seconds=plan.service_seconds)
        closed = ask("closed", path="/v1/execute", clients=20, seconds=plan.service_seconds)
        warm = ask.calls("per-turn", plan.service_calls)
        lazy = ask.calls("idle", plan.service_calls)
        streamed = ask("streamed", path="/v1/execute", count=plan.service_streams)
        ask("sessions", count=plan.service_sessions)
        memory = _memory(process, plan.service_sessions)
    with _peer() as port:
        ask = _Asking(port, progress)
        bare = ask("closed", path="/bare", clients=20, seconds=plan.service_seconds / 2)
        forked = ask("closed", path="/process", clients=20, seconds=plan.service_seconds / 2)
        one = ask("serial", path="/bare", first=_CODE, count=plan.service_calls)
    p99 = Series(paced).p99
    return [
        timing(
            GROUP, "`print(1)`, fresh, 100 a second", Series(paced), "ms", target=Target(6)
        ),
        Row(
            group=GROUP, name="the slowest of each hundred of those", unit="ms",
            median=p99 * 1e3, count=len(paced), target=Target(40),
        ),
        _rate(
            "`print(1)`, fresh, 20 clients", closed, bare, "bare FastAPI",
            Target(250, least=True),
        ),
        timing(
            GROUP, "warm session call, saved before the reply", Series(warm), "ms",
            against=Series(one), to="bare FastAPI", target=Target(3),
        ),
        timing(
            GROUP, "warm session call, `durability: idle`", Series(lazy), "ms",
            against=Series(one), to="bare FastAPI",
        ),
        timing(
            GROUP, "first streamed byte, after it was printed", Series(streamed), "ms",
            target=Target(5),
        ),
        memory,
        _rate("bare FastAPI, runs nothing, 20 clients", bare, None, "", None, subject=False),
        _rate(
            "FastAPI + `python -I -S -c`, 20 clients", forked, bare, "bare FastAPI", None,
            subject=False,
        ),
        timing(GROUP, "bare FastAPI, one client", Series(one), "ms", subject=False),
    ]  # fmt: skip


class _Asking:
    """Has the other process ask."""

    def __init__(self, port: int, progress: Progress) -> None:
        self._port = port
        self._progress = progress

    def __call__(self, way: str, **order: Any) -> list[float]:
        """The figures of one order."""
        whole = {"way": way, "body": _CODE, "expected": '"stdout":"1\\n"', **order}
        found: list[float] = self._run([whole])[0]
        self._progress.advance()
        return found

    def calls(self, durability: str, count: int) -> list[float]:
        """Warm calls in a session."""
        first = {
            "code": "total = 0\nitems = list(range(10_000))",
            "session_id": f"warm-{durability}",
            "durability": durability,
        }
        body = {"code": "total += 1\nprint(1)", "session_id": f"warm-{durability}"}
        return self("serial", path="/v1/execute", first=first, body=body, count=count)

    def _run(self, orders: list[dict[str, Any]]) -> list[list[float]]:
        done = subprocess.run(
            [sys.executable, "-m", "bench.service_load", str(self._port), json.dumps(orders)],
            stdout=subprocess.PIPE,
            check=True,
            timeout=_PATIENCE,
        )
        found: list[list[float]] = json.loads(done.stdout)
        return found


def _rate(
    name: str,
    rates: list[float],
    against: list[float] | None,
    to: str,
    target: Target | None,
    *,
    subject: bool = True,
) -> Row:
    median = statistics.median(rates)
    return Row(
        group=GROUP,
        name=name,
        subject=subject,
        unit="/s",
        median=median,
        p99=min(rates),
        count=len(rates),
        ratio=None if against is None else median / statistics.median(against),
        to=to,
        target=target,
    )


@contextlib.contextmanager
def _service(folder: Path, plan: Plan) -> Iterator[tuple[int, int]]:
    """A service; its port and its process."""
    room = str(plan.service_sessions + 10)
    environment = {
        **{name: one for name, one in os.environ.items() if not name.startswith("RINGFENCE_")},
        "RINGFENCE_DATABASE": f"sqlite:///{folder / 'service.db'}",
        "RINGFENCE_PORT": "0",
        "RINGFENCE_LOG_LEVEL": "warning",
        "RINGFENCE_QUOTA_CONCURRENT": "1000",
        "RINGFENCE_QUOTA_PER_MINUTE": "1000000",
        "RINGFENCE_SESSIONS_PER_TENANT": room,
        "RINGFENCE_SESSIONS_LIVE": room,
    }
    with _process([sys.executable, "-m", "ringfence", "serve"], environment) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        if not address:
            raise RuntimeError("the service did not start")
        yield int(address.rpartition(":")[2]), process.pid


@contextlib.contextmanager
def _peer() -> Iterator[int]:
    with _process([sys.executable, "-m", "bench.service_peer"], dict(os.environ)) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def _memory(process: int, sessions: int) -> Row:
    name = f"{sessions} idle live sessions, all processes"
    try:
        sizes = [rollup(one)["Pss"] for one in _tree(process)]
    except PermissionError:
        return skipped(GROUP, name, "guests cannot be inspected: only root may", subject=True)
    return Row(
        group=GROUP,
        name=name,
        unit="MiB",
        median=sum(sizes),
        p99=None,
        count=len(sizes),
        target=Target(2_000_000_000 / (1 << 20)),
    )


def _tree(process: int) -> list[int]:
    """A process and all below it that are still there."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                if stat[0] != "Z":
                    children.setdefault(int(stat[1]), []).append(int(entry.name))
    found, waiting = [], [process]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found
