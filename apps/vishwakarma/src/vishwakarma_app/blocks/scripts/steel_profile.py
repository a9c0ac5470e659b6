# Hot-rolled I and H sections (EN 10365): height, width, web, flange and fillet radius in mm.
STEEL = 0x8A4B3CFF
CORNER = 6
SECTIONS = (
    ("IPE 80", 80, 46, 3.8, 5.2, 5),
    ("IPE 100", 100, 55, 4.1, 5.7, 7),
    ("IPE 120", 120, 64, 4.4, 6.3, 7),
    ("IPE 140", 140, 73, 4.7, 6.9, 7),
    ("IPE 160", 160, 82, 5, 7.4, 9),
    ("IPE 180", 180, 91, 5.3, 8, 9),
    ("IPE 200", 200, 100, 5.6, 8.5, 12),
    ("IPE 220", 220, 110, 5.9, 9.2, 12),
    ("IPE 240", 240, 120, 6.2, 9.8, 15),
    ("IPE 270", 270, 135, 6.6, 10.2, 15),
    ("IPE 300", 300, 150, 7.1, 10.7, 15),
    ("IPE 330", 330, 160, 7.5, 11.5, 18),
    ("IPE 360", 360, 170, 8, 12.7, 18),
    ("IPE 400", 400, 180, 8.6, 13.5, 21),
    ("IPE 450", 450, 190, 9.4, 14.6, 21),
    ("IPE 500", 500, 200, 10.2, 16, 21),
    ("IPE 550", 550, 210, 11.1, 17.2, 24),
    ("IPE 600", 600, 220, 12, 19, 24),
    ("HEA 100", 96, 100, 5, 8, 12),
    ("HEA 120", 114, 120, 5, 8, 12),
    ("HEA 140", 133, 140, 5.5, 8.5, 12),
    ("HEA 160", 152, 160, 6, 9, 15),
    ("HEA 180", 171, 180, 6, 9.5, 15),
    ("HEA 200", 190, 200, 6.5, 10, 18),
    ("HEA 220", 210, 220, 7, 11, 18),
    ("HEA 240", 230, 240, 7.5, 12, 21),
    ("HEA 260", 250, 260, 7.5, 12.5, 24),
    ("HEA 280", 270, 280, 8, 13, 24),
    ("HEA 300", 290, 300, 8.5, 14, 27),
    ("HEA 320", 310, 300, 9, 15.5, 27),
    ("HEA 340", 330, 300, 9.5, 16.5, 27),
    ("HEA 360", 350, 300, 10, 17.5, 27),
    ("HEA 400", 390, 300, 11, 19, 27),
    ("HEA 450", 440, 300, 11.5, 21, 27),
    ("HEA 500", 490, 300, 12, 23, 27),
    ("HEA 550", 540, 300, 12.5, 24, 27),
    ("HEA 600", 590, 300, 13, 25, 27),
)


def quarter(x, y, radius, start):
    # From `start` clockwise by a right angle: the fillet is hollow, seen from outside.
    angles = [math.radians(start - 90 * i / CORNER) for i in range(CORNER + 1)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def outline(h, b, web, flange, r):
    x, y = web / 2 + r, h / 2 - flange - r
    points = [(-b / 2, -h / 2), (b / 2, -h / 2), (b / 2, flange - h / 2)]
    points += quarter(x, -y, r, 270)
    points += quarter(x, y, r, 180)
    points += [(b / 2, h / 2 - flange), (b / 2, h / 2), (-b / 2, h / 2), (-b / 2, h / 2 - flange)]
    points += quarter(-x, y, r, 90)
    points += quarter(-x, -y, r, 0)
    points.append((-b / 2, flange - h / 2))
    return points


def steel_profile(section: str = "IPE 200", length: float = 3000.0, scale: float = 1.0):
    # Stands on its end; with no length it is the outline alone. `scale` is units for a millimetre.
    if scale <= 0 or length < 0:
        raise ValueError("scale must be more than 0, and length not less")
    for name, h, b, web, flange, r in SECTIONS:
        if name == section:
            points = [(scale * x, scale * y) for x, y in outline(h, b, web, flange, r)]
            if length > 0:
                extrusion(points, length, STEEL)
            else:
                polyline(points + points[:1], STEEL)
            return
    raise ValueError(f"there is no section {section}")
