"""Headers of requests that come again are the same bytes as those of requests that do not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ringfence_guest.protocol.framing import header_bytes
from ringfence_guest.protocol.request_headers import RequestHeaders
from tests.support.values import steady

_names = st.text(max_size=20) | st.sampled_from(["f", "{", '"', "%d", "\N{LATIN SMALL LETTER AE}"])
_fields = st.fixed_dictionaries(
    {"type": st.sampled_from(["run", "call"])},
    optional={"name": _names, "value": st.integers(0, 1 << 40), "output": st.just(True)},
)


@steady
@given(st.lists(st.tuples(_fields, st.integers(1, 1 << 53)), max_size=8))
def test_they_are_written_as_any_header_is(requests: list[tuple[dict[str, Any], int]]) -> None:
    headers = RequestHeaders()
    for fields, turn in requests:
        for number in (turn, turn + 1):
            header = {**fields, "turn": number}
            written = headers.write(dict(fields), number)
            assert json.loads(written) == header
            assert len(written) == len(header_bytes(header))
            assert written.endswith(b',"turn":%d}' % number)


def test_fields_that_differ_are_told_apart() -> None:
    headers = RequestHeaders()
    assert headers.write({"type": "call", "name": "f"}, 1) == b'{"type":"call","name":"f","turn":1}'
    assert headers.write({"type": "call", "name": "g"}, 2) == b'{"type":"call","name":"g","turn":2}'
    assert headers.write({"type": "run"}, 3) == b'{"type":"run","turn":3}'
    assert headers.write({"type": "run", "value": 9}, 4) == b'{"type":"run","value":9,"turn":4}'
    assert headers.write({"type": "run"}, 5) == b'{"type":"run","turn":5}'
