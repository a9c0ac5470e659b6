# goal: make a number of a gibibyte
# technique: memory
# limits: memory=64MiB
# field: step-big-power
# expect: limit memory alive

(1 << (1 << 33)).bit_length()
