"""Many short scripts that turn parameters into geometry: checked once, evaluated in batches.

::

    from ringfence import blocks

    program = blocks.compile("def post(height: float = 2.0):\\n    line(0, 0, 0, height)")
    results = program.evaluate([{"height": 1.0}, {"height": 3.0}])
    results[1].geometry["data"]

See ``docs/blocks.md`` for the dialect, the limits and the dtype of geometry.
"""

from __future__ import annotations

from ringfence.blocks.cache import ResultCache
from ringfence.blocks.geometry import record_dtype
from ringfence.blocks.limits import BlockLimits
from ringfence.blocks.model import IDENTITY, Matrix, Model, Placed
from ringfence.blocks.program import BlockProgram, Instance, compile_all
from ringfence.blocks.program import compile_block as compile  # noqa: A004 - reads blocks.compile
from ringfence.blocks.results import BlockResult, BlockStatus, Evaluation
from ringfence.blocks.signature import REQUIRED, Parameter
from ringfence.errors import BlockCycle, BlockRejected, Finding
from ringfence_guest.protocol.geometry import FIELDS, Kind, Verdict

__all__ = [
    "FIELDS",
    "IDENTITY",
    "REQUIRED",
    "BlockCycle",
    "BlockLimits",
    "BlockProgram",
    "BlockRejected",
    "BlockResult",
    "BlockStatus",
    "Evaluation",
    "Finding",
    "Instance",
    "Kind",
    "Matrix",
    "Model",
    "Parameter",
    "Placed",
    "ResultCache",
    "Verdict",
    "compile",
    "compile_all",
    "record_dtype",
]
