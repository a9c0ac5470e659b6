# goal: go on after every KeyboardInterrupt
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

while True:
    try:
        while True:
            pass
    except BaseException:
        pass
