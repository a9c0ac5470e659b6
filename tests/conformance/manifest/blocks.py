"""Blocks: many short scripts that turn parameters into geometry."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_BLOCKS = "issue 5: Build 1"

REQUIREMENTS = {
    "blocks.geometry": R("A script draws; the host reads records of one packed dtype.", _BLOCKS),
    "blocks.primitives": R("Each primitive is a record; shapes of points a header.", _BLOCKS),
    "blocks.language": R("What the dialect allows means what it means in Python.", _BLOCKS),
    "blocks.same": R("A script draws the same on engines that only evaluate.", _BLOCKS),
    "blocks.parameters": R(
        "Parameters are typed, have defaults, come in rows or columns.", _BLOCKS
    ),
    "blocks.many": R("Many scripts and instances go together, in order.", _BLOCKS),
    "blocks.errors": R("An instance that raises ends alone, with reason and line.", _BLOCKS),
    "blocks.numbers": R("What is no finite number is refused, in its line.", _BLOCKS, (), True),
    "blocks.steps": R("An instance has so many steps, and not one more.", _BLOCKS, (), True),
    "blocks.recursion": R("An instance has so many frames, and not one more.", _BLOCKS, (), True),
    "blocks.count": R("An instance has so many primitives, and not one more.", _BLOCKS, (), True),
    "blocks.wall": R(
        "An instance that stalls within C is ended; others stand.", "trap 27", (), True
    ),
    "blocks.memory": R("An instance that fills the guest's memory ends alone.", _BLOCKS, (), True),
    "blocks.fuel": R(
        "An instance has so many instructions, the same each time.",
        _BLOCKS,
        ("limit:fuel",),
        True,
    ),
    "blocks.refused": R("A limit that cannot be enforced is refused.", "trap 27"),
    "blocks.cancel": R("cancel() ends an evaluation; what was done stands.", _BLOCKS),
    "blocks.guests": R("Several guests share the work; publishers share none.", _BLOCKS, (), True),
    "blocks.dirty": R("After a change only what it concerns is evaluated again.", _BLOCKS),
    "blocks.nested": R("Instances place others, with a matrix each.", _BLOCKS),
    "blocks.kept": R(
        "Results are kept by what they depend on, and checked when loaded.", "trap 27"
    ),
    "blocks.unchecked": R(
        "Without the check, an import is refused by the guest.", _BLOCKS, (), True
    ),
    "blocks.hostile": R(
        "What a guest writes is checked: records, counts, texts.", _BLOCKS, (), True
    ),
}
