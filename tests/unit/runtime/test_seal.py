"""The container of a save: what was sealed comes out, and nothing else does."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import StateRefused
from ringfence.runtime import seal as sealing
from ringfence.runtime.seal import SavedState, close, seal, unseal
from ringfence_guest.protocol.namespaces import Lost, Saved
from tests.support.damage import damaged

KEY = bytes(range(32))
CONTEXT = {"tenant": "a", "session": "7"}
SAVED = Saved("3.13.0", b"payload" * 300, ("x", "é\ud800"), (Lost("g", "generator", "why"),))
PREFIX = struct.Struct("<8sH16sIQ")
FAR = 1 << 30


def sealed(saved: Saved = SAVED, **options: Any) -> SavedState:
    chosen: dict[str, Any] = {
        "key": KEY, "context": CONTEXT, "engine": "native", "functions": ("g", "f"),
        "version": "0.1.0",
    }  # fmt: skip
    return seal(saved, **(chosen | options))


def refused(state: bytes, **options: Any) -> StateRefused:
    chosen: dict[str, Any] = {"key": KEY, "context": CONTEXT, "limit": FAR}
    with pytest.raises(StateRefused) as caught:
        unseal(state, **(chosen | options))
    return caught.value


def test_what_was_sealed_comes_out() -> None:
    state = sealed()
    assert (state.names, state.lost) == (SAVED.names, SAVED.lost)
    opened = unseal(bytes(state), key=KEY, context=CONTEXT, limit=len(SAVED.payload))
    assert opened.payload == SAVED.payload
    assert (opened.names, opened.lost) == (SAVED.names, SAVED.lost)
    assert (opened.engine, opened.python, opened.functions) == ("native", "3.13.0", ("f", "g"))
    assert opened.created > 1_700_000_000


def test_what_does_not_shrink_is_not_compressed() -> None:
    import secrets

    chance = secrets.token_bytes(200_000)
    for payload, encoding in (
        (b"x" * 100, b'"raw"'), (b"x" * 5_000, b'"zlib"'), (chance[:5_000], b'"raw"'),
        (chance, b'"raw"'), (b"x" * 5_000 + chance, b'"raw"'), (chance + bytes(200_000), b'"zlib"'),
    ):  # fmt: skip
        state = sealed(Saved("3", payload, (), ()))
        assert b'"encoding":' + encoding in bytes(state)
        assert unseal(state, key=KEY, context=CONTEXT, limit=FAR).payload == payload
    assert len(sealed(Saved("3", bytes(1 << 20), (), ()))) < 10_000


def test_the_key_is_not_in_the_state() -> None:
    assert KEY not in bytes(sealed())
    assert KEY[:16] not in bytes(sealed())


REGIONS = {
    "magic": (range(8), "not-a-state"),
    "format": (range(8, 10), "newer"),
    "key id": (range(10, 26), "foreign-key"),
}


def test_every_changed_byte_is_noticed() -> None:
    state = sealed(Saved("3", b"0123456789" * 4, ("x",), ()))
    known = {place: reason for places, reason in REGIONS.values() for place in places}
    for place in range(len(state)):
        for change in (0x01, 0x80, 0xFF):
            changed = bytearray(state)
            changed[place] ^= change
            error = refused(bytes(changed))
            if place in known:
                expected = {known[place]}
            elif place < PREFIX.size:  # lengths: too much is missing, or too much is there
                expected = {"truncated", "tampered"}
            else:
                expected = {"tampered"}
            if place == 8 and change in (0x01, 0xFF):  # format 0 is older than 1
                expected = {"older", "newer"}
            assert error.reason in expected, (place, change)


def test_every_shorter_state_is_noticed() -> None:
    state = sealed(Saved("3", b"0123456789" * 4, ("x",), ()))
    for size in range(len(state)):
        expected = "not-a-state" if size < 8 else "truncated"
        assert refused(state[:size]).reason == expected, size


def test_every_longer_state_is_noticed() -> None:
    for more in (b"\0", b"x" * 100, bytes(sealed())):
        assert refused(sealed() + more).reason == "tampered"


@given(st.binary(max_size=200))
def test_other_bytes_are_no_state(data: bytes) -> None:
    assert refused(b"x" + data).reason == "not-a-state"
    assert refused(b"RFSTATE\n" + data).reason in ("truncated", "newer", "older", "foreign-key")


def test_messages() -> None:
    state = sealed(Saved("3", b"", (), ()))
    size = len(state)
    newer = state[:8] + b"\x02\0" + state[10:]
    older = state[:8] + b"\0\0" + state[10:]
    other = bytes(32)
    ids = [sealed(key=key)[10:26].hex() for key in (KEY, other)]
    cases = {
        "these bytes are not a saved state": refused(b"PK"),
        "the saved state is cut short: it should have at least 38 bytes and has 10":
            refused(state[:10]),
        f"the saved state is cut short: it should have at least {size} bytes and has {size - 1}":
            refused(state[:-1]),
        "the saved state was changed after it was sealed": refused(damaged(state)),
        "the saved state has format 2, and this Ringfence reads format 1: it was saved by a newer "
        "Ringfence": refused(newer),
        "the saved state has format 0, and this Ringfence reads format 1: it was saved by an older "
        "Ringfence": refused(older),
        f"the saved state is sealed with another key: its key id is {ids[0]}, that of the key given "
        f"here is {ids[1]}": refused(state, key=other),
        "the saved state belongs to another context: 'session' is missing, 'user' was not saved, "
        "'tenant' is another": refused(state, context={"tenant": "b", "user": "c"}),
        "the saved state holds 2,100 bytes, more than value=2,099 of the sandbox that it would be "
        "restored in; raise Limits(value=…)": refused(sealed(), limit=2_099),
    }  # fmt: skip
    for message, error in cases.items():
        assert str(error) == message


def test_the_values_of_a_context_are_not_told() -> None:
    error = refused(sealed(context={"tenant": "secret-1"}), context={"tenant": "secret-2"})
    assert "secret" not in str(error)


# --- forged with the right key ----------------------------------------------------------------


def header(**fields: Any) -> bytes:
    content = {
        "engine": "native", "python": "3", "ringfence": "0", "created": 1, "context": CONTEXT,
        "functions": [], "names": [], "lost": [], "size": 4, "encoding": "raw",
    }  # fmt: skip
    return json.dumps(content | fields).encode()


def test_the_forger_of_these_tests_can_write_one_that_opens() -> None:
    state = close(KEY, header(), b"data")
    assert unseal(state, key=KEY, context=CONTEXT, limit=4).payload == b"data"


BOMB = zlib.compress(bytes(64 << 20), 9)


@pytest.mark.parametrize(
    ("head", "payload", "reason"),
    [
        (b"", b"", "malformed"),
        (b"[]", b"", "malformed"),
        (b"null", b"", "malformed"),
        (b"\xff\xfe", b"", "malformed"),
        (b"[" * 100_000, b"", "malformed"),
        (b"{}", b"", "malformed"),
        (header(size="4"), b"data", "malformed"),
        (header(size=-1), b"data", "malformed"),
        (header(size=3), b"data", "malformed"),
        (header(size=5), b"data", "malformed"),
        (header(size=1 << 62), b"data", "too-large"),
        (header(encoding="bz2"), b"data", "malformed"),
        (header(encoding="zlib"), b"data", "malformed"),
        (header(context=[]), b"data", "malformed"),
        (header(lost=[["x"]]), b"data", "malformed"),
        (header(names=None), b"data", "malformed"),
        (header(encoding="zlib", size=4), BOMB, "malformed"),
        (header(encoding="zlib", size=64 << 20), BOMB, "too-large"),
        (header(encoding="zlib", size=-1), BOMB, "malformed"),
        (header(encoding="zlib"), zlib.compress(b"data") + b"more", "malformed"),
        (header(encoding="zlib"), zlib.compress(b"data")[:-1], "malformed"),
        (header(encoding="zlib"), zlib.compress(b"dat"), "malformed"),
    ],
)
def test_forged_states(head: bytes, payload: bytes, reason: str) -> None:
    assert refused(close(KEY, head, payload), limit=1 << 20).reason == reason


def test_a_bomb_is_not_inflated() -> None:
    import tracemalloc

    state = close(KEY, header(encoding="zlib", size=4), BOMB)
    tracemalloc.start()
    refused(state, limit=1 << 20)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * len(state) + (1 << 20)


def test_a_long_header_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MAX_HEADER", 10)
    assert refused(close(KEY, header(), b"data")).reason == "malformed"
