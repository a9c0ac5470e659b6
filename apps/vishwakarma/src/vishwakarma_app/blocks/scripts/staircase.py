def staircase(steps: int = 16, rise: float = 0.175, going: float = 0.28, width: float = 1.2, up: bool = True):
    if steps < 1 or rise <= 0 or going <= 0 or width <= 0:
        raise ValueError("steps, rise, going and width must be more than 0")
    for i in range(steps):
        cuboid(i * going, 0, 0 if i == 0 else i * rise - 0.04, going, width, rise if i == 0 else rise + 0.04)
