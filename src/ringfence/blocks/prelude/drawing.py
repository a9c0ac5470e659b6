"""What draws, and what checks it.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

from ringfence_guest.protocol.geometry import BLACK, Kind

__all__ = ["DRAWING"]


def _quick(kind: Kind, parameters: str) -> str:
    """A function that draws what is drawn most, without another call: a record in black."""
    names = [one.partition("=")[0] for one in parameters.split(", ")]
    given = [*names, *["0.0"] * (6 - len(names)), f"{kind + 256.0 * BLACK}"]
    stored = [f"_doubles[k + {place}] = {name}" for place, name in enumerate(given)]
    lines = [
        f"    def {kind.name.lower()}({parameters}, color={BLACK}):",
        "        k = _state[2]",
        f"        if color is {BLACK} and k < MOST:",
        "            try:",
        f"                total = {' + '.join(names)}",
        "                if total - total == 0.0:",
        *(f"                    {line}" for line in stored),
        "                    _state[2] = k + 7",
        "                    return",
        "            except TypeError:",
        "                pass",
        f"        _put({int(kind)}, color, {', '.join(given[:6])})",
    ]
    return "\n".join(lines) + "\n"


_QUICK = "\n".join(
    [
        _quick(Kind.POINT, "x, y, z=0.0"),
        _quick(Kind.LINE, "x1, y1, x2, y2"),
        _quick(Kind.LINE3, "x1, y1, z1, x2, y2, z2"),
    ]
)

_TEXT = '''
def _check(kind, numbers):
    """Say what is wrong with a record, if anything is."""
    name, fields, positive, not_negative = FIELDS[kind]
    for i in _range(_len(fields)):
        value, where = numbers[i], name + ": " + fields[i]
        if _type(value) is not _float and _type(value) is not _int:
            raise TypeError(where + " is a number, not " + _name(value))
        if _type(value) is _int and abs(value) > 1e300:
            if _float(value) - _float(value) != 0.0:
                raise OverflowError("int too large to convert to float")
        if value - value != 0:
            raise ValueError(where + " is " + _str(value))
    for i in positive:
        if numbers[i] <= 0:
            value = _str(numbers[i])
            raise ValueError(name + ": " + fields[i] + " is " + value + ", not more than 0")
    for i in not_negative:
        if numbers[i] < 0:
            value = _str(numbers[i])
            raise ValueError(name + ": " + fields[i] + " is " + value + ", less than 0")

def _color(color):
    if _type(color) is not _int:
        if _type(color) is not Color:
            raise TypeError("color is a number, 0xRRGGBBAA, or a Color, not " + _name(color))
        return color.number
    if not 0 <= color <= 0xFFFFFFFF:
        raise ValueError("color=" + _str(color) + " is not 0xRRGGBBAA")
    return color

def _draw(record):
    a, b, c, d, e, f, meta = record
    _store(a, b, c, d, e, f, (meta & 0xFF) + 256.0 * (meta >> 32))

if doubles is not None:
    _doubles = doubles

    def _store(a, b, c, d, e, f, meta):
        k = _state[2]
        if k >= MOST:
            raise OutOfBudget("primitives")
        _doubles[k] = a
        _doubles[k + 1] = b
        _doubles[k + 2] = c
        _doubles[k + 3] = d
        _doubles[k + 4] = e
        _doubles[k + 5] = f
        _doubles[k + 6] = meta
        _state[2] = k + 7

    def _put(kind, color, a, b, c, d, e, f):
        if color is not 255:
            color = _color(color)
        try:
            total = a + b + c + d + e + f
            if total - total != 0.0 or kind in CHECKED:
                _check(kind, (a, b, c, d, e, f))
            _store(a, b, c, d, e, f, kind + 256.0 * color)
        except TypeError:
            _check(kind, (a, b, c, d, e, f))
            raise

QUICK
    def _text_record(a, b, c, d, e, f, meta):
        _state[5] += 7
        k = _state[2] + _state[5] - 7
        for one in (a, b, c, d, e, f, meta):
            _doubles[k] = one
            k += 1

    def _end():
        _append_texts()
        return (_state[2] + _state[5]) // 7
else:
    _drawn = _list()

    def _store(a, b, c, d, e, f, meta):
        if _len(_drawn) >= MOST:
            raise OutOfBudget("primitives")
        for one in (a, b, c, d, e, f, meta):
            _drawn.append(one + 0.0)

    def _put(kind, color, a, b, c, d, e, f):
        color = _color(color)
        try:
            total = a + b + c + d + e + f
            if total - total != 0.0 or kind in CHECKED:
                _check(kind, (a, b, c, d, e, f))
            if _len(_drawn) >= MOST:
                raise OutOfBudget("primitives")
            _drawn.append(a + 0.0)
            _drawn.append(b + 0.0)
            _drawn.append(c + 0.0)
            _drawn.append(d + 0.0)
            _drawn.append(e + 0.0)
            _drawn.append(f + 0.0)
            _drawn.append(kind + 256.0 * color)
        except TypeError:
            given = [a, b, c, d, e, f]
            if _bool in [_type(one) for one in given]:  # which is a number elsewhere
                a, b, c, d, e, f = [_int(one) if _type(one) is _bool else one for one in given]
                return _put(kind, color, a, b, c, d, e, f)
            _check(kind, (a, b, c, d, e, f))
            raise

    def point(x, y, z=0.0, color=255):
        _put(1, color, x, y, z, 0.0, 0.0, 0.0)

    def line(x1, y1, x2, y2, color=255):
        _put(2, color, x1, y1, x2, y2, 0.0, 0.0)

    def line3(x1, y1, z1, x2, y2, z2, color=255):
        _put(3, color, x1, y1, z1, x2, y2, z2)

    def _text_record(a, b, c, d, e, f, meta):
        for one in (a, b, c, d, e, f, meta):
            _drawn.append(one + 0.0)

    def _end():
        _append_texts()
        at, count = 0, _len(_drawn)
        while at < count:
            part = _drawn[at:at + 7000] if count > 7000 else _drawn
            _pack("<" + _str(_len(part)) + "d", _records, 8 * at, part)
            at += 7000
        _drawn.clear()
        return count // 7

def circle(x, y, radius, color=255):
    _put(4, color, x, y, radius, 0.0, 0.0, 0.0)

def arc(x, y, radius, start, end, color=255):
    _put(5, color, x, y, radius, start, end, 0.0)

def text(x, y, string, height=1.0, angle=0.0, color=255):
    if _type(string) is not _str:
        raise TypeError("string is text, not " + _name(string) + "; write str(…)")
    if _len(string) > 1000:
        raise ValueError("a text has at most 1000 characters")
    _state[3] += 1 + (_len(string) + 5) // 6
    if _state[3] > TEXT_RECORDS:
        raise ValueError("the texts of one instance are too long together")
    _texts.append(string)
    _put(6, color, x, y, height, angle, _len(_texts) - 1, 0.0)

def _vertex(one):
    if _type(one) is Point:
        return one.numbers
    if _type(one) is tuple and _len(one) == 3:
        return one
    if _type(one) is tuple and _len(one) == 2:
        return (one[0], one[1], 0.0)
    raise TypeError("points are Point(x, y), (x, y) or (x, y, z)")

def _shape(kind, points, height, color):
    vertices = [_vertex(one) for one in points]
    if _len(vertices) < LEAST[kind]:
        name = FIELDS[kind][0]
        raise ValueError("a " + name + " has at least " + _str(LEAST[kind]) + " points")
    _put(kind, color, _len(vertices), height, 0.0, 0.0, 0.0, 0.0)
    for x, y, z in vertices:
        _put(14, color, x, y, z, 0.0, 0.0, 0.0)

def polyline(points, color=255):
    _shape(7, points, 0.0, color)

def polygon(points, color=255):
    _shape(8, points, 0.0, color)

def extrusion(points, height, color=255):
    _shape(13, points, height, color)

def cuboid(x, y, z, dx, dy, dz, color=255):
    _put(9, color, x, y, z, dx, dy, dz)

def cylinder(x, y, z, radius, height, color=255):
    _put(10, color, x, y, z, radius, height, 0.0)

def cone(x, y, z, radius, top, height, color=255):
    _put(11, color, x, y, z, radius, top, height)

def sphere(x, y, z, radius, color=255):
    _put(12, color, x, y, z, radius, 0.0, 0.0)

def _append_texts():
    for string in _texts:
        codes = [ord(c) for c in string]
        _text_record(_len(codes), 0, 0, 0, 0, 0, 255)
        while _len(codes) % 6:
            codes.append(0)
        for i in _range(0, _len(codes), 6):
            a, b, c, d, e, f = codes[i:i + 6]
            _text_record(a, b, c, d, e, f, 254)
    _texts.clear()

def _geometry(rows):
    return tuple([tuple(row) for row in rows])
'''

DRAWING = _TEXT.replace("QUICK\n", _QUICK)
