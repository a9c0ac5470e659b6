"""What would break between two versions of the wire's messages: the rules of geometry.proto.

Usage: python scripts/check_proto.py

Compares proto/vishwakarma_api/v1/wire/geometry.proto with every version below proto/released, and
ends with status 1 if something breaks. ``make test`` does the same.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

ROOT = Path(__file__).resolve().parent.parent
CURRENT = ROOT / "proto/vishwakarma_api/v1/wire/geometry.proto"
RELEASED = ROOT / "proto/released"

_Table: TypeAlias = DescriptorProto | EnumDescriptorProto


def compiled(path: Path) -> FileDescriptorProto:
    """What protoc makes of a file.

    Raises:
        CalledProcessError: it is wrong.
    """
    protoc = Path(sysconfig.get_path("scripts")) / "protoc"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set"
        command = [
            str(protoc),
            f"--proto_path={path.parent}",
            f"--descriptor_set_out={out}",
            path.name,
        ]
        subprocess.run(command, check=True, capture_output=True)
        return FileDescriptorSet.FromString(out.read_bytes()).file[0]


def breaks(old: FileDescriptorProto, new: FileDescriptorProto) -> list[str]:
    """What a sender of the old version would suffer from; empty if nothing."""
    found = [] if old.package == new.package else [f"package {old.package} became {new.package}"]
    messages = {one.name: one for one in new.message_type}
    for message in old.message_type:
        if message.name in messages:
            found += _message_breaks(message, messages[message.name])
        else:
            found.append(f"message {message.name} was removed")
    enums = {one.name: one for one in new.enum_type}
    for enum in old.enum_type:
        if enum.name in enums:
            found += _enum_breaks(enum, enums[enum.name])
        else:
            found.append(f"enum {enum.name} was removed")
    return found


def _message_breaks(old: DescriptorProto, new: DescriptorProto) -> Iterator[str]:
    fields = {one.number: one for one in new.field}
    known = {one.number for one in old.field}
    for field in old.field:
        where = f"{old.name}.{field.name}"
        if field.number not in fields:
            yield from _removed(where, field.number, field.name, new)
        elif _meaning(field, old) != _meaning(fields[field.number], new):
            yield f"{where}: field {field.number} changed"
    for field in new.field:
        if field.number not in known and not _optional(field):
            yield f"{new.name}.{field.name}: a new field must be optional"
        if _reserved(field.number, old):
            yield f"{new.name}.{field.name}: number {field.number} was reserved"
    for one in old.reserved_range:
        for number in range(one.start, min(one.end, one.start + 10_000)):
            if not _reserved(number, new):
                yield f"{new.name}: number {number} is no longer reserved"
    for name in set(old.reserved_name) - set(new.reserved_name):
        yield f"{new.name}: name {name} is no longer reserved"
    inner = {one.name: one for one in new.nested_type}
    for message in old.nested_type:
        if message.name in inner:
            yield from _message_breaks(message, inner[message.name])
        else:
            yield f"message {old.name}.{message.name} was removed"
    enums = {one.name: one for one in new.enum_type}
    for enum in old.enum_type:
        if enum.name in enums:
            yield from _enum_breaks(enum, enums[enum.name])
        else:
            yield f"enum {old.name}.{enum.name} was removed"


def _enum_breaks(old: EnumDescriptorProto, new: EnumDescriptorProto) -> Iterator[str]:
    values = {one.number: one.name for one in new.value}
    for value in old.value:
        if value.number not in values:
            yield from _removed(f"{old.name}.{value.name}", value.number, value.name, new)
        elif values[value.number] != value.name:
            yield f"{old.name}.{value.name}: value {value.number} changed"


def _removed(where: str, number: int, name: str, new: _Table) -> Iterator[str]:
    if not _reserved(number, new):
        yield f"{where}: it was removed, and number {number} is not reserved"
    if name not in new.reserved_name:
        yield f"{where}: it was removed, and its name is not reserved"


def _reserved(number: int, table: _Table) -> bool:
    # The end of a range belongs to it in an enum, and not in a message.
    last = isinstance(table, EnumDescriptorProto)
    return any(one.start <= number < one.end + last for one in table.reserved_range)


def _meaning(field: FieldDescriptorProto, message: DescriptorProto) -> tuple[object, ...]:
    oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None
    return (
        field.name,
        field.type,
        field.type_name,
        field.label,
        field.proto3_optional,
        oneof,
        field.default_value,
        field.options.packed if field.options.HasField("packed") else None,
    )


def _optional(field: FieldDescriptorProto) -> bool:
    return (
        field.label == FieldDescriptorProto.LABEL_REPEATED
        or field.proto3_optional
        or field.type == FieldDescriptorProto.TYPE_MESSAGE
        or field.HasField("oneof_index")
    )


def released() -> list[Path]:
    """The file of every released version."""
    return sorted(RELEASED.glob("*/geometry.proto"))


def main() -> None:
    """Compare, and say what breaks."""
    new = compiled(CURRENT)
    found = [
        f"since {one.parent.name}: {text}"
        for one in released()
        for text in breaks(compiled(one), new)
    ]
    for text in found:
        print(text)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
