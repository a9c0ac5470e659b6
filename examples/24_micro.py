"""Thousands of short calls of scripts that nobody trusts, each with a budget of its own.

The engine ``micro`` is MicroPython in WebAssembly, in this process; it is fetched once:
``ringfence image fetch micro``. A script is compiled once and called in batches. One call that runs
out of its budget, or raises, ends alone.

Prints::

    [1.0, 2.0, 5.0, 10.0]
    call 2: LIMIT fuel; the others stand: [0.0, 1.0, 3.0]
    call 1: ERROR ValueError: too steep, in line 3
    the same call, the same fuel: True
    2 + 3 points: [(0.0, 2.0), (1.0, 2.0), (0.0, 3.0), (1.0, 3.0), (2.0, 3.0)]
"""

import struct

from ringfence.model.evaluation import Budget, Calls, CallStatus, Script
from ringfence.runtime.registry import find_evaluator

micro = find_evaluator("micro")
budget = Budget(fuel=1_000_000, recursion=50, memory="256KiB", records="64KiB")

square = Script(source="def f(x): return x * x + 1", entry="f")
with micro.compile([square], budget=budget) as program:
    outcomes = program.evaluate([Calls(columns=[[0.0, 1.0, 2.0, 3.0]])], budget)
    print(outcomes.values.tolist())

stubborn = Script(source="def f(x):\n  while x == 2: pass\n  return x", entry="f")
with micro.compile([stubborn], budget=budget) as program:
    outcomes = program.evaluate([Calls(columns=[[0.0, 1.0, 2.0, 3.0]])], budget)
    status, limit = CallStatus(outcomes.status[2]), outcomes.limits[2]
    print(f"call 2: {status.name} {limit}; the others stand: {outcomes.values[[0, 1, 3]].tolist()}")

careful = Script(
    source="def f(x):\n  if x > 1:\n    raise ValueError('too steep')\n  return x", entry="f"
)
with micro.compile([careful], budget=budget) as program:
    calls = [Calls(columns=[[0.5, 1.5, 0.5]])]
    outcomes = program.evaluate(calls, budget, state="fresh", measure=True)
    error, status = outcomes.errors[1], CallStatus(outcomes.status[1])
    line = error.traceback.rpartition("line ")[2].partition(",")[0]
    print(f"call 1: {status.name} {error.type}: {error.message}, in line {line}")
    print("the same call, the same fuel:", outcomes.fuel[0] == outcomes.fuel[2])

# What a call makes goes into a buffer, as records of a fixed size, and comes back as bytes.
PRELUDE = """
__all__ = ["point"]
pack_into, buffer = struct.pack_into, records

def point(index, x, y):
    pack_into("<2d", buffer, index * 16, x, y)
"""
rows = Script(
    source="def f(n):\n  for i in range(n): point(i, i, n)\n  return n", entry="f", name="rows"
)
with micro.compile([rows], prelude=PRELUDE, budget=budget) as program:
    outcomes = program.evaluate([Calls(columns=[[2, 3]])], budget, record=16)
    points = list(struct.iter_unpack("<2d", outcomes.records))
    print(f"{outcomes.counts[0]} + {outcomes.counts[1]} points: {points}")
