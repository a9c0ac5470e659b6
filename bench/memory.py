"""What idle sandboxes keep: read from the kernel's account of the guests' processes."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Sequence
from pathlib import Path

import ringfence
from bench.inside import host_pid, parent_of
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped
from bench.unjailed import Unjailed

__all__ = ["GROUP", "NOTE", "is_stopped", "measure", "rollup"]

GROUP = "Memory of idle sandboxes"
NOTE = (
    "`smaps_rollup` of guests with NumPy that ran one turn and wait for the next. PSS shares each "
    "page among the processes that map it; private is what one more sandbox costs. All of the "
    "crowd are live at once, and each answered from its own state before it was looked at."
)
_PEERS = 2
_TARGET = Target(2.5)


def rollup(pid: int) -> dict[str, float]:
    """MiB by name: ``Rss``, ``Pss``, ``Private``."""
    sizes = {"Private": 0.0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, text = line.split(":")
        size = int(text.split()[0]) / 1024
        sizes[name] = size
        if name.startswith("Private_") and name != "Private_Hugetlb":
            sizes["Private"] += size
    return sizes


def is_stopped(pid: int) -> bool:
    """Whether the host has stopped a guest, which it does when one has had nothing to do."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _rss(pid: int) -> float:
    """MiB resident, from the file that anybody may read."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no memory")


def _row(
    name: str,
    sizes: Sequence[float],
    *,
    subject: bool = True,
    target: Target | None = None,
) -> Row:
    return Row(
        group=GROUP,
        name=name,
        subject=subject,
        unit="MiB",
        median=statistics.median(sizes),
        p99=max(sizes),
        count=len(sizes),
        target=target,
    )


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    progress.begin(GROUP, plan.crowd)
    rows: list[Row] = []
    with contextlib.ExitStack() as stack:
        boxes: list[ringfence.Sandbox] = []
        for number in range(plan.crowd):
            box = stack.enter_context(ringfence.Sandbox(packages=["numpy"]))
            box.run("mine = number", inputs={"number": number}).raise_for_status()
            boxes.append(box)
            progress.advance()
            if number + 1 == plan.boxes:
                rows += _guest_rows(boxes, boxes)
        for number, box in enumerate(boxes):
            if box.run("mine").value != number:
                raise RuntimeError(f"sandbox {number} of {len(boxes)} answers for another")
        rows += _guest_rows(boxes, boxes[:: max(1, len(boxes) // plan.boxes)])
        plain = [stack.enter_context(Unjailed()) for _ in range(_PEERS)]
        for process in plain:
            process.define("import numpy")
        # The image is the parent of the guests and shares its pages with them.
        rows.append(
            _row("image with NumPy (zygote), resident, once", [_rss(parent_of(host_pid(boxes[0])))])
        )
        peer = [rollup(process.pid) for process in plain]
    name = "unjailed process with NumPy imported"
    for key, word in (("Pss", "PSS"), ("Private", "private")):
        rows.append(_row(f"{name}, {word}", [sizes[key] for sizes in peer], subject=False))
    return rows


def _guest_rows(
    boxes: Sequence[ringfence.Sandbox], looked: Sequence[ringfence.Sandbox]
) -> list[Row]:
    name = f"one of {len(boxes):,} idle sandboxes"
    try:
        found = [rollup(host_pid(box)) for box in looked]
    except PermissionError:
        return [skipped(GROUP, name, "guests cannot be inspected: only root may", subject=True)]
    return [
        _row(f"{name}, PSS", [sizes["Pss"] for sizes in found], target=_TARGET),
        _row(f"{name}, private", [sizes["Private"] for sizes in found]),
    ]
