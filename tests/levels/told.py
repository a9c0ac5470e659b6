"""Run at a level: says as JSON what the product says there, by default and with weaker walls."""

from __future__ import annotations

import json
import sys
from typing import Any

import ringfence
from ringfence.jail import libc
from tests.levels.machine import makes_namespaces
from tests.support.levels import weaker_options


def _told(walls: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"refused": None, "default": None, "accepted": None}
    told["namespaces"], told["landlock"] = makes_namespaces(), libc.landlock_abi()
    try:
        told["default"] = sorted(ringfence.run("1 + 1", engine="native").walls)
    except ringfence.PolicyNotEnforceable as error:
        told["refused"] = str(error)
    availability = ringfence.engines()["native"].availability
    told["stand"] = [sorted(one) for one in availability.walls]
    told["remedy"] = availability.remedy
    if frozenset(walls) not in availability.walls:
        return told
    result = ringfence.run("1 + 1", engine="native", **weaker_options(walls))
    told["accepted"] = {
        "value": result.value,
        "walls": sorted(result.walls),
        "enforced": dict(result.enforced),
    }
    return told


sys.stdout.write(json.dumps(_told(sys.argv[1].split("+"))))
