# goal: repeat bytes
# technique: memory
# limits: memory=64MiB
# field: step-string-repeat
# expect: limit memory alive

len(b"ab" * 10**9)
