# technique: none
# goal: temperatures in four scales, kept consistent by a descriptor


class Scale:
    """A view of `kelvin` in another scale."""

    def __init__(self, factor, offset, symbol):
        self.factor, self.offset, self.symbol = factor, offset, symbol

    def __set_name__(self, owner, name):
        self.name = name
        owner.scales = (*getattr(owner, "scales", ()), name)

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance.kelvin * self.factor + self.offset

    def __set__(self, instance, value):
        kelvin = (value - self.offset) / self.factor
        if kelvin < 0:
            raise ValueError(f"{value:g} {self.symbol} is below absolute zero")
        instance.kelvin = kelvin


class Temperature:
    """One temperature; each scale can be read and set."""

    kelvin = 273.15
    celsius = Scale(1.0, -273.15, "°C")
    fahrenheit = Scale(1.8, -459.67, "°F")
    rankine = Scale(1.8, 0.0, "°R")

    def __init__(self, **given):
        if len(given) != 1:
            raise TypeError("exactly one scale is given")
        (name, value), = given.items()
        if name != "kelvin" and name not in self.scales:
            raise TypeError(f"{name} is no scale")
        setattr(self, name, value)

    def all(self):
        return {name: round(getattr(self, name), 6) for name in ("kelvin", *self.scales)}


def convert(value, source, target):
    """One of kelvin, celsius, fahrenheit and rankine into another."""
    return Temperature(**{source: value}).all()[target]


def table(low, high, step, source="celsius", target="fahrenheit"):
    rows = []
    while low <= high:
        rows.append((low, convert(low, source, target)))
        low += step
    return rows
