"""The wasi engine as it is where no zygote can stand, on a machine where one can."""

from __future__ import annotations

import dataclasses
from typing import Any

from ringfence._engines.wasi.engine import WasiEngine
from ringfence.model import Policy
from ringfence.zygote.launch import ZygoteConfig

__all__ = ["PLAIN", "AloneEngine"]

PLAIN = Policy(walls=[{"wasm", "process"}])
"""The walls that it has."""


class AloneEngine(WasiEngine):
    """Starts a process for each guest.

    Args:
        changes: of what each process is started with.
    """

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self._changes = changes

    def _config(self, *arguments: Any, **options: Any) -> ZygoteConfig:
        config = super()._config(*arguments, **options)
        return dataclasses.replace(config, alone=True, **self._changes)
