"""A live session that forks, is kept as bytes, and returns to where it was.

The engine ``wasi`` runs guests in WebAssembly, where a session is nothing but its memory. Its image
is built once: ``ringfence image build wasi``.

Prints::

    two futures: [1, 2, 'a'] [1, 2, 'b']
    restored: [1, 2, 3]
    the turn ended: limit wall; alive: False
    rolled back: True; x = 1
"""

import ringfence

GENERATOR = """
def numbers():
    n = 0
    while True:
        n += 1
        yield n

stream = numbers()
seen = [next(stream), next(stream)]
"""

with ringfence.Sandbox(engine="wasi") as box:
    box.run(GENERATOR).raise_for_status()
    kept = box.snapshot()  # sealed bytes, which may be stored and restored anywhere
    with box.fork() as twin:
        box.run("seen.append('a')")
        twin.run("seen.append('b')")
        print("two futures:", box.run("seen").value, twin.run("seen").value)

with ringfence.Sandbox.restore(kept) as again:  # the generator goes on, too
    print("restored:", again.run("seen + [next(stream)]").value)

STUBBORN = """
x = 2
while True:
    try:
        while True: pass
    except KeyboardInterrupt: pass
"""

with ringfence.Sandbox(engine="wasi", checkpoints=True) as box:
    box.run("x = 1")
    result = box.run(STUBBORN, limits=box.limits.replace(wall=0.2))
    print(f"the turn ended: {result.status} {result.limit}; alive: {box.alive}")
    box.rollback()
    print(f"rolled back: {box.alive}; x = {box.run('x').value}")
