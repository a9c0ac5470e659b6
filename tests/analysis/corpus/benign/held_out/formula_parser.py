# technique: none
# goal: value of a formula, by a recursive descent parser of its own (no eval)

import math
import operator
import re

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?)|([A-Za-zα-ω_]\w*)|(\*\*|.))")

_BINARY = {
    "+": (10, operator.add),
    "-": (10, operator.sub),
    "*": (20, operator.mul),
    "/": (20, operator.truediv),
    "%": (20, operator.mod),
    "**": (30, operator.pow),
}

_FUNCTIONS = {
    "sin": math.sin, "cos": math.cos, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
    "abs": abs, "min": min, "max": max, "hypot": math.hypot,
}  # fmt: skip


class Formula:
    """A formula, parsed once and called with its names' values."""

    def __init__(self, text):
        self.tokens = [m.groups() for m in _TOKEN.finditer(text.strip())]
        self.place = 0
        self.run = self.expression(0)
        if self.place != len(self.tokens):
            raise SyntaxError(f"not expected: {self.tokens[self.place]}")

    def __call__(self, **names):
        return self.run(names)

    def peek(self):
        return self.tokens[self.place][2] if self.place < len(self.tokens) else None

    def take(self, sign=None):
        if self.place >= len(self.tokens):
            raise SyntaxError("it ends too early")
        token = self.tokens[self.place]
        if sign is not None and token[2] != sign:
            raise SyntaxError(f"{sign} was expected")
        self.place += 1
        return token

    def expression(self, least):
        left = self.atom()
        while (sign := self.peek()) in _BINARY and _BINARY[sign][0] >= least:
            binding, function = _BINARY[sign]
            self.take()
            right = self.expression(binding + (sign != "**"))
            left = (lambda a, b, f: lambda names: f(a(names), b(names)))(left, right, function)
        return left

    def atom(self):
        number, name, sign = self.take()
        if number:
            value = float(number)
            return lambda names: value
        if name and self.peek() == "(":
            self.take("(")
            arguments = [self.expression(0)]
            while self.peek() == ",":
                self.take()
                arguments.append(self.expression(0))
            self.take(")")
            function = _FUNCTIONS[name]
            return lambda names: function(*(argument(names) for argument in arguments))
        if name:
            return lambda names: names[name]
        if sign == "(":
            inside = self.expression(0)
            self.take(")")
            return inside
        if sign == "-":
            inside = self.expression(25)
            return lambda names: -inside(names)
        raise SyntaxError(f"not expected: {sign}")


def evaluate(text, **names):
    return Formula(text)(**names)


def tabulate(text, low, high, steps):
    formula = Formula(text)
    return [formula(x=low + (high - low) * i / steps) for i in range(steps + 1)]
