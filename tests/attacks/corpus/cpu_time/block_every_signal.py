# goal: block every signal, then spin
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'pthread_sigmask'" alive

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    pass
