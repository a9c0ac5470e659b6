# A straight flight along x: treads, and a handrail on posts at both sides.
WOOD = 0xC8A06EFF
STEEL = 0x5A6470FF


def staircase(
    steps: int = 16,
    rise: float = 0.175,
    going: float = 0.28,
    width: float = 1.2,
    thickness: float = 0.05,
    rail: float = 0.9,
):
    if steps < 1 or rise <= 0 or going <= 0 or width <= 0:
        raise ValueError("steps, rise, going and width must be more than 0")
    if not 0 < thickness <= rise:
        raise ValueError("a tread is as thick as a step is high, or thinner")
    for i in range(steps):
        cuboid(i * going, 0, (i + 1) * rise - thickness, going, width, thickness, WOOD)
    for y in (0, width):
        line3(0, y, 0, steps * going, y, steps * rise, STEEL)
        if rail > 0:
            for i in (0, steps - 1):
                x, z = (i + 0.5) * going, (i + 1) * rise
                line3(x, y, z, x, y, z + rail, STEEL)
            line3(going / 2, y, rise + rail, (steps - 0.5) * going, y, steps * rise + rail, STEEL)
