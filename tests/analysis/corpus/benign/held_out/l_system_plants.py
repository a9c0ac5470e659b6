# technique: none
# goal: branching plants by rewriting rules and a turtle

import math
from contextlib import contextmanager

RULES = {
    "fern": ("X", {"X": "F+[[X]-X]-F[-FX]+X", "F": "FF"}, 25.0),
    "bush": ("F", {"F": "FF-[-F+F+F]+[+F-F-F]"}, 22.5),
    "koch": ("F", {"F": "F+F--F+F"}, 60.0),
}


def rewrite(axiom, rules, rounds):
    """Apply the rules, all letters at once, some times over."""
    table = str.maketrans(rules)
    for _ in range(rounds):
        axiom = axiom.translate(table)
    return axiom


class Turtle:
    """Where it is and where it looks; `branch` comes back to where it began."""

    def __init__(self, angle):
        self.angle = math.radians(angle)
        self.x = self.y = 0.0
        self.heading = math.pi / 2
        self.lines = []

    @contextmanager
    def branch(self):
        kept = self.x, self.y, self.heading
        try:
            yield self
        finally:
            self.x, self.y, self.heading = kept

    def forward(self):
        x, y = self.x + math.cos(self.heading), self.y + math.sin(self.heading)
        self.lines.append(((self.x, self.y), (x, y)))
        self.x, self.y = x, y

    def turn(self, way):
        self.heading += way * self.angle

    def walk(self, letters):
        """Take letters of an iterator up to the bracket that closes this branch."""
        for letter in letters:
            match letter:
                case "F":
                    self.forward()
                case "+" | "-":
                    self.turn(1 if letter == "+" else -1)
                case "[":
                    with self.branch():
                        self.walk(letters)
                case "]":
                    return
                case _:
                    continue


def plant(kind="fern", rounds=4):
    """Line segments of a plant."""
    axiom, rules, angle = RULES[kind]
    turtle = Turtle(angle)
    turtle.walk(iter(rewrite(axiom, rules, rounds)))
    return turtle.lines
