# goal: shut the channel down and spin
# technique: resource_accounting
# limits: wall=0.5
# expect: crashed Disconnected dead

from kernel import call

call("shutdown", 3, 2)
while True:
    pass
