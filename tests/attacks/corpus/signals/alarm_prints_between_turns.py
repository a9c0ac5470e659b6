# goal: print while no turn runs, into the output of whoever comes next
# technique: signals
# expect: ok 'took another turn' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive

import signal

signal.signal(signal.SIGALRM, lambda *_: print("between turns"))
signal.setitimer(signal.ITIMER_REAL, 0.02)
# --- next turn after 0.1 s
"took another turn"
