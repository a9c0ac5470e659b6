def bolt_circle(bolts: int = 8, diameter: float = 100.0, hole: float = 11.0, first: float = 0.0):
    if bolts < 1 or diameter <= 0 or hole <= 0:
        raise ValueError("bolts, diameter and hole must be more than 0")
    circle(0, 0, diameter / 2, 0x909090FF)
    for i in range(bolts):
        angle = math.radians(first + 360 * i / bolts)
        circle(diameter / 2 * math.cos(angle), diameter / 2 * math.sin(angle), hole / 2)
