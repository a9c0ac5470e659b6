"""The values that block scripts compute with.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

__all__ = ["VALUES"]

VALUES = """
def _of_point(value):
    if _type(value) is not Point:
        raise TypeError("a Point is wanted, and not " + _name(value))
    return value.numbers

class Point:
    def __init__(self, x, y, z=0.0):
        self.numbers = (_float(x), _float(y), _float(z))

    @property
    def x(self):
        return self.numbers[0]

    @property
    def y(self):
        return self.numbers[1]

    @property
    def z(self):
        return self.numbers[2]

    def __len__(self):
        return 3

    def __iter__(self):
        return iter(self.numbers)

    def __getitem__(self, index):
        return self.numbers[index]

    def __eq__(self, other):
        if _type(other) is Point:
            return self.numbers == other.numbers
        return self.numbers == other

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return self.numbers < (other.numbers if _type(other) is Point else other)

    def __hash__(self):
        return hash(self.numbers)

    def __repr__(self):
        x, y, z = self.numbers
        return "Point(" + _str(x) + ", " + _str(y) + ", " + _str(z) + ")"

    def __add__(self, other):
        x, y, z = _of_point(other)
        a, b, c = self.numbers
        return Point(a + x, b + y, c + z)

    def __radd__(self, other):
        return self + other

    def __sub__(self, other):
        x, y, z = _of_point(other)
        a, b, c = self.numbers
        return Point(a - x, b - y, c - z)

    def __mul__(self, factor):
        factor = _float(factor)
        a, b, c = self.numbers
        return Point(a * factor, b * factor, c * factor)

    def __rmul__(self, factor):
        return self * factor

    def __truediv__(self, factor):
        factor = _float(factor)
        a, b, c = self.numbers
        return Point(a / factor, b / factor, c / factor)

    def __neg__(self):
        return self * -1.0

    def length(self):
        return _norm([abs(x) for x in self.numbers])

    def distance(self, other):
        return _dist(self.numbers, _of_point(other))

    def dot(self, other):
        x, y, z = _of_point(other)
        a, b, c = self.numbers
        return a * x + b * y + c * z

    def cross(self, other):
        x, y, z = _of_point(other)
        a, b, c = self.numbers
        return Point(b * z - c * y, c * x - a * z, a * y - b * x)

    def normalized(self):
        return self / self.length()

def _number_of(value):
    return value.number if _type(value) is Color else value

class Color:
    def __init__(self, r, g, b, a=255):
        for part in (r, g, b, a):
            if _type(part) is not _int or not 0 <= part <= 255:
                raise ValueError("the parts of a Color are whole numbers from 0 to 255")
        self.number = r << 24 | g << 16 | b << 8 | a

    @property
    def r(self):
        return self.number >> 24

    @property
    def g(self):
        return self.number >> 16 & 255

    @property
    def b(self):
        return self.number >> 8 & 255

    @property
    def a(self):
        return self.number & 255

    def __eq__(self, other):
        return self.number == _number_of(other)

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return self.number < _number_of(other)

    def __hash__(self):
        return hash(self.number)

    def __repr__(self):
        return "Color(" + ", ".join([_str(n) for n in (self.r, self.g, self.b, self.a)]) + ")"

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)

class Transform:
    def __init__(self, rows=None):
        numbers = tuple([_float(x) for x in (_IDENTITY if rows is None else rows)])
        if _len(numbers) != 12:
            raise ValueError("a Transform is made of twelve numbers, or of none")
        self.numbers = numbers

    def __len__(self):
        return 12

    def __iter__(self):
        return iter(self.numbers)

    def __getitem__(self, index):
        return self.numbers[index]

    def __eq__(self, other):
        return self.numbers == (other.numbers if _type(other) is Transform else other)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self.numbers)

    def __repr__(self):
        return "Transform(" + _str(self.numbers) + ")"

    def then(self, other):
        if _type(other) is not Transform:
            raise TypeError("a Transform is wanted, and not " + _name(other))
        n, rows = self.numbers, []
        for row in (0, 4, 8):
            a, b, c, d = other.numbers[row:row + 4]
            for k in (0, 1, 2):
                rows.append(a * n[k] + b * n[4 + k] + c * n[8 + k])
            rows.append(a * n[3] + b * n[7] + c * n[11] + d)
        return Transform(rows)

    def move(self, x, y, z=0.0):
        return self.then(Transform((1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z)))

    def rotate(self, degrees):
        angle = _radians(degrees)
        c, s = _math.cos(angle), _math.sin(angle)
        return self.then(Transform((c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0)))

    def scale(self, factor):
        return self.then(Transform((factor, 0, 0, 0, 0, factor, 0, 0, 0, 0, factor, 0)))

    def apply(self, point):
        x, y, z = _of_point(point)
        a, b, c, d, e, f, g, h, i, j, k, m = self.numbers
        return Point(
            a * x + b * y + c * z + d, e * x + f * y + g * z + h, i * x + j * y + k * z + m
        )
"""
