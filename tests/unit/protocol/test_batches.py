"""The output of a batch."""

from __future__ import annotations

import pytest

from ringfence_guest.protocol.batches import CallStatus, Layout


@pytest.mark.parametrize(
    ("count", "width", "values", "size"),
    [(0, 1, 64, 64), (1, 1, 128, 136), (64, 2, 128, 128 + 1_024), (65, 1, 192, 192 + 520)],
)
def test_nothing_overlaps(count: int, width: int, values: int, size: int) -> None:
    layout = Layout(count, "d", width)
    assert (layout.status, layout.values, layout.size) == (64, values, size)
    assert layout.status + count <= layout.values
    assert (layout.count, layout.kind, layout.width) == (count, "d", width)


def test_statuses_are_of_the_wire() -> None:
    assert [(one.name, int(one)) for one in CallStatus] == [
        ("NOT_RUN", 0), ("OK", 1), ("ERROR", 2), ("LIMIT", 3), ("CRASHED", 4),
    ]  # fmt: skip
