"""Each way in which bytes are not a value, and that refusing them costs little."""

from __future__ import annotations

import decimal
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from ringfence_guest.protocol import codec
from ringfence_guest.protocol.codec import DecodeError, EncodeError
from ringfence_guest.protocol.hashing import MAX_UNKEYED, MAX_UNKEYED_IN_ALL
from ringfence_guest.protocol.values import MAX_BIG_INT_BYTES, MAX_DEPTH, MAX_FRACTION_BITS
from tests.support.values import FAR, canonical

CONTENT = "a tag with the wrong content"
BEYOND = "a reference beyond the blob"

REFUSED: list[tuple[str, bytes, str]] = [
    # not JSON, or JSON that no encoder writes
    ("", b"", "not a value"),
    (" 1", b"", "not a value"),
    ("1 ", b"", "more than a value"),
    ("[]]", b"", "more than a value"),
    ('{"tuple":[]} ', b"", "more than a value"),
    ("[", b"", "not a value"),
    ("[1,", b"", "not a value"),
    ("[1 2]", b"", "not a value (JSONDecodeError)"),
    ("nul", b"", "not a value"),
    ('"\x01"', b"", "not a value (JSONDecodeError)"),
    ('"', b"", "not a value (JSONDecodeError)"),
    ("'a'", b"", "not a value"),
    ('{"tuple":', b"", "not a value (JSONDecodeError)"),
    ("\xe9", b"", "not a value (UnicodeDecodeError)"),
    ("NaN", b"", "NaN and infinities must be tagged"),
    ("[-Infinity]", b"", "NaN and infinities must be tagged"),
    ('{"tuple":[Infinity]}', b"", "NaN and infinities must be tagged"),
    ("1" * 4_301, b"", "not a value (ValueError)"),
    ("1" * 4_401, b"", "a number of more than 4400 digits"),
    ("0." + "1" * 4_401, b"", "a number of more than 4400 digits"),
    # tags
    ("{}", b"", "an object without exactly one tag"),
    ('{"tuple":[],"set":[]}', b"", "an object without exactly one tag"),
    ('{"tuple":[],"tuple":[]}', b"", "an object without exactly one tag"),
    ('{"Tuple":[]}', b"", "an unknown tag"),
    ('{"__class__":[]}', b"", "an unknown tag"),
    # the blob
    ("1", b"x", "bytes that the value does not refer to"),
    ('{"bytes":1}', b"xy", "bytes that the value does not refer to"),
    ('{"bytes":2}', b"x", BEYOND),
    ('{"bytes":-1}', b"x", BEYOND),
    ('{"bytes":1.0}', b"x", BEYOND),
    ('{"bytes":true}', b"x", BEYOND),
    ('{"bytes":"1"}', b"x", BEYOND),
    ('{"bytes":null}', b"x", BEYOND),
    ('[{"bytes":1},{"bytes":1}]', b"x", BEYOND),
    ('{"str":2}', b"\xff\xff", "not a value (UnicodeDecodeError)"),
    ('{"str":2}', b"x", BEYOND),
    ('{"int":1.5}', b"x", CONTENT),
    ('{"int":2}', b"x", BEYOND),
    (
        f'{{"int":{MAX_BIG_INT_BYTES + 1}}}',
        bytes(MAX_BIG_INT_BYTES + 1),
        "an integer that is too long",
    ),
    ('{"shared":["<i2",[1],0,0]}', b"", "an array in memory that was not lent"),
    ('{"shared":["<i2",[1],0]}', b"", CONTENT),
    # containers
    ('{"tuple":1}', b"", CONTENT),
    ('{"tuple":{"tuple":[]}}', b"", CONTENT),
    ('{"set":"abc"}', b"", CONTENT),
    ('{"set":[[]]}', b"", "not a value (TypeError)"),
    ('{"set":[{"array":["|u1",[0],0]}]}', b"", "not a value (TypeError)"),
    ('{"frozenset":[{"dict":[]}]}', b"", "not a value (TypeError)"),
    ('{"set":[{"decimal":"sNaN"}]}', b"", "not a value (TypeError)"),
    ('{"dict":{"tuple":[]}}', b"", CONTENT),
    ('{"dict":[1]}', b"", "a dict with a key and no value"),
    ('{"dict":[[],1]}', b"", "not a value (TypeError)"),
    ('{"record":{}}', b"", "an object without exactly one tag"),
    ('{"record":[]}', b"", "a record without a name"),
    ('{"record":["r","a"]}', b"", "a record without a name"),
    ('{"record":[1]}', b"", CONTENT),
    ('{"record":["r",1,2]}', b"", "a record with a field that is not text"),
    (f'{{"record":["{"r" * 257}"]}}', b"", CONTENT),
    ('{"opaque":["a"]}', b"", CONTENT),
    ('{"opaque":["a",1]}', b"", CONTENT),
    ('{"opaque":[null,"a"]}', b"", CONTENT),
    (f'{{"opaque":["a","{"r" * 2_001}"]}}', b"", CONTENT),
    # numbers
    ('{"float":1.5}', b"", CONTENT),
    ('{"float":[]}', b"", CONTENT),
    ('{"float":"Infinity"}', b"", CONTENT),
    ('{"complex":[1]}', b"", CONTENT),
    ('{"complex":[1,true]}', b"", CONTENT),
    ('{"complex":[1,"2"]}', b"", CONTENT),
    (f'{{"complex":[1,{"1" * 400}]}}', b"", "not a value (OverflowError)"),
    ('{"decimal":1}', b"", CONTENT),
    ('{"decimal":"1e5"}', b"", "not a Decimal"),
    ('{"decimal":""}', b"", "not a Decimal"),
    ('{"decimal":" 1"}', b"", "not a Decimal"),
    ('{"decimal":"1_0"}', b"", "not a Decimal"),
    ('{"decimal":"\\u0661"}', b"", "not a Decimal"),
    ('{"decimal":"1E999999"}', b"", "not a Decimal"),
    ('{"decimal":"1E6145"}', b"", "a Decimal that is too long"),
    ('{"decimal":"1E-6145"}', b"", "a Decimal that is too long"),
    (f'{{"decimal":"{"1" * 4_301}"}}', b"", "a Decimal that is too long"),
    (f'{{"decimal":"NaN{"1" * 4_301}"}}', b"", "a Decimal that is too long"),
    (f'{{"decimal":"{"1." * 2_200}"}}', b"", CONTENT),
    ('{"fraction":[1]}', b"", CONTENT),
    ('{"fraction":[1,0]}', b"", "not a value (ZeroDivisionError)"),
    ('{"fraction":[1.0,2]}', b"", CONTENT),
    ('{"fraction":[true,2]}', b"", CONTENT),
    (
        f'{{"fraction":[{{"int":{MAX_FRACTION_BITS // 8 + 1}}},1]}}',
        b"\1" * (MAX_FRACTION_BITS // 8 + 1),
        "a Fraction that is too long",
    ),
    # times
    ('{"date":20200101}', b"", CONTENT),
    ('{"date":"2020-13-01"}', b"", "not a value (ValueError)"),
    (f'{{"date":"{"2" * 101}"}}', b"", CONTENT),
    ('{"time":"25:00"}', b"", "not a value (ValueError)"),
    ('{"time":null}', b"", CONTENT),
    ('{"datetime":"2020-01-01"}', b"", CONTENT),
    ('{"datetime":["2020-01-01T00:00",2]}', b"", "not a value (ValueError)"),
    ('{"datetime":["2020-01-01T00:00",true]}', b"", CONTENT),
    ('{"datetime":["\\ud800",0]}', b"", "not a value (ValueError)"),
    ('{"timedelta":[1,2]}', b"", CONTENT),
    ('{"timedelta":[1,2,0.5]}', b"", CONTENT),
    ('{"timedelta":[1000000000,0,0]}', b"", "not a value (OverflowError)"),
    ('{"uuid":"00"}', b"", "not a value (ValueError)"),
    ('{"uuid":5}', b"", CONTENT),
    (f'{{"uuid":"{"0" * 33}"}}', b"", CONTENT),
    # arrays
    ('{"array":["|O",[1],8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"array":["|V8",[1],8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"array":["<f16",[1],16]}', bytes(16), "an array of a dtype that may not cross"),
    ('{"array":["i4,i4",[1],8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"array":["<U0",[1],0]}', b"", "an array of a dtype that may not cross"),
    ('{"array":["|S00000001",[1],1]}', b"x", "an array of a dtype that may not cross"),
    ('{"array":["<M8[0s]",[1],8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"array":["<M8[\\u0661s]",[1],8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"array":["<m8[s/2]",[1],8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"array":[["<i4"],[1],4]}', bytes(4), CONTENT),
    ('{"array":["<i4",1,4]}', bytes(4), CONTENT),
    ('{"array":["<i4",[1]]}', b"", CONTENT),
    ('{"array":["<i4",[1.0],4]}', bytes(4), CONTENT),
    ('{"array":["<i4",[-1],4]}', bytes(4), "an array with a wrong shape"),
    (f'{{"array":["|u1",[{"1," * 32}1],1]}}', b"x", "an array with a wrong shape"),
    ('{"array":["|u1",[0,9223372036854775808],0]}', b"", "an array with a wrong shape"),
    ('{"array":["|u1",[0,9223372036854775807,4],0]}', b"", "not a value (ValueError)"),
    ('{"array":["<i4",[2],4]}', bytes(4), "an array whose shape and bytes disagree"),
    (
        '{"array":["<i4",[4294967296,4294967296],4]}',
        bytes(4),
        "an array whose shape and bytes disagree",
    ),
    ('{"array":["<i4",[1],8]}', bytes(4), BEYOND),
    ('{"array":["|b1",[2],2]}', b"\1\2", "an array of booleans that are none"),
    ('{"array":["<U1",[1],4]}', b"\0\0\x11\0", "an array of text that is none"),
    ('{"scalar":["|O",8]}', bytes(8), "an array of a dtype that may not cross"),
    ('{"scalar":["<i4",8]}', bytes(8), "a scalar whose dtype and bytes disagree"),
    ('{"scalar":["|b1",1]}', b"\2", "an array of booleans that are none"),
    ('{"scalar":["<i4"]}', b"", CONTENT),
    # streams
    ('{"stream":[0,"read"]}', b"", "a stream where none may be"),
    ('{"stream":[0]}', b"", CONTENT),
]


@pytest.mark.parametrize(("body", "blob", "message"), REFUSED, ids=[b[:50] for b, _, _ in REFUSED])
def test_refused(body: str, blob: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        codec.decode(body.encode("latin-1"), blob, limit=FAR)
    assert str(caught.value) == message


@pytest.mark.parametrize("content", ['["0","read"]', "[0,1]", '[true,"read"]'])
def test_a_stream_handle_of_the_wrong_type(content: str) -> None:
    with pytest.raises(DecodeError, match=f"^{CONTENT}$"):
        codec.decode(f'{{"stream":{content}}}'.encode(), limit=FAR, stream=lambda *a: a)


def test_accepted_though_no_encoder_writes_it() -> None:
    for body, value in [
        ("[1e400,-1e400]", [float("inf"), float("-inf")]),
        ('[ 1, {"tuple" : [ ] } ]', [1, ()]),
        ('{"complex":[1,2]}', 1 + 2j),
        ('{"decimal":"1.E5"}', decimal.Decimal("1E5")),
    ]:
        assert canonical(codec.decode(body.encode(), limit=FAR)) == canonical(value)


# --- budgets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "blob", "cost"),
    [
        ("[1,2]", b"", 5 + 72 + 40),
        ('{"bytes":3}', b"abc", 11 + 3 + 72),
        ('",[{"', b"", 5 + 144 + 40),
    ],
)
def test_what_costs_more_than_the_limit(body: str, blob: bytes, cost: int) -> None:
    codec.decode(body.encode(), blob, limit=cost)
    with pytest.raises(DecodeError, match=f"^a value larger than the limit of {cost - 1} bytes$"):
        codec.decode(body.encode(), blob, limit=cost - 1)


def test_the_limit_holds_before_anything_is_decoded() -> None:
    with pytest.raises(DecodeError, match="^a value larger than the limit of 100 bytes$"):
        codec.decode(b"not JSON" * 100, limit=100)


@pytest.mark.parametrize(
    ("open_", "close", "most"), [("[", "]", 2 * MAX_DEPTH + 4), ('{"tuple":[', "]}", MAX_DEPTH + 2)]
)
def test_depth(open_: str, close: str, most: int) -> None:
    codec.decode((open_ * most + close * most).encode(), limit=FAR)
    with pytest.raises(DecodeError, match=f"^a value nested deeper than {MAX_DEPTH}$"):
        codec.decode((open_ * (most + 1) + close * (most + 1)).encode(), limit=FAR)


def test_brackets_in_text_have_no_depth() -> None:
    for text in ["[" * 200, '\\"' * 99 + "[" * 200, "\\" * 201 + "[" * 200, '"[' * 200, "{]" * 200]:
        value = [text[:250], {"k": text[:250]}, [text[:250]] * 20]
        packed = codec.encode(value, limit=FAR)
        assert codec.decode(packed.body, limit=FAR) == value


def test_depth_after_text_is_seen() -> None:
    for text in ['"', '""', '"\\""', '"\\\\"', '"[[["', '"a","b"', '"\\\\\\""', '"","]]]]"']:
        start = text if text.endswith('"') and text != '"' else '""'
        body = f"[{start}," + "[" * 140 + "]" * 141
        with pytest.raises(DecodeError, match="^a value nested deeper than 64$"):
            codec.decode(body.encode(), limit=FAR)


def test_the_recursion_of_the_decoder_stays_far_from_its_end() -> None:
    value: Any = {"a": complex(float("nan"), 1)}
    for _ in range(MAX_DEPTH - 1):
        value = (value,)
    deep = codec.encode(value, limit=FAR)

    def descend(levels: int) -> Any:
        return descend(levels - 1) if levels else codec.decode(deep.body, limit=FAR)

    assert descend(sys.getrecursionlimit() // 2) is not None


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
@pytest.mark.parametrize(
    "key",
    [
        lambda i: str(i * sys.hash_info.modulus),
        lambda i: f'{{"tuple":[{i * sys.hash_info.modulus}]}}',
        lambda i: f'{{"record":["r","f",[{i}]]}}',
        lambda i: f'{{"fraction":[{i * sys.hash_info.modulus},1]}}',
    ],
)
def test_keys_made_to_collide(tag: str, key: Callable[[int], str]) -> None:
    def body(count: int) -> bytes:
        keys = [key(i) for i in range(1, count + 1)]
        items = [f"{k},0" for k in keys] if tag == "dict" else keys
        return f'{{"{tag}":[{",".join(items)}]}}'.encode()

    assert len(codec.decode(body(32), limit=FAR)) == 32
    with pytest.raises(DecodeError, match="^keys made to collide$"):
        codec.decode(body(33), limit=FAR)


def test_equal_keys_collide_as_they_like() -> None:
    assert codec.decode(b'{"set":[' + b",".join([b"1"] * 1_000) + b"]}", limit=FAR) == {1}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 133 + b'"' + b'\\"' * 500_000,  # an escaped quote in a text that never ends
        b"[" * 133 + b'"' * 1_000_000,
        b"[" * 133 + b'"' + b"\\" * 1_000_001,
        b"[" * 133 + b'"a"' * 300_000,
        b'["' * 133 + b'[""' * 10_000,
        b"[" * 133 + b"0" * 4_400 + (b"," + b"0" * 4_400) * 200,
        b"[" + b"-" * 1_000_000,
        b'{"decimal":"' + b"1" * 4_319 + b'"}',
        b'"' + b"\\u005b" * 150_000 + b'"',
    ],
    ids=[
        "escapes",
        "quotes",
        "backslashes",
        "texts",
        "openings",
        "digits",
        "signs",
        "decimal",
        "u",
    ],
)
def test_hostile_bodies_take_little_memory(body: bytes) -> None:
    """And linear time: a quadratic step over a megabyte would take hours."""
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError):
            codec.decode(body, limit=16)
        _, refused_at_once = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        try:
            codec.decode(body, limit=64 << 20)
        except DecodeError:
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused_at_once < 10_000
    assert peak < 10 * len(body) + 100_000


