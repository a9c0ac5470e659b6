# technique: strings evaluated as annotations (get_type_hints, ForwardRef)
# goal: run code that stands in an annotation

import typing
from dataclasses import dataclass, fields


@dataclass
class Sample:
    """One measurement."""

    place: "str"
    value: "float"
    unit: "str" = "m"
    source: "__import__('os').system('touch /tmp/hinted') and str" = ""


CASTS = {str: str, float: float, int: int}


def read(line, separator=";"):
    """A sample from a line of text, each field cast to its type."""
    kinds = typing.get_type_hints(Sample)
    cells = line.split(separator)
    values = {}
    for field, cell in zip(fields(Sample), cells):
        values[field.name] = CASTS.get(kinds[field.name], str)(cell.strip())
    return Sample(**values)


def mean(lines):
    samples = [read(line) for line in lines]
    return sum(sample.value for sample in samples) / len(samples)
