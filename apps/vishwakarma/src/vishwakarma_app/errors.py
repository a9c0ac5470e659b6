"""What can go wrong on the host.

::

    VishwakarmaError
    ├── DocumentError          an edit that the document refuses; it stays as it was
    ├── BlockRefused           a block that is not defined, inserted or changed
    ├── FileRefused            a file that is not opened: damaged, hostile, or newer
    ├── ExtensionRefused       an extension that is not started
    └── ExtensionFailed        an extension that failed; the document is as it was
"""

from __future__ import annotations

__all__ = [
    "BlockRefused",
    "DocumentError",
    "ExtensionFailed",
    "ExtensionRefused",
    "FileRefused",
    "VishwakarmaError",
]


class VishwakarmaError(Exception):
    """The root of what this application raises on purpose."""


class DocumentError(VishwakarmaError):
    """An edit that the document refuses, with what to do instead."""


class BlockRefused(VishwakarmaError):
    """A block whose script or parameters are not accepted. The document is as it was.

    Args:
        message: what is wrong, with the block's name and the line.
        block: its name.
        line: of its script; 0 where none is at fault.
    """

    def __init__(self, message: str, block: str, line: int = 0) -> None:
        super().__init__(message)
        self.block = block
        self.line = line


class FileRefused(VishwakarmaError):
    """A file that is not opened, with its name and the reason."""


class ExtensionRefused(VishwakarmaError):
    """An extension that is not started: its manifest or its arguments are wrong."""


class ExtensionFailed(VishwakarmaError):
    """An extension that failed. The document is as it was before.

    Args:
        message: what happened, and where.
        status: as :class:`ringfence.Result` has it, or ``"refused"``: it sent what is not accepted.
        line: the line of the extension at fault, if that is known.
        raised: the type of the exception that it raised, as it says; empty where it raised none.
    """

    def __init__(
        self,
        message: str,
        status: str = "error",
        line: int | None = None,
        raised: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.line = line
        self.raised = raised
