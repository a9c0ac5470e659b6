# goal: never return from the handler of the interrupt
# technique: signals
# needs: engine=wasi
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead

import signal


def handler(*_):
    while True:
        pass


signal.signal(signal.SIGINT, handler)
while True:
    pass
