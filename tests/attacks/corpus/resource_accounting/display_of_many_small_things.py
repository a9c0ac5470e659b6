# goal: display many things that are almost nothing
# technique: resource_accounting
# limits: display=64KiB
# field: host-flood
# trap: 16
# expect: limit display alive

for _ in range(1_000):
    display(1)
"displayed"