@pytest.mark.parametrize(
    "part", [b"[]", b'{"set":[]}', b'{"tuple":[1]}', b'{"dict":[1,2]}', b'""', b"10000"]
)
def test_what_is_decoded_takes_little_more_memory_than_was_charged(part: bytes) -> None:
    body = b"[" + b",".join([part] * 5_000) + b"]"
    cost = codec.charge(body, 0)
    tracemalloc.start()
    try:
        value = codec.decode(body, limit=cost)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(value) == 5_000
    assert peak < 3 * cost


# --- keys whose hashes the sender can choose -----------------------------------------------


def keys_body(tag: str, keys: list[str]) -> bytes:
    items = [f"{key},0" for key in keys] if tag == "dict" else keys
    return f'{{"{tag}":[{",".join(items)}]}}'.encode()


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
def test_only_so_many_keys_that_could_be_made_to_collide(tag: str) -> None:
    sparse = [str(1_000 * i) for i in range(MAX_UNKEYED + 1)]
    assert len(codec.decode(keys_body(tag, sparse[:-1]), limit=FAR)) == MAX_UNKEYED
    with pytest.raises(DecodeError, match="^too many keys that could be made to collide$"):
        codec.decode(keys_body(tag, sparse), limit=FAR)


def test_text_and_integers_in_a_row_are_free() -> None:
    row = [str(i) for i in range(2 * MAX_UNKEYED)]
    assert len(codec.decode(keys_body("set", row), limit=FAR)) == 2 * MAX_UNKEYED
    text = [f'"{i}"' for i in range(2 * MAX_UNKEYED)]
    assert len(codec.decode(keys_body("set", text), limit=FAR)) == 2 * MAX_UNKEYED


