# A floor: its lower left corner is the origin, and its top the plane that things stand on.
CONCRETE = 0xDAD6CEFF


def slab(width: float = 24.0, depth: float = 18.0, thickness: float = 0.3):
    cuboid(0, 0, -thickness, width, depth, thickness, CONCRETE)
