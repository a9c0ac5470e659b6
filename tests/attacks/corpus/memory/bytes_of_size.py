# goal: ask for a terabyte of zeros
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

len(bytes(10**12))
