# goal: print more than the limit in one write
# technique: resource_accounting
# limits: output=64KiB
# field: host-flood
# expect: limit output alive

print("x" * (1 << 20))
"printed"
