# goal: make a short text long with a method
# technique: memory
# limits: memory=64MiB
# field: step-string-repeat
# expect: limit memory alive

len("\t".expandtabs(10**9))
