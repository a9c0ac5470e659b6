# A plane truss in x and z with parallel chords. Pratt: diagonals fall towards the middle; Howe: they
# rise; Warren: they go up and down, without posts.
CHORD = 0x2F5D8AFF
WEB = 0x6E93B5FF


def truss(
    kind: str = "pratt", span: float = 18.0, height: float = 2.0, panels: int = 8, bearing: bool = True
):
    if panels < 2 or panels > 200 or span <= 0 or height <= 0:
        raise ValueError("panels from 2 to 200; span and height more than 0")
    if kind not in ("pratt", "howe", "warren"):
        raise ValueError(f"kind must be pratt, howe or warren, not {kind}")
    step = span / panels
    for i in range(panels):
        line3(i * step, 0, 0, (i + 1) * step, 0, 0, CHORD)
    if kind == "warren":
        tops = [(i + 0.5) * step for i in range(panels)]
        for i in range(panels):
            line3(i * step, 0, 0, tops[i], 0, height, WEB)
            line3(tops[i], 0, height, (i + 1) * step, 0, 0, WEB)
    else:
        tops = [i * step for i in range(panels + 1)]
        for x in tops:
            line3(x, 0, 0, x, 0, height, WEB)
        for i in range(panels):
            falls = (2 * i < panels) == (kind == "pratt")
            low, high = (i + 1, i) if falls else (i, i + 1)
            line3(low * step, 0, 0, high * step, 0, height, WEB)
    for i in range(len(tops) - 1):
        line3(tops[i], 0, height, tops[i + 1], 0, height, CHORD)
    if bearing:
        for x in (0, span):
            cone(x, 0, -0.1 * height, 0.06 * height, 0, 0.1 * height, CHORD)
