# goal: take a terabyte by one call
# technique: one_step_bombs
# field: step-string-repeat
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "cannot fit 'int' into an index-sized integer" alive

bytearray(10**12)
