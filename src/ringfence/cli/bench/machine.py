"""Where it was measured."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path

import ringfence
from ringfence.model.policy import describe_walls
from ringfence.runtime.processors import count_processors

__all__ = ["describe_machine", "load_average"]


def load_average() -> str:
    """The load of the last one, five and fifteen minutes."""
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, text = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return text.strip()
    return platform.processor() or platform.machine()


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def describe_machine() -> dict[str, str]:
    """Name -> text; the walls that stand are part of what was measured."""
    with ringfence.Sandbox() as box:
        walls = describe_walls(box.walls)
        engine = box.engine
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "CPU": f"{_cpu()}, {platform.machine()}",
        "cores": str(count_processors()),
        "kernel": platform.release(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "NumPy": _version("numpy"),
        "Ringfence": _version("ringfence"),
        "engine": f"{engine}: {walls}",
        "user": "root" if os.geteuid() == 0 else "an ordinary user",
        "load at the start": load_average(),
    }
