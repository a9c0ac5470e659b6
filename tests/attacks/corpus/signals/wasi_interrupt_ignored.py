# goal: ignore the interrupt
# technique: signals
# needs: engine=wasi
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass
