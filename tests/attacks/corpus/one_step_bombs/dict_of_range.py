# goal: take gigabytes by a dict
# technique: one_step_bombs
# field: step-list-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

dict.fromkeys(range(10**10))
