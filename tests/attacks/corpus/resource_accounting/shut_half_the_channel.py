# goal: shut down the half that one writes, and spin
# technique: resource_accounting
# limits: wall=0.5
# expect: crashed Disconnected dead

from kernel import call

call("shutdown", 3, 1)
while True:
    pass
