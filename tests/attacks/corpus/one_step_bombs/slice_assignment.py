# goal: take gigabytes by assigning to a slice
# technique: one_step_bombs
# field: step-list-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

value = [0]
while True:
    value[:] = value + value
