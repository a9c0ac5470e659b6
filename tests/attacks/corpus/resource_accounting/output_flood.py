# goal: print without end
# technique: resource_accounting
# field: host-flood
# expect: limit output alive

while True:
    print("x" * 10_000)
