"""Extensions: importers, exporters and commands, each run in a sandbox of its own."""

from vishwakarma_app.extensions.manifest import (
    KINDS,
    LENT,
    Extension,
    ExtensionKind,
    Parameter,
    check_manifest,
    load,
    read_bundle,
    shipped,
)
from vishwakarma_app.extensions.running import (
    LIMITS,
    Cancellation,
    Outcome,
    check_loads,
    run_extension,
)

__all__ = [
    "KINDS",
    "LENT",
    "LIMITS",
    "Cancellation",
    "Extension",
    "ExtensionKind",
    "Outcome",
    "Parameter",
    "check_loads",
    "check_manifest",
    "load",
    "read_bundle",
    "run_extension",
    "shipped",
]
