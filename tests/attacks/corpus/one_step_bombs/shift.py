# goal: take a gigabyte by shifting a bit
# technique: one_step_bombs
# field: step-big-power
# limits: memory=64MiB
# expect: limit memory ~".*" alive

(1 << 10**10) > 0
