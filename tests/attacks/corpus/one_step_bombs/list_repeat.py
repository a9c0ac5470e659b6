# goal: take eight gigabytes by one operator
# technique: one_step_bombs
# field: step-list-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len([0] * 10**9)
