import math


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x=0.0, y=0.0, z=0.0):
        self.x, self.y, self.z = x, y, z

    def __iter__(self):
        return (getattr(self, name) for name in self.__slots__)

    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self, other)))

    def dot(self, other):
        return sum(a * b for a, b in zip(self, other))

    @property
    def length(self):
        return math.sqrt(self.dot(self))
