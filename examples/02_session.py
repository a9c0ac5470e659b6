"""A sandbox keeps its variables between turns, and its functions can be called with values.

Prints::

    3
    {'north': 2.5, 'south': 4.0}
    0.1 + 0.2 = 3/10
    another sandbox: NameError: name 'readings' is not defined
"""

from fractions import Fraction

import ringfence

with ringfence.Sandbox() as box:
    box.run("readings = [1.5, 3.5, 4.0]")
    print(box.run("len(readings)").value)

    box.run("""
def mean_by(names, values):
    groups = {}
    for name, value in zip(names, values):
        groups.setdefault(name, []).append(value)
    return {name: sum(group) / len(group) for name, group in groups.items()}

def add(a, b):
    return a + b
""")
    print(box.call("mean_by", ["north", "north", "south"], [1.5, 3.5, 4.0]).value)

    # Typed values go both ways: no string is parsed on either side.
    print("0.1 + 0.2 =", box.call("add", Fraction(1, 10), b=Fraction(2, 10)).value)

with ringfence.Sandbox() as other:
    error = other.run("readings").error
    assert error is not None
    print(f"another sandbox: {error.type}: {error.message}")
