"""Vishwakarma on 10,000 blocks: opening a model cold and warm, one change, and a large DXF."""

from __future__ import annotations

import importlib.util
import io
import tempfile
from itertools import count
from pathlib import Path

from bench.plan import Plan
from bench.progress import Progress
from bench.rows import Row, Target, skipped, timing
from ringfence.cli.bench.timing import Series, Subject, take_turns

__all__ = ["GROUP", "NOTE", "measure"]

GROUP = "Vishwakarma"
NOTE = (
    "A model of 10,000 instances of the library's staircase, with parameters of their own, in a "
    "`.vk` file: from its path until the geometry of all is there, without results in the file "
    '("cold", a guest is started) and with them ("warm", none is). A change is one transaction and '
    "the evaluation after it. The DXF has lines only, and is read by ezdxf in a sandbox that "
    "has 1 GiB at most."
)
_MEGABYTE = 1_000_000


def measure(plan: Plan, progress: Progress) -> list[Row]:
    """The rows of this group."""
    if importlib.util.find_spec("vishwakarma_app") is None:
        return [skipped(GROUP, "a model of blocks", "vishwakarma is not installed")]
    progress.begin(GROUP, 3 * plan.block_rounds)
    with tempfile.TemporaryDirectory() as folder:
        found = _models(Path(folder), plan, progress)
    size = f"{plan.model_blocks:,}"
    rows = [
        timing(GROUP, f"a model of {size} blocks opened, cold", found["cold"], "ms"),
        timing(GROUP, f"a model of {size} blocks opened, warm", found["warm"], "ms"),
        timing(GROUP, f"one parameter among {size}", found["change"], "ms", target=Target(2.0)),
        timing(GROUP, "undo or redo of one, from the results that are kept", found["undo"], "ms"),
    ]
    name = f"a DXF of {plan.dxf_bytes // _MEGABYTE} MB imported"
    if importlib.util.find_spec("ezdxf") is None:
        return [*rows, skipped(GROUP, name, "ezdxf is not installed")]
    return [*rows, timing(GROUP, name, _imported(plan, progress), "ms")]


def _models(folder: Path, plan: Plan, progress: Progress) -> dict[str, Series]:
    from vishwakarma_api.v1.shapes import BlockInstance
    from vishwakarma_app.blocks import LIBRARY, BlockRunner, set_parameters
    from vishwakarma_app.document import Document
    from vishwakarma_app.storage import read_document, write_document

    document = Document("m")
    with document.transaction() as edit:
        edit.set_block("staircase", LIBRARY["staircase"].source, publisher="vishwakarma")
        for n in range(plan.model_blocks):
            edit.create(BlockInstance("staircase", {"rise": 0.1 + n / plan.model_blocks}))
    cold, warm = folder / "cold.vk", folder / "warm.vk"
    write_document(cold, document)

    def opened(path: Path) -> None:
        with BlockRunner(read_document(path), engine="native") as other:
            done = other.evaluate()
        if len(done.evaluated) != plan.model_blocks or done.failed:
            raise RuntimeError("not all blocks were evaluated")

    going = count(1)
    with BlockRunner(document, engine="native") as runner:
        runner.evaluate()
        runner.keep_results()
        write_document(warm, document)

        def change() -> None:
            set_parameters(document, 77, {"going": 0.2 + 0.1 / next(going)})
            if runner.evaluate().evaluated != (77,):
                raise RuntimeError("something else was evaluated")

        def undo() -> None:
            if not document.redo():
                document.undo()
            if runner.evaluate().evaluated != (77,):
                raise RuntimeError("something else was evaluated")

        return take_turns(
            [
                Subject(name="cold", work=lambda: opened(cold), warm=1),
                Subject(name="warm", work=lambda: opened(warm), warm=1),
                Subject(name="change", work=change, block=20, warm=1),
                Subject(name="undo", work=undo, block=20, warm=1),
            ],
            plan.block_rounds,
            progress,
        )


def _imported(plan: Plan, progress: Progress) -> Series:
    from vishwakarma_app.document import Document
    from vishwakarma_app.extensions import run_extension, shipped

    line = (
        "  0\nLINE\n  8\n0\n 10\n{0}.125\n 20\n{1}.25\n 30\n0.0\n"
        " 11\n{1}.5\n 21\n{0}.75\n 31\n0.0\n"
    )
    parts = ["  0\nSECTION\n  2\nENTITIES\n"]
    size = 0
    for n in count():
        parts.append(line.format(n, n % 977))
        size += len(parts[-1])
        if size >= plan.dxf_bytes:
            break
    parts.append("  0\nENDSEC\n  0\nEOF\n")
    data = "".join(parts).encode()

    def imported() -> None:
        source = io.BytesIO(data)
        done = run_extension(Document(), shipped()["dxf-import"], source=source)
        if done.created != len(parts) - 2:
            raise RuntimeError("not all lines came in")

    return take_turns(
        [Subject(name="dxf", work=imported, warm=0)], max(1, plan.block_rounds // 4), progress
    )["dxf"]
