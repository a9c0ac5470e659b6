# goal: have the host's interrupt thrown away
# technique: guest_agent_tampering
# field: step-ignore-signals
# limits: wall=0.5
# expect: limit wall "the guest reached its limit wall=0.5 s" dead

progress.__self__.interrupts.active = False
while True:
    pass
