"""Snapshots that Ringfence did not make, by somebody who has the key."""

from __future__ import annotations

import json
from typing import Any

from ringfence.runtime.seal import SNAPSHOT, close, open_sealed

__all__ = ["KEY", "forged"]

KEY = bytes(range(32))


def forged(state: bytes, **changes: Any) -> bytes:
    """A snapshot with another head."""
    header, payload = open_sealed(state, KEY, magic=SNAPSHOT)
    head = json.dumps({**json.loads(header), **changes}).encode()
    return close(KEY, head, bytes(payload), magic=SNAPSHOT)
