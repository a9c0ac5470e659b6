"""Formulas without eval: a small parser of our own."""
import math
import operator
import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(.))")
_FUNCTIONS = {"sin": math.sin, "cos": math.cos, "sqrt": math.sqrt, "abs": abs}
_BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


@dataclass
class Parser:
    text: str
    names: dict
    position: int = 0

    def peek(self):
        match = _TOKEN.match(self.text, self.position)
        return match.groups() if match else (None, None, None)

    def take(self):
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            raise ValueError("the formula ends early")
        self.position = match.end()
        return match.groups()

    def term(self):
        value = self.factor()
        while self.peek()[2] in ("*", "/"):
            value = _BINARY[self.take()[2]](value, self.factor())
        return value

    def factor(self):
        number, name, sign = self.take()
        if number:
            return float(number)
        if name in _FUNCTIONS:
            self.take()
            value = _FUNCTIONS[name](self.sum())
            self.take()
            return value
        if name:
            return self.names[name]
        if sign == "(":
            value = self.sum()
            self.take()
            return value
        raise ValueError(f"unexpected {sign!r}")

    def sum(self):
        value = self.term()
        while self.peek()[2] in ("+", "-"):
            value = _BINARY[self.take()[2]](value, self.term())
        return value


def compute(text, **names):
    return Parser(text, names).sum()
