# A welding neck flange, EN 1092-1 type 11, PN 16, with its bolts: nominal size, diameter, pitch
# circle, bolts, holes, thickness of the plate, outer diameter of the pipe, all in mm.
STEEL = 0x9AA5ADFF
DARK = 0x56616AFF
SIZES = (
    (15, 95, 65, 4, 14, 16, 21.3),
    (20, 105, 75, 4, 14, 18, 26.9),
    (25, 115, 85, 4, 14, 18, 33.7),
    (32, 140, 100, 4, 18, 18, 42.4),
    (40, 150, 110, 4, 18, 18, 48.3),
    (50, 165, 125, 4, 18, 18, 60.3),
    (65, 185, 145, 8, 18, 18, 76.1),
    (80, 200, 160, 8, 18, 20, 88.9),
    (100, 220, 180, 8, 18, 20, 114.3),
    (125, 250, 210, 8, 18, 22, 139.7),
    (150, 285, 240, 8, 22, 22, 168.3),
    (200, 340, 295, 12, 22, 24, 219.1),
    (250, 405, 355, 12, 26, 26, 273.0),
    (300, 460, 410, 12, 26, 28, 323.9),
)


def pipe_flange(size: int = 100, pipe: float = 150.0, scale: float = 1.0):
    if scale <= 0 or pipe <= 0:
        raise ValueError("scale and pipe must be more than 0")
    for dn, outer, pitch, bolts, hole, plate, tube in SIZES:
        if dn == size:
            s = scale
            cylinder(0, 0, 0, s * outer / 2, s * plate, STEEL)
            cone(0, 0, s * plate, s * 0.65 * tube, s * tube / 2, s * 0.3 * tube, STEEL)
            cylinder(0, 0, s * (plate + 0.3 * tube), s * tube / 2, s * pipe, STEEL)
            for i in range(bolts):
                # No bolt on the axes: they straddle them, as the standard says.
                angle = 2 * math.pi * (i + 0.5) / bolts
                x, y = s * pitch / 2 * math.cos(angle), s * pitch / 2 * math.sin(angle)
                cylinder(x, y, s * plate, s * 0.8 * hole, s * 0.7 * hole, DARK)
                cylinder(x, y, s * (plate + 0.7 * hole), s * (hole / 2 - 1), s * 0.6 * hole, DARK)
            return
    raise ValueError(f"there is no nominal size {size}")
