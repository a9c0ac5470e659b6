# goal: be too busy with signals to take another turn
# technique: signals
# limits: wall=0.5
# expect: limit wall dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive

import signal

signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.000001, 0.000001)
# --- next turn after 0.1 s
"went on"
