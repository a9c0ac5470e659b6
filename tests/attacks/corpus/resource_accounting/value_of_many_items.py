# goal: return many small items
# technique: resource_accounting
# limits: value=1MiB
# expect: limit value alive

list(range(1_000_000))
