"""The demo's input: a week of a greenhouse's thermometers, as such things are in real life.

Cheap sensors (DS18B20) answer 85.0 when they have just lost power and -127.0 when the cable is
loose; sometimes they answer nothing, and once the logger itself was off.
"""

from __future__ import annotations

import csv
import io
import math
import random
from datetime import UTC, datetime, timedelta

__all__ = ["make_readings"]

_START = datetime(2025, 6, 9, tzinfo=UTC)
_STEP = timedelta(minutes=10)
_STEPS = 7 * 24 * 6
_SENSORS = {"bench": (21.0, 6.0), "door": (18.0, 7.5), "roof": (25.0, 10.5)}
_OFF = range(412, 430)  # the logger was off for three hours


def make_readings(seed: int = 20250609) -> bytes:
    """A CSV file: time, sensor, temperature; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible example, not a secret
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time", "sensor", "temperature"])
    cloud = dict.fromkeys(_SENSORS, 0.0)
    for step in range(_STEPS):
        if step in _OFF:
            continue
        when = _START + step * _STEP
        day = math.sin((step / 144 - 0.375) * 2 * math.pi)
        sun = max(0.0, day) ** 0.8 - 0.35 * max(0.0, -day)
        for sensor, (base, swing) in _SENSORS.items():
            cloud[sensor] = 0.97 * cloud[sensor] + chance.gauss(0, 0.22)
            value = base + swing * sun * (0.85 + 0.05 * (step // 144 % 4)) + cloud[sensor]
            writer.writerow([f"{when:%Y-%m-%d %H:%M}", sensor, _answer(value, chance)])
    return text.getvalue().encode()


def _answer(value: float, chance: random.Random) -> str:
    """What the sensor says when it is ``value`` degrees."""
    fate = chance.random()
    if fate < 0.012:
        return ""
    if fate < 0.015:
        return "85.0"
    if fate < 0.017:
        return "-127.0"
    return f"{value + chance.gauss(0, 0.12):.1f}"
