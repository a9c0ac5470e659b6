# goal: take gigabytes by justifying a text
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len("x".ljust(10**10))
