# goal: repeat a letter
# technique: memory
# limits: memory=64MiB
# field: step-string-repeat
# expect: limit memory alive

len("a" * 10**9)
