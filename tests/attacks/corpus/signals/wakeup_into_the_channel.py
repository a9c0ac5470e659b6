# goal: have signals write bytes into the channel to the host
# technique: signals
# field: host-forged-frame
# expect: crashed Protocol dead
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive
# expect[only:seccomp]: error PermissionError '[Errno 1] Operation not permitted' alive

import os
import signal

os.set_blocking(3, False)
signal.set_wakeup_fd(3, warn_on_full_buffer=False)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while True:
    signal.pause()
