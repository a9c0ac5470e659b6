"""What can go wrong on the host.

::

    VishwakarmaError
    ├── DocumentError          an edit that the document refuses; it stays as it was
    ├── FileRefused            a file that is not opened: damaged, hostile, or newer
    ├── ExtensionRefused       an extension that is not started
    └── ExtensionFailed        an extension that failed; the document is as it was
"""

from __future__ import annotations

__all__ = [
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
    """

    def __init__(self, message: str, status: str = "error", line: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.line = line
