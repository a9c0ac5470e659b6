# A spur gear with involute flanks (ISO 53: addendum 1 module, dedendum 1.25 modules). Undercut of
# few teeth is not drawn.
FLANK = 6
STEEL = 0x7C8894FF


def involute(angle):
    return math.tan(angle) - angle


def tooth(centre, half, radii, base, root):
    # From the root up the right flank, over the tip, and down the left one.
    right, left = [], []
    for radius in radii:
        turn = half - involute(math.acos(min(1, base / radius)))
        right.append(Point(radius * math.cos(centre - turn), radius * math.sin(centre - turn)))
        left.append(Point(radius * math.cos(centre + turn), radius * math.sin(centre + turn)))
    foot = half - involute(math.acos(min(1, base / radii[0])))
    first = Point(root * math.cos(centre - foot), root * math.sin(centre - foot))
    last = Point(root * math.cos(centre + foot), root * math.sin(centre + foot))
    return [first] + right + list(reversed(left)) + [last]


def spur_gear(
    teeth: int = 24,
    module: float = 2.0,
    pressure_angle: float = 20.0,
    bore: float = 12.0,
    thickness: float = 10.0,
):
    if teeth < 5 or module <= 0 or not 10 <= pressure_angle <= 30:
        raise ValueError("teeth from 5, a module over 0, a pressure angle from 10 to 30")
    alpha = math.radians(pressure_angle)
    pitch = module * teeth / 2
    base, tip, root = pitch * math.cos(alpha), pitch + module, pitch - 1.25 * module
    if bore / 2 >= root:
        raise ValueError("the bore reaches the teeth")
    half = math.pi / (2 * teeth) + involute(alpha)
    if half - involute(math.acos(base / tip)) <= 0:
        raise ValueError("the teeth end in a point below the tip circle")
    low = max(base, root)
    radii = [low + (tip - low) * i / (FLANK - 1) for i in range(FLANK)]
    outline = []
    for i in range(teeth):
        outline.extend(tooth(2 * math.pi * i / teeth, half, radii, base, root))
    if thickness > 0:
        extrusion(outline, thickness, STEEL)
    else:
        polyline(outline + outline[:1], STEEL)
    if bore > 0:
        circle(0, 0, bore / 2, STEEL)
