# technique: none
# goal: read points and faces of a Wavefront OBJ text, by methods named for its keywords

"""An importer: text in, lists out. No file is opened; the host hands over the text."""


class _Reader:
    """One method a keyword; an unknown keyword is skipped and counted."""

    KEYWORDS = ("v", "vn", "f", "o", "g")

    def __init__(self):
        self.points = []
        self.normals = []
        self.faces = []
        self.groups = {}
        self.skipped = 0
        self._group = "default"

    def feed(self, line):
        line = line.partition("#")[0].strip()
        if not line:
            return
        keyword, *words = line.split()
        if keyword not in self.KEYWORDS:
            self.skipped += 1
            return
        handler = {
            "v": self.on_v, "vn": self.on_vn, "f": self.on_f, "o": self.on_g, "g": self.on_g,
        }[keyword]  # fmt: skip
        handler(*words)

    def on_v(self, x, y, z, w="1"):
        scale = float(w)
        self.points.append((float(x) / scale, float(y) / scale, float(z) / scale))

    def on_vn(self, x, y, z):
        self.normals.append((float(x), float(y), float(z)))

    def on_g(self, *names):
        self._group = " ".join(names) or "default"

    def on_f(self, *corners):
        face = tuple(self._index(corner) for corner in corners)
        self.groups.setdefault(self._group, []).append(len(self.faces))
        self.faces.append(face)

    def _index(self, corner):
        number = int(corner.split("/")[0])
        return number - 1 if number > 0 else len(self.points) + number


def read(text):
    """Points, faces, groups, and how many lines were no part of the dialect."""
    reader = _Reader()
    for line in text.splitlines():
        reader.feed(line)
    return {
        "points": getattr(reader, "points"),
        "faces": getattr(reader, "faces"),
        "groups": reader.groups,
        "skipped": reader.skipped,
    }


def triangles(text):
    """Faces as triangles, by fans."""
    found = []
    for face in read(text)["faces"]:
        found.extend((face[0], face[i], face[i + 1]) for i in range(1, len(face) - 1))
    return found
