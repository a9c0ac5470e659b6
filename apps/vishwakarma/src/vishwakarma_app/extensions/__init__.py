"""Extensions: importers, exporters and commands, each run in a sandbox of its own."""

from vishwakarma_app.extensions.manifest import Extension, Parameter, load, shipped
from vishwakarma_app.extensions.running import LIMITS, Cancellation, Outcome, run_extension

__all__ = [
    "LIMITS",
    "Cancellation",
    "Extension",
    "Outcome",
    "Parameter",
    "load",
    "run_extension",
    "shipped",
]
