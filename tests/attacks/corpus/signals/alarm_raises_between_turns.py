# goal: raise in the guest's own loop while no turn runs
# technique: signals
# expect: crashed Exit dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive

import signal


def trouble(*_):
    raise RuntimeError("between turns")


signal.signal(signal.SIGALRM, trouble)
signal.setitimer(signal.ITIMER_REAL, 0.02)
# --- next turn after 0.1 s
"took another turn"
