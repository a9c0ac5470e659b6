# A facade in the plane of x and z: panes, each with its frame, in rows and columns.
GLASS = 0x9CC3DEFF
FRAME = 0x6E8CA3FF


def window_grid(
    columns: int = 4,
    rows: int = 3,
    width: float = 1.2,
    height: float = 1.5,
    gap: float = 0.6,
    sill: float = 0.9,
    storey: float = 3.0,
    depth: float = 0.06,
):
    if columns < 1 or rows < 1 or width <= 0 or height <= 0 or depth <= 0 or gap < 0:
        raise ValueError("columns, rows, width, height and depth must be more than 0")
    if sill < 0 or sill + height > storey:
        raise ValueError("a window is higher than its storey")
    for row in range(rows):
        z = row * storey + sill
        for column in range(columns):
            x = column * (width + gap)
            cuboid(x, 0, z, width, depth, height, GLASS)
            line3(x + width / 2, 0, z, x + width / 2, 0, z + height, FRAME)
            polyline(
                [(x, 0, z), (x + width, 0, z), (x + width, 0, z + height), (x, 0, z + height), (x, 0, z)],
                FRAME,
            )
