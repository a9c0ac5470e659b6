# goal: use the time after the interrupt for as long as one likes
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

try:
    while True:
        pass
finally:
    while True:
        pass
