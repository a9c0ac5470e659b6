# goal: stop the process, so that it cannot be interrupted
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'pthread_sigmask'" alive

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
signal.raise_signal(signal.SIGSTOP)
while True:
    pass
