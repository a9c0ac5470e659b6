# Holes on a pitch circle, each with its centre lines.
THIN = 0xA0A0A0FF


def bolt_circle(bolts: int = 8, diameter: float = 100.0, hole: float = 11.0, first: float = 0.0):
    if bolts < 1 or diameter <= 0 or hole <= 0:
        raise ValueError("bolts, diameter and hole must be more than 0")
    if bolts > 1 and diameter * math.sin(math.pi / bolts) <= hole:
        raise ValueError("the holes touch each other")
    circle(0, 0, diameter / 2, THIN)
    for i in range(bolts):
        angle = math.radians(first + 360 * i / bolts)
        c, s = math.cos(angle), math.sin(angle)
        x, y = diameter / 2 * c, diameter / 2 * s
        circle(x, y, hole / 2)
        line(x - 0.7 * hole * c, y - 0.7 * hole * s, x + 0.7 * hole * c, y + 0.7 * hole * s, THIN)
