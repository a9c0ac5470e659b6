"""Parametric blocks: what a document's block instances look like, worked out in sandboxes.

::

    with BlockRunner(document) as runner:
        stairs = insert(document, "staircase", parameters={"steps": 15})
        print(runner.evaluate().failed, document.geometry(stairs))
"""

from vishwakarma_app.blocks.editing import define, insert, set_parameters
from vishwakarma_app.blocks.geometry import unpacked
from vishwakarma_app.blocks.library import (
    LIBRARY,
    PUBLISHER,
    BlockLibrary,
    LibraryBlock,
    check_library,
    library_of,
)
from vishwakarma_app.blocks.runner import BlockRunner, Evaluation, FailedBlock
from vishwakarma_app.blocks.signatures import Parameter, check_script, publisher_of

__all__ = [
    "LIBRARY",
    "PUBLISHER",
    "BlockLibrary",
    "BlockRunner",
    "Evaluation",
    "FailedBlock",
    "LibraryBlock",
    "Parameter",
    "check_library",
    "check_script",
    "define",
    "insert",
    "library_of",
    "publisher_of",
    "set_parameters",
    "unpacked",
]
