# goal: have an alarm without a handler end the guest after its turn
# technique: signals
# expect: ok 'went on' alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive
# expect[no:namespaces]: crashed SIGALRM dead

import signal

signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.setitimer(signal.ITIMER_REAL, 0.01)
import time

time.sleep(0.1)
"went on"
