"""JSON as the protocol writes it: ASCII, without spaces."""

from __future__ import annotations

import json.encoder
from collections.abc import Callable
from typing import Any

__all__ = ["dumps", "escape"]

escape = json.encoder.encode_basestring_ascii


def _make_dumps(make: Callable[..., Any] | None) -> Callable[[Any], str]:
    """``json.dumps``, without making a new C encoder for every value."""
    if make is None:
        return json.JSONEncoder(
            ensure_ascii=True, check_circular=False, allow_nan=False, separators=(",", ":")
        ).encode
    chunks = make(None, None, escape, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


_accelerator: Any = json.encoder
dumps = _make_dumps(_accelerator.c_make_encoder)
