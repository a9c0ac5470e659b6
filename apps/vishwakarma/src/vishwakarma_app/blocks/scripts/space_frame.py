# A double-layer grid, square on square, the lower one half a bay off: a roof over x and y.
CHORD = 0x2F5D8AFF
BRACE = 0x86A8C6FF
BALL = 0x1F3F60FF


def space_frame(
    columns: int = 4,
    rows: int = 4,
    bay: float = 3.0,
    depth: float = 1.8,
    level: float = 0.0,
    ball: float = 0.12,
):
    if columns < 1 or rows < 1 or columns * rows > 400 or bay <= 0 or depth <= 0:
        raise ValueError("at most 400 bays; bay and depth more than 0")
    top = level + depth
    for j in range(rows + 1):
        for i in range(columns + 1):
            x, y = i * bay, j * bay
            if i < columns:
                line3(x, y, top, x + bay, y, top, CHORD)
            if j < rows:
                line3(x, y, top, x, y + bay, top, CHORD)
            if ball > 0:
                sphere(x, y, top, ball, BALL)
    for j in range(rows):
        for i in range(columns):
            x, y = (i + 0.5) * bay, (j + 0.5) * bay
            if i + 1 < columns:
                line3(x, y, level, x + bay, y, level, CHORD)
            if j + 1 < rows:
                line3(x, y, level, x, y + bay, level, CHORD)
            for dx in (-bay / 2, bay / 2):
                for dy in (-bay / 2, bay / 2):
                    line3(x, y, level, x + dx, y + dy, top, BRACE)
            if ball > 0:
                sphere(x, y, level, ball, BALL)
