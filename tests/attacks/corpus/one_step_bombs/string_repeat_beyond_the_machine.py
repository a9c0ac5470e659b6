# goal: take more than there is by one operator
# technique: one_step_bombs
# field: step-string-repeat
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "cannot fit 'int' into an index-sized integer" alive

len(b"a" * 10**15)
