# goal: take gigabytes by a percent format
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ~".*" alive

len("%2000000000d" % 1)
