"""What could not be kept of a session, in words."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence_guest.definitions import Unportable
from ringfence_guest.protocol.namespaces import MAX_LOST, MAX_NAMES, MAX_REASON
from ringfence_guest.summaries import name_of_type, printable

__all__ = ["describe_loss", "listed"]


def describe_loss(error: BaseException) -> str:
    """Why something was lost, from what was raised."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    try:
        text = str.__getitem__(str(error), slice(MAX_REASON))
    except BaseException as inner:  # a guest's __str__ may do anything
        text = f"(its text raised {name_of_type(inner)})"
    if type(error) is Unportable:
        return printable(text, MAX_REASON)
    name = name_of_type(error)
    return printable(f"{name}: {text}" if text else name, MAX_REASON)


def listed(entries: Iterable[list[str]]) -> list[list[str]]:
    """What was lost, if it can be told."""
    lost = list(entries)
    if len(lost) > MAX_NAMES or sum(len(text) for entry in lost for text in entry) > MAX_LOST:
        raise ValueError(f"{len(lost)} variables are lost, more than can be listed")
    return lost
