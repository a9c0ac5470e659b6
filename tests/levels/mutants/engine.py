"""The native engine, with something taken away from the jails that it builds."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from ringfence._engines.native.engine import NativeEngine
from ringfence._engines.native.image import NativeImage
from ringfence.engine import ImageSpec
from ringfence.zygote.launch import ZygoteConfig
from tests.support.levels import weaker_options

__all__ = ["Mutant", "Removal"]

Removal = tuple[Any, ...]
"""The name of a function of ``removals``, and its arguments: plain JSON."""

_PROGRAM = Path(__file__).with_name("zygote.py")


class Mutant(NativeEngine):
    """Everything is as in production, but for what each zygote does to itself first.

    Args:
        removals: in this order.
    """

    def __init__(self, *removals: Removal) -> None:
        super().__init__()
        self._removals = json.dumps(removals)

    def image(self, spec: ImageSpec) -> NativeImage:
        if spec.python is None:
            python = weaker_options(spec.policy.wall_sets[0]).get("python")
            spec = dataclasses.replace(spec, python=python)
        return super().image(spec)

    def _config(self, *request: Any) -> ZygoteConfig:
        config = super()._config(*request)
        return dataclasses.replace(
            config,
            command=(*config.command, str(_PROGRAM)),
            environment=(*config.environment, ("RINGFENCE_REMOVALS", self._removals)),
        )
