"""Large arrays without a copy: the host fills them, guests read them where they are.

Prints::

    mean: 499.5, lent: 8,000,000 bytes, copied: 0
    after the host wrote: 500.5
    writing in the guest: assignment destination is read-only
"""

import numpy as np

import ringfence

PROGRAM = """
def mean(array):
    return float(array.mean())

def spoil(array):
    array[0] = 0
"""

heights = ringfence.empty((1_000, 1_000))
heights[:] = np.arange(1_000)

with ringfence.Sandbox(packages=["numpy"]) as box:
    box.run(PROGRAM).raise_for_status()
    result = box.call("mean", heights).raise_for_status()
    copied = heights.nbytes - result.usage.shared
    print(f"mean: {result.value}, lent: {result.usage.shared:,} bytes, copied: {copied}")

    heights += 1
    print("after the host wrote:", box.call("mean", heights).value)

    error = box.call("spoil", heights).error
    print("writing in the guest:", error.message if error else "done!")
