"""Limits hold, and each says so under its own name. Nothing is merged into "it timed out".

Prints::

    wall: the guest reached its limit wall=0.2 s
    memory: MemoryError
    output: the guest reached its limit output=65,536
    still alive: True
    a new limit for one turn: ok
    refused: native: no accepted set of walls stands here.
"""

import ringfence

limits = ringfence.Limits(wall=0.2, memory="64MiB", output="64KiB")

with ringfence.Sandbox(limits=limits) as box:
    for program in [
        "while True: pass",
        "b'x' * 10**9",
        "while True: print('spam' * 1000)",
    ]:
        result = box.run(program)
        assert result.status == "limit", result
        assert result.error is not None
        print(f"{result.limit}:", result.error.message or result.error.type)
    print("still alive:", box.alive)

    slow = box.run("import time; time.sleep(0.3)", limits=box.limits.replace(wall=5))
    print("a new limit for one turn:", slow.status)

# A limit that the engine cannot enforce is refused before anything starts.
try:
    ringfence.run("1 + 1", engine="native", limits=ringfence.Limits(fuel=1_000_000))
except ringfence.PolicyNotEnforceable as error:
    print("refused:", str(error).splitlines()[0])
