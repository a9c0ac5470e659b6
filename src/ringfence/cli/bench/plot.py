"""The rows as a picture, drawn by matplotlib inside a sandbox: the host needs none of it."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from ringfence.cli.bench.rows import CALLS, RATE, START, Outcome
from ringfence.cli.bench.table import spell
from ringfence.displays.media import is_what_it_says
from ringfence.errors import ConfigurationError, EngineFailure
from ringfence.model import Limits
from ringfence.sandbox import run

__all__ = ["check_plot", "draw"]

_TITLES = {START: "To the first result", CALLS: "Live sandbox: one round trip", RATE: "In a second"}
_LIMITS = Limits(memory="512MiB", wall=60, cpu=60)

_PROGRAM = """
import matplotlib
matplotlib.rcParams.update({
    "font.size": 10, "font.family": "DejaVu Sans", "svg.fonttype": "none",
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
})
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

OURS, PEER, TAIL = "#1a7f5a", "#aab4bf", "#57606a"

def ticks(scale, unit):
    return FuncFormatter(lambda value, _: f"{value * scale:g} {unit}")

figure = Figure(figsize=(9, 1.7 + 0.42 * sum(len(p["rows"]) for p in panels)), dpi=160,
                layout="constrained")
shares = [len(panel["rows"]) + 1.1 for panel in panels]
figure.get_layout_engine().set(hspace=0.06, h_pad=0.06)
places = figure.subplots(len(panels), 1, height_ratios=shares)
for axes, panel in zip(places, panels):
    rows = panel["rows"]
    places = range(len(rows))
    medians = [row["median"] for row in rows]
    tops = [max(row["median"], row["p99"] or 0) for row in rows]
    axes.barh(places, medians, color=[OURS if row["ours"] else PEER for row in rows], height=0.62)
    axes.set_xlim(0, max(tops) * 1.25)
    axes.xaxis.set_major_formatter(ticks(panel["scale"], panel["unit"]))
    axes.tick_params(axis="x", colors=TAIL, labelsize=8, length=3)
    axes.tick_params(axis="y", length=0)
    for place, row, top in zip(places, rows, tops):
        if row["p99"] is not None and row["p99"] > row["median"]:
            axes.plot([row["median"], row["p99"]], [place, place], color=TAIL, linewidth=1.2)
            axes.plot([row["p99"]], [place], color=TAIL, marker="|", markersize=8)
        axes.annotate(row["text"], (top, place), xytext=(7, 0), textcoords="offset points",
                      va="center", fontsize=9, color=OURS if row["ours"] else TAIL,
                      fontweight="bold" if row["ours"] else "normal")
    axes.set_yticks(list(places), [row["name"] for row in rows])
    axes.invert_yaxis()
    axes.set_title(panel["title"], loc="left", fontsize=11, fontweight="bold")
figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
figure.supxlabel(footer, x=0.01, ha="left", fontsize=7.5, color=TAIL)
display(figure)
None
"""


def check_plot(path: str) -> Path:
    """Where the picture goes; refused before anything is measured if it cannot be drawn.

    Raises:
        ConfigurationError: there is no matplotlib to lend, or no folder to write to.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise ConfigurationError(
            "--plot: the plot is drawn in a sandbox by matplotlib, which this Python does not "
            "have. Get it with: pip install matplotlib"
        )
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise ConfigurationError(f"--plot {path!r}: it is a PNG; end the name in .png")
    if target.is_dir() or not os.access(target.parent, os.W_OK):
        raise ConfigurationError(f"--plot {path!r}: a file cannot be written there")
    return target


def draw(outcome: Outcome, target: Path) -> None:
    """Draw it, and write the PNG.

    Raises:
        EngineFailure: the sandbox did not draw.
        ConfigurationError: it cannot be written.
    """
    facts = outcome.facts
    inputs = {
        "panels": [_panel(outcome, group) for group in (START, CALLS, RATE)],
        "title": "Ringfence on this machine",
        "footer": "Bars are medians, whiskers reach to p99.  "
        + " \N{MIDDLE DOT} ".join(facts[name] for name in ("CPU", "kernel", "Python", "date")),
    }
    result = run(_PROGRAM, packages=["matplotlib"], inputs=inputs, limits=_LIMITS)
    image = result.displays[0].data.get("image/png") if result.displays else None
    if not isinstance(image, bytes) or not is_what_it_says("image/png", image):
        reason = result.error.message if result.error else result.status
        raise EngineFailure(f"the sandbox did not draw the plot: {reason}")
    try:
        target.write_bytes(image)
    except OSError as error:
        raise ConfigurationError(f"--plot {str(target)!r}: {error.strerror}") from None


def _panel(outcome: Outcome, group: str) -> dict[str, object]:
    rows = [
        {
            "name": row.name,
            "ours": row.ours,
            "median": row.median,
            "p99": row.p99,
            "text": spell(row.median, row.unit),
        }
        for row in outcome.rows
        if row.group == group and row.median is not None
    ]
    scale, unit = {START: (1e3, "ms"), CALLS: (1e6, "µs"), RATE: (1, "/s")}[group]
    return {
        "title": _TITLES[group],
        "rows": rows,
        "scale": scale,
        "unit": unit,
    }
