"""Async host functions are awaited in the guest; several can be under way at once.

Prints::

    under way at once: 3
    ['red: 3', 'green: 5', 'blue: 4']
"""

import asyncio

import ringfence

arrived = 0
everyone = asyncio.Event()


async def measure(colour: str) -> str:
    """Answers only when three calls wait here together."""
    global arrived
    arrived += 1
    if arrived == 3:
        everyone.set()
    await everyone.wait()
    return f"{colour}: {len(colour)}"


with ringfence.Sandbox(functions=[measure]) as box:
    result = box.run("""
import asyncio

await asyncio.gather(*(measure(colour) for colour in ["red", "green", "blue"]))
""")

print("under way at once:", arrived)
print(result.value)
