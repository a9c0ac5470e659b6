# goal: ignore every signal that can be ignored
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead
# expect[engine=wasi]: error AttributeError "module 'signal' has no attribute 'valid_signals'" alive

import signal

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        continue
while True:
    pass
