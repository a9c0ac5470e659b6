# goal: write into the channel while no turn runs
# technique: signals
# field: host-forged-frame
# expect: crashed Protocol dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive

import os
import signal

signal.signal(signal.SIGALRM, lambda *_: os.write(3, b"\0" * 64))
signal.setitimer(signal.ITIMER_REAL, 0.02)
# --- next turn after 0.1 s
"took another turn"
