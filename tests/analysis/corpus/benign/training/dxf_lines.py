"""Reads LINE entities of a DXF text."""
import io


def _pairs(text):
    lines = io.StringIO(text)
    while True:
        code = lines.readline()
        if not code:
            return
        yield int(code), lines.readline().rstrip("\n")


def read(data):
    lines, current = [], None
    for code, value in _pairs(data.decode("latin-1")):
        if code == 0:
            if current and {10, 20, 11, 21} <= current.keys():
                lines.append(tuple(current[key] for key in (10, 20, 11, 21)))
            current = {} if value.strip() == "LINE" else None
        elif current is not None and code in (10, 20, 11, 21):
            current[code] = float(value)
    return lines
