"""Run at a level: a program that says what comes of the product there, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import ringfence
from ringfence import Sandbox
from ringfence.model import Policy


def _tell(value: Any) -> None:
    sys.stdout.write(json.dumps(value))


exec(
    compile(sys.argv[1], "<program>", "exec"),
    {"ringfence": ringfence, "Sandbox": Sandbox, "Policy": Policy, "tell": _tell, "said": []},
)
