"""``python -m judge``: run CPython's tests in guests, and say what passed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import ringfence
from judge.exclusions import ENGINES, ExclusionsWrong, load
from judge.report import Report, ReportError
from judge.suite import Suite, SuiteMissing
from judge.trial import WALL, Outcome, try_module

_ROOT = Path(__file__).resolve().parent.parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m judge", description=__doc__)
    parser.add_argument("modules", nargs="*", help="test_…; all, if none is named")
    parser.add_argument("--engine", choices=ENGINES, default="wasi")
    parser.add_argument("--wall", type=float, default=WALL, help="seconds for each guest")
    parser.add_argument("--resume", action="store_true", help="keep the outcomes of earlier runs")
    parser.add_argument("--last", action="store_true", help="run nothing; show the last outcomes")
    parser.add_argument("--write-docs", action="store_true", help="write docs/cpython-tests.md")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "out")
    parser.add_argument("--docs", type=Path, default=_ROOT / "docs" / "cpython-tests.md")
    return parser.parse_args()


def _row(one: Outcome) -> str:
    excluded = "all" if "*" in one.excluded else str(len(one.excluded))
    return (
        f"{one.module:<34} {len(one.passed):>6} {len(one.failed):>6} {len(one.skipped):>6} "
        f"{excluded:>6} {one.seconds:>7.1f} s"
    )


def _run(arguments: argparse.Namespace, kept: Path) -> Report:
    if arguments.last:
        return Report.load(kept)
    suite = Suite.of(arguments.engine)
    exclusions = load(arguments.engine)
    modules = suite.modules()
    if unknown := set(arguments.modules) - set(modules):
        raise SuiteMissing(f"{suite.folder} has no {', '.join(sorted(unknown))}")
    report = Report(arguments.engine, suite.version, len(modules))
    if arguments.resume and kept.is_file():
        report.outcomes = Report.load(kept).outcomes
    print(f"{'module':<34} {'passed':>6} {'failed':>6} {'skip':>6} {'excl':>6}")
    for module in arguments.modules or modules:
        if arguments.resume and module in report.outcomes:
            continue
        outcome = try_module(arguments.engine, suite, module, exclusions, arguments.wall)
        report.outcomes[module] = outcome
        report.outcomes = dict(sorted(report.outcomes.items()))
        report.save(kept)
        print(_row(outcome), flush=True)
    if not arguments.modules:
        for one in exclusions:
            if one.whole and not any(one.covers(module) for module in modules):
                print(f"STALE  {one.pattern}: there is no such module")
    return report


def main() -> int:
    """Run it. The exit status says whether the target was met: 1 if not, 2 if nothing was run."""
    arguments = _arguments()
    kept: Path = arguments.out / f"{arguments.engine}.json"
    try:
        report = _run(arguments, kept)
        for line in report.lines():
            print(line)
        if arguments.write_docs:
            report.write_docs(arguments.docs)
    except (
        ringfence.RingfenceError,
        ExclusionsWrong,
        ReportError,
        SuiteMissing,
        OSError,
    ) as error:
        print(f"judge: {error}", file=sys.stderr)
        return 2
    return 0 if report.met and not report.stale() else 1


if __name__ == "__main__":
    raise SystemExit(main())
