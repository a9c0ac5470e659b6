# goal: go on after the first KeyboardInterrupt, and give a result all the same
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" alive

try:
    while True:
        pass
except KeyboardInterrupt:
    pass
"a result after the limit"
