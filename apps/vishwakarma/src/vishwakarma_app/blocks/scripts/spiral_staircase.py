# Treads around a pole: sectors of a circle, each one step higher; and a handrail along a helix.
WOOD = 0xB98A5AFF
STEEL = 0x4A545EFF
ARC = 4


def spiral_staircase(
    steps: int = 16,
    turn: float = 300.0,
    radius: float = 1.1,
    pole: float = 0.08,
    rise: float = 0.19,
    thickness: float = 0.04,
    rail: float = 0.95,
):
    if steps < 2 or rise <= 0 or not 0 < pole < radius or turn <= 0:
        raise ValueError("steps from 2; rise and turn more than 0; the pole thinner than the stairs")
    if not 0 < thickness <= rise:
        raise ValueError("a tread is as thick as a step is high, or thinner")
    if turn / steps > 90:
        raise ValueError("a tread is wider than a right angle")
    each = math.radians(turn) / steps
    helix = []
    for i in range(steps):
        z = (i + 1) * rise - thickness
        angles = [each * (i + k / ARC) for k in range(ARC + 1)]
        sector = [(pole * math.cos(a), pole * math.sin(a), z) for a in (angles[-1], angles[0])]
        sector += [(radius * math.cos(a), radius * math.sin(a), z) for a in angles]
        extrusion(sector, thickness, WOOD)
        middle = each * (i + 0.5)
        x, y = radius * math.cos(middle), radius * math.sin(middle)
        helix.append((x, y, (i + 1) * rise + rail))
        if rail > 0:
            line3(x, y, (i + 1) * rise, x, y, (i + 1) * rise + rail, STEEL)
    cylinder(0, 0, 0, pole, steps * rise + max(rail, 0), STEEL)
    if rail > 0:
        polyline(helix, STEEL)
