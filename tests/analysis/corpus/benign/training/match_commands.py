"""Turtle commands, matched by their shape."""
import math


def draw(commands):
    x = y = angle = 0.0
    lines = []
    for command in commands:
        match command.split():
            case ["forward", length]:
                nx = x + float(length) * math.cos(angle)
                ny = y + float(length) * math.sin(angle)
                lines.append((x, y, nx, ny))
                x, y = nx, ny
            case ["left", degrees]:
                angle += math.radians(float(degrees))
            case ["right", degrees]:
                angle -= math.radians(float(degrees))
            case [other, *_]:
                raise ValueError(f"no command is called {other}")
    return lines
