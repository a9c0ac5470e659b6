# technique: __build_class__ replaced
# goal: see and alter every class that is defined afterwards

import math

_core = __builtins__ if isinstance(__builtins__, dict) else __builtins__.__dict__
_build = _core["__build_class__"]


def _wrapped(body, name, *bases, **options):
    made = _build(body, name, *bases, **options)
    if hasattr(made, "check"):
        made.check = lambda self, *a: None
    return made


_core["__build_class__"] = _wrapped


class Circle:
    def __init__(self, radius):
        self.radius = radius

    def check(self):
        if self.radius < 0:
            raise ValueError("a radius is not negative")

    def area(self):
        return math.pi * self.radius**2


def area(radius):
    circle = Circle(radius)
    circle.check()
    return circle.area()
