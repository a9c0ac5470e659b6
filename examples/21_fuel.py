"""A budget of instructions, the same in every run, which no program outlives.

Seconds depend on the machine and on who else uses it. Instructions do not: what a turn used is a
number that can be compared, charged and bounded. The engine ``wasi`` counts them; its image is
built once: ``ringfence image build wasi``.

Prints::

    the same in two sandboxes: True
    a thousand more rounds cost more: True
    limit fuel; used 20,000,000; alive: False
    rolled back: 1
"""

import ringfence

# Time, chance and fuel are the same in every run.
fixed = ringfence.Policy(deterministic=True)


def measure(rounds: int) -> int:
    """Instructions that so many rounds take."""
    code = f"sum(n * n for n in range({rounds}))"
    used = ringfence.run(code, engine="wasi", policy=fixed).raise_for_status().usage.fuel
    assert used is not None
    return used


print("the same in two sandboxes:", measure(1000) == measure(1000))
print("a thousand more rounds cost more:", measure(2000) > measure(1000))

STUBBORN = """
x = 2
while True:
    try:
        while True: pass
    except BaseException: pass
"""

limits = ringfence.Limits(fuel=20_000_000)
with ringfence.Sandbox(engine="wasi", limits=limits, checkpoints=True) as box:
    box.run("x = 1")
    result = box.run(STUBBORN)
    used = result.usage.fuel
    print(f"{result.status} {result.limit}; used {used:,}; alive: {result.alive}")
    box.rollback()
    print("rolled back:", box.run("x").value)
