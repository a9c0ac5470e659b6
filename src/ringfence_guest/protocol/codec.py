"""Values to bytes and back, with budgets on hostile input.

A value becomes a *body* (ASCII JSON, so that the C accelerator of every CPython does the work) and
a *blob* (raw bytes: long text, bytes, arrays, big integers). In the body, JSON's null, booleans,
numbers, strings and lists stand for themselves; everything else is an object with exactly one key,
its tag::

    {"dict": [k, v, k, v, …]}      {"tuple": […]}   {"set": […]}   {"frozenset": […]}
    {"bytes": n} {"str": n} {"int": n}              the next n bytes of the blob
    {"array": [dtype, shape, n]}   {"scalar": [dtype, n]}
    {"float": "nan"}               {"complex": [re, im]}
    {"date": iso} {"time": iso} {"datetime": [iso, fold]} {"timedelta": [days, s, us]}
    {"decimal": text} {"fraction": [n, d]} {"uuid": hex}
    {"record": [type name, k, v, …]}  {"opaque": [type name, text]}  {"stream": [id, direction]}

The blob is consumed in order, each byte once: a body cannot name the same bytes twice. Before a
body is decoded its length, brackets and commas are charged (:func:`charge`) and its depth is
bounded, because JSON amplifies: ``[[],[],…`` takes 24 times its length in memory.

Whatever :func:`encode` makes, :func:`decode` takes under the same limit: an honest guest is never
mistaken for a hostile one.
"""

from ringfence_guest.protocol.decoder import decode
from ringfence_guest.protocol.encoder import Replace, Share, encode, encode_plain
from ringfence_guest.protocol.wire import (
    DecodeError,
    EncodeError,
    Packed,
    ValueTooLarge,
    charge,
)

__all__ = [
    "DecodeError",
    "EncodeError",
    "Packed",
    "Replace",
    "Share",
    "ValueTooLarge",
    "charge",
    "decode",
    "encode",
    "encode_plain",
]
