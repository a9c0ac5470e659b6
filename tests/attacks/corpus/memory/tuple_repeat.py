# goal: repeat a tuple
# technique: memory
# limits: memory=64MiB
# field: step-list-repeat
# expect: limit memory alive

len((0, 1) * 10**9)
