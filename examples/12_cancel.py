"""Cancel a turn from any thread. The guest is interrupted, and killed if it does not listen.

Prints::

    a busy loop: cancelled, alive: True
    what it printed before: counting
    one that ignores interrupts: cancelled, alive: False
"""

import ringfence

BUSY = """
print("counting")
while True: pass
"""
STUBBORN = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("not listening")
while True: pass
"""


def run_and_cancel(box: ringfence.Sandbox, program: str) -> ringfence.Result:
    """Cancel as soon as the program prints; a button would do it from a thread of its own."""
    for event in box.stream(program):
        if isinstance(event, ringfence.Output):
            box.cancel()
        if isinstance(event, ringfence.Result):
            return event
    raise AssertionError("a stream ends with its result")


with ringfence.Sandbox() as box:
    result = run_and_cancel(box, BUSY)
    print(f"a busy loop: {result.status}, alive: {result.alive}")
    print("what it printed before:", result.stdout.strip())

    result = run_and_cancel(box, STUBBORN)
    print(f"one that ignores interrupts: {result.status}, alive: {result.alive}")
