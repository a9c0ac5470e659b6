# goal: take a gigabyte by joining
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len("".join(["x" * 10**6] * 10**4))
