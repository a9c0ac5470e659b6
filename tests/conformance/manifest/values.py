"""What may cross between host and guest, and what becomes of the rest."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_CROSS = "design: Values that cross"
_PACKAGES = ("packages",)

REQUIREMENTS = {
    "values.none": R("None crosses both ways.", _CROSS),
    "values.bool": R("Truth values cross both ways and stay bool.", _CROSS),
    "values.int": R("Integers of any size up to 64 KiB cross both ways.", _CROSS),
    "values.float": R("Floats cross both ways, NaN, infinities and -0.0 too.", _CROSS),
    "values.complex": R("Complex numbers cross both ways, with special parts too.", _CROSS),
    "values.str": R(
        "Text crosses both ways: short, long, any code point, lone surrogates.", _CROSS
    ),
    "values.bytes": R("Bytes cross both ways; bytearray and memoryview arrive as bytes.", _CROSS),
    "values.list": R("Lists cross both ways, empty, mixed and nested.", _CROSS),
    "values.tuple": R("Tuples cross both ways and stay tuples.", _CROSS),
    "values.set": R("Sets cross both ways.", _CROSS),
    "values.frozenset": R("Frozen sets cross both ways.", _CROSS),
    "values.dict": R("Dicts cross both ways: any crossing key, in order.", _CROSS),
    "values.date": R("Dates cross both ways.", _CROSS),
    "values.time": R("Times cross both ways, with microseconds and a fixed zone.", _CROSS),
    "values.datetime": R("Datetimes cross both ways, with zone and fold.", _CROSS),
    "values.timedelta": R("Timedeltas cross both ways, negative ones too.", _CROSS),
    "values.decimal": R("Decimals cross both ways: NaN, infinities, -0, large exponents.", _CROSS),
    "values.fraction": R("Fractions cross both ways.", _CROSS),
    "values.uuid": R("UUIDs cross both ways.", _CROSS),
    "values.nested": R("Containers may be nested 64 deep.", _CROSS),
    "values.types-kept": R("A value arrives with exactly its type, both ways.", _CROSS),
    "values.subclasses": R(
        "Instances of subclasses arrive as the plain type; enum members as their values.", _CROSS
    ),
    "values.refused": R(
        "A value that cannot be encoded (too deep, circular, digits without end) is the guest's "
        "error, and the sandbox lives.",
        _CROSS,
    ),
    "values.host-bounded": R(
        "Numbers whose conversion costs seconds never reach the host.", "trap 8", security=True
    ),
    "values.opaque": R("Anything else arrives as Opaque(type_name, repr).", _CROSS),
    "values.opaque-nested": R("Opaque values may be inside containers, and keys of dicts.", _CROSS),
    "values.opaque-bounded": R("An Opaque's text is at most 2,000 characters.", _CROSS),
    "values.opaque-repr-fails": R("A repr that raises is described, not raised.", _CROSS),
    "values.record": R("A guest's dataclass arrives as a Record with its fields.", _CROSS),
    "values.record-key": R("A guest's frozen dataclass may be a key or a member of a set.", _CROSS),
    "values.no-host-class": R(
        "The guest can never choose a host class: names and forged attributes are only labels.",
        _CROSS,
        security=True,
    ),
    "values.not-a-time": R(
        "pandas' NaT, NA and timestamps do not break a turn.", _CROSS, _PACKAGES
    ),
    "values.array": R(
        "NumPy arrays of plain dtypes cross both ways: any shape, order and byte order.",
        _CROSS,
        _PACKAGES,
    ),
    "values.array-writable": R("An array that arrived can be written to.", _CROSS, _PACKAGES),
    "values.array-refused": R(
        "Arrays of objects, records or other dtypes are the guest's error, by name.",
        _CROSS,
        _PACKAGES,
    ),
    "values.array-masked": R(
        "A masked array does not lose its mask in silence.", _CROSS, _PACKAGES
    ),
    "values.scalar": R("NumPy scalars cross both ways and stay NumPy scalars.", _CROSS, _PACKAGES),
    "values.dataframe": R(
        "A DataFrame arrives as its columns, and is displayed as HTML.", _CROSS, _PACKAGES
    ),
    "values.table": R(
        "Tables, columns and indexes of pandas arrive as columns, nothing left out in silence.",
        "issue 3: Build 5",
        _PACKAGES,
    ),
    "returns.match": R("returns= accepts what matches its annotation.", _CROSS),
    "returns.mismatch": R(
        "A value that does not match returns= is status error, ValidationFailed, and says where, "
        "what was expected and what came; the sandbox lives.",
        _CROSS,
    ),
    "returns.strict": R("Nothing is converted but an int to a float.", "trap 8", security=True),
    "returns.declared": R(
        "Dataclasses, TypedDicts, named tuples, enums and pydantic models that the host declares "
        "are built from what the guest sent.",
        _CROSS,
    ),
    "returns.array": R("returns=np.ndarray checks dtype and shape.", _CROSS, _PACKAGES),
    "inputs.variables": R("inputs= are variables of the guest, and stay.", "issue 2: Build 3"),
    "inputs.copies": R("An input is a copy: the guest cannot change the host's object.", _CROSS),
    "inputs.opaque": R("A host object that cannot cross arrives as Opaque in the guest.", _CROSS),
    "call.arguments": R(
        "call() passes positional and named arguments, typed values both ways.", "design: API"
    ),
    "call.coroutine": R("call() of an async function awaits it.", "design: API"),
    "call.unknown": R(
        "call() of a name that the guest did not define is NameError.", "design: API"
    ),
    "call.limits": R("call_with() takes limits and an annotation for the value.", "design: API"),
}
