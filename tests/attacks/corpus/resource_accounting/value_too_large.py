# goal: return more than may cross
# technique: resource_accounting
# limits: value=1MiB
# expect: limit value alive

bytes(2 << 20)
