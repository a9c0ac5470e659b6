# goal: repeat a list of lists
# technique: memory
# limits: memory=64MiB
# field: step-list-repeat
# expect: limit memory alive

len([[0] * 1000] * 10**9)