def test_many_dictionaries_share_one_bound() -> None:
    one = keys_body("set", [f"{i}.5" for i in range(4_096)])
    most = MAX_UNKEYED_IN_ALL // 4_096
    assert len(codec.decode(b"[" + b",".join([one] * most) + b"]", limit=FAR)) == most
    with pytest.raises(DecodeError, match="^too many keys that could be made to collide$"):
        codec.decode(b"[" + b",".join([one] * (most + 1)) + b"]", limit=FAR)


@pytest.mark.parametrize("make", [set, frozenset, lambda keys: dict.fromkeys(keys, 0)])
def test_what_would_be_refused_does_not_leave(make: Callable[[list[Any]], Any]) -> None:
    keys = [i + 0.5 for i in range(MAX_UNKEYED + 1)]
    packed = codec.encode(make(keys[:-1]), limit=FAR)
    assert codec.decode(packed.body, limit=FAR) == make(keys[:-1])
    with pytest.raises(EncodeError, match=f"^{MAX_UNKEYED + 1} keys or items of a set that are"):
        codec.encode(make(keys), limit=FAR)
    with pytest.raises(EncodeError, match="Send them as a list$"):
        codec.encode([make(keys[:-1])] * (MAX_UNKEYED_IN_ALL // MAX_UNKEYED + 1), limit=FAR)
