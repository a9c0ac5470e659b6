# goal: take gigabytes by repeating a list of lists
# technique: one_step_bombs
# field: step-list-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

value = [0] * 1_000
for _ in range(5):
    value = value * 1_000
