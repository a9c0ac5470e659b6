"""Ten thousand parametric blocks: compiled once, each instance under a budget of its own.

Prints::

    10000 staircases, 2400000 primitives, all ok: True
    the first step: [0.0, 0.0, 0.0, 0.15]
    spiral, line 5: steps
    spiral, line 6: ValueError: circle: radius is 0.0, not more than 0
    spiral: 36 circles
    rejected, line 2, column 5: import is not allowed; math and the primitives are there already
"""

import numpy as np

from ringfence import blocks

STAIRCASE = """
def staircase(steps: int = 12, rise: float = 0.17, run: float = 0.28):
    for i in range(steps):
        x, y = i * run, i * rise
        line(x, y, x, y + rise)
        line(x, y + rise, x + run, y + rise)
"""

SPIRAL = """
def spiral(turns: float = 3.0, radius: float = 0.1):
    count = int(turns * 12)
    i = 0
    while i != count:
        circle(i * math.cos(math.tau * i / 12), i * math.sin(math.tau * i / 12), radius)
        i += 1
"""

with blocks.compile(STAIRCASE, name="staircase") as program:
    columns = {"steps": np.full(10_000, 120), "rise": np.linspace(0.15, 0.19, 10_000)}
    results = program.evaluate(columns, engine="native")
    print(f"{len(results)} staircases, {results.primitives} primitives, all ok: {results.ok}")
    print("the first step:", results[0].geometry["data"][0, :4].tolist())

with blocks.compile(SPIRAL, name="spiral") as program:
    limits = blocks.BlockLimits(steps=1_000)
    instances = [{"turns": -1.0}, {"radius": 0.0}, {}]
    for result in program.evaluate(instances, limits=limits, engine="native"):
        print(f"{result}: {len(result.geometry)} circles" if result.ok else result)

try:
    blocks.compile("def rejected():\n    import os", name="rejected")
except blocks.BlockRejected as error:
    print(error)
