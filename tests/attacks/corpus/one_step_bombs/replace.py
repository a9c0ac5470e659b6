# goal: take gigabytes by replacing
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len(("a" * 10**5).replace("a", "b" * 10**5))
