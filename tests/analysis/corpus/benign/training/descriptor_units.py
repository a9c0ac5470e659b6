"""A descriptor that keeps lengths in metres."""


class Length:
    FACTORS = {"m": 1.0, "mm": 0.001, "in": 0.0254}

    def __set_name__(self, owner, name):
        self.slot = "_" + name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return getattr(instance, self.slot, 0.0)

    def __set__(self, instance, value):
        if isinstance(value, str):
            number, unit = value.split()
            value = float(number) * self.FACTORS[unit]
        setattr(instance, self.slot, float(value))


class Beam:
    width = Length()
    height = Length()

    def __init__(self, width, height):
        self.width = width
        self.height = height
