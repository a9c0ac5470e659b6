# goal: take a gigabyte by one operator
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len("a" * 10**9)
