# A conifer or a broad-leaved tree.
BARK = 0x6B4F35FF
LEAVES = 0x5E8C4AFF
NEEDLES = 0x3F6B4CFF


def tree(height: float = 7.0, conifer: bool = False):
    cylinder(0, 0, 0, 0.03 * height, 0.35 * height, BARK)
    if conifer:
        cone(0, 0, 0.2 * height, 0.24 * height, 0, 0.8 * height, NEEDLES)
    else:
        for lift, radius in ((0.45, 0.22), (0.62, 0.25), (0.8, 0.18)):
            cone(0, 0, (lift - 0.15) * height, radius * height, 0.1 * height, 0.3 * height, LEAVES)
