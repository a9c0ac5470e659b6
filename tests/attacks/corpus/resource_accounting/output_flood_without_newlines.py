# goal: print without ever ending a line
# technique: resource_accounting
# limits: output=16KiB
# field: host-flood
# expect: limit output alive

while True:
    print("x", end="")
