"""``python -m bench``: measure, show, keep."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import ringfence
from bench import (
    analysis,
    batches,
    block_peers,
    blocks,
    cad,
    calls,
    hooks,
    importing,
    mcp_group,
    memory,
    micro,
    pool,
    profile,
    service,
    speed,
    start,
    state,
    throughput,
    values,
    wasi,
    workshop,
)
from bench.page import PageError
from bench.plan import FULL, QUICK, Plan
from bench.progress import Progress
from bench.report import Report
from bench.rows import Row
from ringfence.cli.bench.machine import describe_machine, load_average

_ROOT = Path(__file__).resolve().parent.parent
_Measure = Callable[[Plan, Progress], list[Row]]
_GROUPS: dict[str, tuple[str, str, _Measure]] = {
    "start": (start.GROUP, start.NOTE, start.measure),
    "pool": (pool.GROUP, pool.NOTE, pool.measure),
    "calls": (calls.GROUP, calls.NOTE, calls.measure),
    "batches": (batches.GROUP, batches.NOTE, batches.measure),
    "blocks": (blocks.GROUP, blocks.NOTE, blocks.measure),
    "block-peers": (block_peers.GROUP, block_peers.NOTE, block_peers.measure),
    "vishwakarma": (cad.GROUP, cad.NOTE, cad.measure),
    "hooks": (hooks.GROUP, hooks.NOTE, hooks.measure),
    "throughput": (throughput.GROUP, throughput.NOTE, throughput.measure),
    "speed": (speed.GROUP, speed.NOTE, speed.measure),
    "memory": (memory.GROUP, memory.NOTE, memory.measure),
    "import": (importing.GROUP, importing.NOTE, importing.measure),
    "values": (values.GROUP, values.NOTE, values.measure),
    "state": (state.GROUP, state.NOTE, state.measure),
    "micro": (micro.GROUP, micro.NOTE, micro.measure),
    "analysis": (analysis.GROUP, analysis.NOTE, analysis.measure),
    "wasi": (wasi.GROUP, wasi.NOTE, wasi.measure),
    "workshop": (workshop.GROUP, workshop.NOTE, workshop.measure),
    "service": (service.GROUP, service.NOTE, service.measure),
    "mcp": (mcp_group.GROUP, mcp_group.NOTE, mcp_group.measure),
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=sys.modules["bench"].__doc__
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it works")
    parser.add_argument(
        "--only",
        choices=_GROUPS,
        action="append",
        metavar="GROUP",
        help=f"measure this group only, may be repeated: {', '.join(_GROUPS)}",
    )
    parser.add_argument("--profile", choices=["start"], help="take a fresh start apart, instead")
    parser.add_argument(
        "--last", action="store_true", help="show the results of the last run; measure nothing"
    )
    parser.add_argument(
        "--write-docs", action="store_true", help="put the tables into docs/performance.md"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=_ROOT / "bench" / "out" / "results.json",
        help="where the results go (bench/out/results.json)",
    )
    parser.add_argument(
        "--docs", type=Path, default=_ROOT / "docs" / "performance.md", help=argparse.SUPPRESS
    )
    return parser.parse_args()


def _command(arguments: argparse.Namespace) -> str:
    """What to type to do it again; paths of this machine are left out."""
    words = ["python -m bench", *(["--quick"] if arguments.quick else [])]
    for group in arguments.only or ():
        words += ["--only", group]
    return " ".join(words)


def _measure(plan: Plan, groups: list[str], command: str, progress: Progress) -> Report:
    facts = describe_machine()
    rows: list[Row] = []
    for name in groups:
        rows += _GROUPS[name][2](plan, progress)
    facts["load at the end"] = load_average()
    return Report(
        command,
        facts,
        {_GROUPS[name][0]: _GROUPS[name][1] for name in groups},
        rows,
    )


def main() -> int:
    """Run it. The exit status says whether it could measure, not whether targets were met."""
    arguments = _arguments()
    plan = QUICK if arguments.quick else FULL
    try:
        with Progress() as progress:
            if arguments.profile:
                profile.show_start(plan, progress)
                return 0
            if arguments.last:
                report = Report.load(arguments.out)
            else:
                report = _measure(
                    plan, arguments.only or list(_GROUPS), _command(arguments), progress
                )
                report.save(arguments.out)
        report.show()
        if arguments.write_docs:
            report.write_docs(arguments.docs, [group for group, _, _ in _GROUPS.values()])
    except (ringfence.RingfenceError, PageError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
