# A hinged door: two jambs, a head, the leaf opened by an angle, and its swing on the floor.
LEAF = 0xB07B4AFF
FRAME = 0x5B4636FF
SWING = 0x808080FF


def door(
    width: float = 0.9,
    height: float = 2.1,
    opening: float = 60.0,
    left: bool = True,
    jamb: float = 0.06,
    wall: float = 0.12,
):
    if width <= 0 or height <= 0 or jamb <= 0 or wall <= 0 or not 0 <= opening <= 180:
        raise ValueError("sizes must be more than 0, and a door opens from 0 to 180 degrees")
    for x in (-jamb, width):
        cuboid(x, 0, 0, jamb, wall, height, FRAME)
    cuboid(-jamb, 0, height, width + 2 * jamb, wall, jamb, FRAME)
    hinge = 0 if left else width
    side = 1 if left else -1
    a = math.radians(opening)
    c, s = side * math.cos(a), math.sin(a)
    thick = 0.04
    leaf = [
        (hinge, wall),
        (hinge + width * c, wall + width * s),
        (hinge + width * c - side * thick * s, wall + width * s + side * thick * c),
        (hinge - side * thick * s, wall + side * thick * c),
    ]
    extrusion(leaf, height, LEAF)
    if opening > 0:
        start, end = (0, opening) if left else (180 - opening, 180)
        arc(hinge, wall, width, start, end, SWING)
        line(hinge, wall, hinge + side * width, wall, SWING)
