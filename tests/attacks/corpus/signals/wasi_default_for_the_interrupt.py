# goal: have the interrupt end the process in the middle of its memory
# technique: signals
# needs: engine=wasi
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)
while True:
    pass
