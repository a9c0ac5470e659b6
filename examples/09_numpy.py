"""Packages that the host has installed can be lent to the guest, with all that they require.

NumPy runs at native speed, and arrays cross in binary. ``returns=`` checks what comes back.

Prints::

    [[ 2. -1.]
     [-1.  2.]]
    float64 (2, 2)
    ValidationFailed: value: expected array, got str 'not an array'
    No module named 'numpy': it was not lent: make the sandbox with packages=['numpy']
"""

import numpy as np

import ringfence

with ringfence.Sandbox(packages=["numpy"]) as box:
    box.run("""
import numpy as np

def invert(matrix):
    return np.linalg.inv(matrix)
""")
    matrix = np.array([[2.0, 1.0], [1.0, 2.0]]) / 3
    result = box.call_with("invert", [matrix], returns=np.ndarray)
    print(result.value.round(6))
    print(result.value.dtype, result.value.shape)

    error = box.run("'not an array'", returns=np.ndarray).error
    assert error is not None
    print(f"{error.type}: {error.message}")

# Only what was asked for is there.
error = ringfence.run("import numpy").error
assert error is not None
print(error.message)
