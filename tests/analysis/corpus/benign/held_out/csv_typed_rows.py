# technique: none
# goal: typed rows from CSV text held in memory, fields by annotations
# packages: numpy

import csv
import io
from dataclasses import dataclass, fields
from typing import Annotated, ClassVar, get_args, get_origin

import numpy as np


@dataclass(kw_only=True)
class Station:
    """A row. The annotation's second part says the unit."""

    delimiter: ClassVar[str] = ";"

    name: str
    north: Annotated[float, "degrees"]
    east: Annotated[float, "degrees"]
    height: Annotated[float, "metres"] = 0.0
    active: bool = True

    def __post_init__(self):
        for field in fields(self):
            kind = get_args(field.type)[0] if get_origin(field.type) is Annotated else field.type
            value = getattr(self, field.name)
            if kind is bool and isinstance(value, str):
                value = value.strip().lower() in {"1", "yes", "true", "ja", "oui", "sí"}
            elif kind is float and isinstance(value, str):
                value = float(value.replace(",", "."))
            setattr(self, field.name, value)


def stations(text):
    """Rows of a table with a head."""
    source = io.StringIO(text, newline="")
    reader = csv.DictReader(source, delimiter=Station.delimiter, skipinitialspace=True)
    known = {field.name for field in fields(Station)}
    return [
        Station(**{key: value for key, value in row.items() if key in known and value})
        for row in reader
    ]


def distances(text):
    """Great-circle distances between all stations, in kilometres."""
    rows = stations(text)
    φ, λ = np.radians([[row.north for row in rows], [row.east for row in rows]])
    δφ, δλ = φ[:, None] - φ, λ[:, None] - λ
    a = np.sin(δφ / 2) ** 2 + np.cos(φ[:, None]) * np.cos(φ) * np.sin(δλ / 2) ** 2
    return 2 * 6371.0088 * np.arcsin(np.sqrt(np.clip(a, 0, 1)))


def units():
    return {
        field.name: get_args(field.type)[1]
        for field in fields(Station)
        if get_origin(field.type) is Annotated
    }
