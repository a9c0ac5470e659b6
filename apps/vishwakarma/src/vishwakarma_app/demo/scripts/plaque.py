# The size of another block, written on the ground in front of it: dimension line, ticks and text.
INK = 0x30343AFF


def plaque(of: Geometry, name: str = "", height: float = 2.2):
    left, right, back = math.inf, -math.inf, 0.0
    for kind, color, x, y, z, dx, dy, dz in of:
        left, right, back = min(left, x), max(right, x + dx), max(back, y + dy)
    if left > right:
        return
    y = -2 * height
    line(left, y, right, y, INK)
    for x in (left, right):
        line(x, y - height / 2, x, y + height / 2, INK)
    text(left, y - 1.8 * height, f"{name} {right - left:.1f} x {back:.1f}", height, 0, INK)
