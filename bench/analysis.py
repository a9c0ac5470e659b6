"""What the static analysis of plugins costs, beside another tool that reads Python for dangers."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.peers import PEER_FOLDER
from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped
from ringfence.cli.bench.timing import Series, Subject, take_turns
from ringfence.plugins import analysis

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Analysis of plugins"
NOTE = (
    "Files of sixty lines and more, cut from the standard library's own modules between top-level "
    "statements, all given at once, from bytes to a report; lines a second in one process. Parsing "
    "alone is what no analysis in Python can do without; bandit, which looks at each statement "
    "alone, reads a tenth of them from a folder, its start taken off."
)
_FEWEST_LINES = 60


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    files = dict(_files(plan.analysis_files))
    lines = _lines(files)
    progress.begin(GROUP, plan.analysis_rounds)
    ours, parsing, bandit = "a 1,000-file analysis", "parsing alone", "bandit"
    subjects = [
        Subject(name=ours, work=partial(analysis.analyze_files, files), warm=1),
        Subject(name=parsing, work=partial(_parse, files), warm=1),
    ]
    missing = []
    some = dict(itertools.islice(files.items(), max(1, len(files) // 10)))
    sizes = {bandit: _lines(some)}
    with tempfile.TemporaryDirectory() as folder:
        peer = _bandit(some, Path(folder))
        if isinstance(peer, str):
            missing.append(skipped(GROUP, bandit, peer))
        else:
            subjects.append(Subject(name=bandit, work=peer[0], warm=0))
            subjects.append(Subject(name="start", work=peer[1], warm=1))
        found = take_turns(subjects, plan.analysis_rounds, progress)
    if "start" in found:
        start = found.pop("start").median
        found[bandit] = Series([max(one - start, 1e-9) for one in found[bandit].seconds])
    sizes = {name: sizes.get(name, lines) for name in found}
    rates = {name: sizes[name] / series.median for name, series in found.items()}
    rows = [
        Row(
            group=GROUP,
            name=name,
            subject=name == ours,
            unit="/s",
            median=rates[name],
            p99=sizes[name] / series.p99,
            count=series.count,
            ratio=None if name == ours else rates[name] / rates[ours],
            to="" if name == ours else ours,
            target=Target(20_000, least=True) if name == ours else None,
        )
        for name, series in found.items()
    ]
    return rows + missing


def _lines(files: dict[str, bytes]) -> int:
    return sum(data.count(b"\n") for data in files.values())


def _files(most: int) -> Iterator[tuple[str, bytes]]:
    """Modules made of runs of top-level statements of the standard library's."""
    number = 0
    library = Path(sysconfig.get_path("stdlib"))
    packages = ("asyncio", "email", "http", "json", "logging", "multiprocessing", "unittest", "xml")
    folders = [library, *(library / name for name in packages)]
    for path in (path for folder in folders for path in sorted(folder.glob("*.py"))):
        source = path.read_text("utf-8")
        lines = source.splitlines(keepends=True)
        begin = 0
        for node in ast.parse(source).body:
            end = node.end_lineno or 0
            if end - begin >= _FEWEST_LINES:
                if number >= most:
                    return
                yield f"m{number}.py", "".join(lines[begin:end]).encode()
                begin, number = end, number + 1


def _parse(files: dict[str, bytes]) -> None:
    for data in files.values():
        ast.parse(data)


def _bandit(
    files: dict[str, bytes], folder: Path
) -> tuple[Callable[[], object], Callable[[], object]] | str:
    """What runs it over the files, and over none; or why it is not here."""
    code = (
        f"import sys; sys.path.append({str(PEER_FOLDER)!r}); "
        "from bandit.cli import main; main.main()"
    )

    def run(target: Path) -> int:
        command = [sys.executable, "-I", "-c", code, "-q", "-r", str(target), "-f", "json"]
        return subprocess.run(command, capture_output=True, check=False).returncode

    whole, nothing = folder / "files", folder / "nothing"
    whole.mkdir()
    nothing.mkdir()
    for name, data in files.items():
        (whole / name).write_bytes(data)
    (nothing / "m.py").write_text("x = 1\n")
    if not PEER_FOLDER.is_dir() or run(nothing) != 0:
        return "bandit is not installed: scripts/bench_peers.py gets it"
    return partial(run, whole), partial(run, nothing)
