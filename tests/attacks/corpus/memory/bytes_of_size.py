# goal: ask for a terabyte of zeros
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive
# expect[engine=wasi]: error OverflowError "cannot fit 'int' into an index-sized integer" alive

len(bytes(10**12))
