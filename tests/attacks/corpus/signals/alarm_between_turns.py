# goal: use the processor in a signal handler while no turn runs
# technique: signals
# trap: 11
# expect: ok 'idle' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive

import signal
import time

rang = []


def spin(*_):
    rang.append(time.monotonic())
    while time.monotonic() - rang[0] < 0.2:
        pass


signal.signal(signal.SIGALRM, spin)
armed = time.monotonic()
signal.setitimer(signal.ITIMER_REAL, 0.15)
# --- next turn after 0.4 s
"idle" if not rang or rang[0] - armed > 0.2 else "computed between turns"
