# goal: ignore the host's interrupt, then spin
# technique: cpu_time
# limits: wall=0.3
# field: step-ignore-signals
# expect: limit wall dead
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'valid_signals'" alive

import signal

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass  # SIGKILL and SIGSTOP
while True:
    pass
