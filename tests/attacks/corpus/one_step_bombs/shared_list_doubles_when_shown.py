# goal: expand a small shared structure into gigabytes by flattening
# technique: one_step_bombs
# field: step-list-repeat
# limits: memory=8MiB
# expect: limit memory ~".*" alive

value = [0]
for _ in range(60):
    value = [value, value]
len(repr(value))
