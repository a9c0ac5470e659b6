# goal: take a terabyte by one call
# technique: one_step_bombs
# field: step-string-repeat
# expect: limit memory ~".*" alive

bytearray(10**12)
