# goal: take gigabytes by a format field
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len(f"{1:{10**10}}")
