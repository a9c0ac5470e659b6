"""Many calls of one function in one request: what each came to goes into memory of the host's."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from itertools import islice, repeat
from struct import Struct
from typing import Any

from ringfence_guest.protocol.batches import CallStatus, Layout
from ringfence_guest.protocol.values import Opaque

__all__ = ["run_batch"]

_MOST_ERRORS = 100
_MOST_MESSAGE = 500
_OK, _ERROR = int(CallStatus.OK), int(CallStatus.ERROR)


def run_batch(
    function: Callable[..., Any],
    columns: Sequence[Any],
    first: int,
    layout: Layout,
    output: memoryview,
) -> list[list[Any]]:
    """Call ``function`` with the items of ``columns`` that stand at the same place, from ``first``
    on; returns ``[index, type, message, line]`` of the first failures.
    """
    counter = output[:8].cast("Q")
    status = output[layout.status : layout.status + layout.count]
    store = _storing(layout, output[layout.values :])
    errors: list[list[Any]] = []
    lists = list(map(_items, columns))
    rows = zip(*lists, strict=True) if lists else repeat((), layout.count)
    for index, row in enumerate(islice(rows, first, None), first):
        counter[0] = index + 1
        try:
            store(index, function(*row))
        except Exception as error:
            status[index] = _ERROR
            if len(errors) < _MOST_ERRORS:
                errors.append([index, *_describe(error)])
        else:
            status[index] = _OK
    counter[0] = layout.count + 1
    return errors


def _items(column: Any) -> list[Any]:
    """The items of a column: a list, numbers as ``(kind, bytes)``, or an array."""
    if type(column) is tuple:
        kind, data = column
        return memoryview(data).cast(kind).tolist()
    if type(column) is Opaque:
        raise TypeError("a column in shared memory needs NumPy in the guest: packages=['numpy']")
    items: list[Any] = column.tolist() if hasattr(column, "tolist") else column
    return items


def _storing(layout: Layout, output: memoryview) -> Callable[[int, Any], None]:
    if layout.width == 1:
        return output.cast(layout.kind).__setitem__  # type: ignore[call-overload,no-any-return]
    size = 8 * layout.width
    pack = Struct(f"{layout.width}{layout.kind}").pack_into

    def store(index: int, values: Any) -> None:
        pack(output, index * size, *values)

    return store


def _describe(error: Exception) -> tuple[str, str, int]:
    try:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename.startswith("<")]
        return type(error).__name__, str(error)[:_MOST_MESSAGE], lines[-1] or 0 if lines else 0
    except Exception:
        return "Exception", "(cannot be described)", 0
