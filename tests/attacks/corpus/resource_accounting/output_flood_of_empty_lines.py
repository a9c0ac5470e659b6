# goal: print nothing, without end
# technique: resource_accounting
# limits: output=16KiB
# field: host-flood
# trap: 16
# expect: limit output alive

while True:
    print()
