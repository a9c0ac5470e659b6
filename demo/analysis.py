"""A CSV goes in, somebody else's program analyses it, typed values and a plot come out."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

import ringfence
from demo.page import ROOT, heading, relative
from demo.readings import make_readings

__all__ = ["Report", "show_analysis"]

OUT = ROOT / "demo" / "out"
SENSORS = {"bench": "potting bench", "door": "by the door", "roof": "under the roof"}


def sensor_name(sensor: str) -> str:
    """What the host calls a sensor: the one thing that the analysis may ask."""
    return SENSORS[sensor]


class Report(TypedDict):
    """What the host wants back: checked, or refused."""

    readings: int
    missing: dict[str, int]
    outliers: list[tuple[str, datetime, float]]
    hottest: dict[str, tuple[datetime, float]]
    by_hour: np.ndarray
    agreement: np.ndarray


def show_analysis(console: Console) -> None:
    """A CSV goes in; typed values and a plot come out."""
    heading(console, "1. Somebody else's analysis of your file")
    data = make_readings()
    OUT.mkdir(parents=True, exist_ok=True)
    source = OUT / "readings.csv"
    source.write_bytes(data)
    lines = data.decode().splitlines()
    console.print(f"The file, {relative(source)}: {len(lines) - 1:,} readings like these:")
    console.print("\n  " + "   ".join(lines[1:4]) + "\n")
    script = ROOT / "demo" / "scripts" / "analysis.py"
    code = script.read_text()
    console.print(f"The program, {relative(script)}, which nobody has reviewed, begins:\n")
    begin = code[code.index("def load") : code.index("    hours =")] + "    # …"
    console.print(Syntax(begin, "python", theme="ansi_dark", background_color="default"))
    console.print(
        "\nIt gets a copy of the file, NumPy, pandas and matplotlib, one function of the host\n"
        "(sensor_name), 10 s and 512 MiB. It sees no other file, no network, no other process:\n"
    )
    with (
        console.status("starting Python with pandas and matplotlib behind the walls, once"),
        ringfence.Sandbox(
            packages=["numpy", "pandas", "matplotlib"],
            files={"readings.csv": data},
            functions=[sensor_name],
            limits=ringfence.Limits(wall=10, cpu=10, memory="512MiB"),
        ) as box,
    ):
        box.run(code, filename=script.name).raise_for_status()
        result = box.call_with("analyse", ["readings.csv"], returns=Report).raise_for_status()
    report: Report = result.value
    show_report(console, report)
    plot = OUT / "greenhouse.png"
    image = result.displays[0].data["image/png"]
    assert isinstance(image, bytes)
    plot.write_bytes(image)
    usage = result.usage
    console.print(
        f"\nThe plot it drew: {relative(plot)}, {len(image):,} bytes.\n"
        f"It took {usage.wall:.2f} s of its 10 s, {usage.cpu or 0:.2f} s of CPU, and "
        f"{usage.calls} calls of the host."
    )


def show_report(console: Console, report: Report) -> None:
    """The typed values, as a table."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("sensor", "missing", "outliers", "hottest", "when"):
        table.add_column(title, justify="left" if title in ("sensor", "when") else "right")
    for name, (when, degrees) in report["hottest"].items():
        outliers = sum(sensor == name for sensor, _, _ in report["outliers"])
        cells = (name, str(report["missing"][name]), str(outliers), f"{degrees:.1f} °C")
        table.add_row(*map(Text, cells), Text(f"{when:%A %H:%M}"))
    console.print(f"Checked values came back: {report['readings']:,} readings, and")
    console.print(table)
    shape = "x".join(map(str, report["by_hour"].shape))
    console.print(f"with by_hour, a NumPy array of {report['by_hour'].dtype}, {shape}.")
