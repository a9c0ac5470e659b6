# goal: take gigabytes with one operator
# technique: memory
# limits: memory=64MiB
# field: step-list-repeat
# expect: limit memory alive

len([0] * 10**9)
