"""Wavefront OBJ: vertices, faces, lines and points; a group for each object.

http://paulbourke.net/dataformats/obj/. Texture coordinates, normals, curves and materials are read
over; the name of a material becomes a layer.
"""

from typing import BinaryIO

import vishwakarma as vk

MOST_FACES = 20_000  # of one mesh; an object may become several


class Reader:
    """What has been read of the file so far."""

    def __init__(self, scale: float, z_up: bool) -> None:
        self.scale = scale
        self.z_up = z_up
        self.vertices: list[tuple[float, float, float]] = []
        self.faces: list[tuple[int, ...]] = []
        self.group = 0
        self.layer = vk.DEFAULT_LAYER
        self.layers = set(vk.layers())

    def line(self, words: list[str]) -> None:
        """Take one statement."""
        what, rest = words[0], words[1:]
        if what == "v":
            x, y, z = (self.scale * float(word) for word in rest[:3])
            self.vertices.append((x, y, z) if self.z_up else (x, -z, y))
        elif what == "f":
            self.faces.append(tuple(self.index(word) for word in rest))
            if len(self.faces) >= MOST_FACES:
                self.flush()
        elif what == "l":
            points = [self.vertices[self.index(word)] for word in rest]
            vk.create_polyline3d(points=points, parent=self.group, layer=self.layer)
        elif what == "p":
            for word in rest:
                x, y, z = self.vertices[self.index(word)]
                vk.create_node(x=x, y=y, z=z, parent=self.group, layer=self.layer)
        elif what in {"o", "g"}:
            self.flush()
            self.group = vk.create_group(name=" ".join(rest)[:255] or "unnamed")
        elif what == "usemtl":
            self.flush()
            self.layer = " ".join(rest)[:255] or vk.DEFAULT_LAYER
            if self.layer not in self.layers:
                vk.set_layer(self.layer, color=0x808080FF)
                self.layers.add(self.layer)

    def index(self, word: str) -> int:
        """The position of a vertex: counted from 1, or from the last one backwards."""
        number = int(word.partition("/")[0])
        index = number - 1 if number > 0 else len(self.vertices) + number
        if not 0 <= index < len(self.vertices):
            raise ValueError(f"there is no vertex {number}")
        return index

    def flush(self) -> None:
        """Make a mesh of the faces since the last one, with the vertices that it needs."""
        if not self.faces:
            return
        used = sorted({corner for face in self.faces for corner in face})
        place = {corner: position for position, corner in enumerate(used)}
        vk.create_mesh(
            vertices=[self.vertices[corner] for corner in used],
            faces=[tuple(place[corner] for corner in face) for face in self.faces],
            parent=self.group,
            layer=self.layer,
        )
        self.faces = []


def import_obj(source: BinaryIO, scale: float, z_up: bool) -> dict[str, int]:
    """Read an OBJ file.

    Raises:
        ValueError: a line is wrong; with its number.
    """
    reader = Reader(scale, z_up)
    number = 0
    pending = ""
    for number, raw in enumerate(source, 1):
        text = pending + raw.decode("utf-8", "replace").partition("#")[0].rstrip("\r\n ")
        pending = ""
        if text.endswith("\\"):
            pending = text[:-1] + " "
            continue
        words = text.split()
        if words:
            try:
                reader.line(words)
            except (ValueError, IndexError) as error:
                raise ValueError(f"line {number} of the file: {error}") from None
    if not reader.vertices:
        raise ValueError("there are no vertices in this file; is it an OBJ file?")
    reader.flush()
    return {"lines": number, "vertices": len(reader.vertices)}
