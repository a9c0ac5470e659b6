# goal: block every signal, then spin
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    pass
