# goal: take gigabytes by making a list of a range
# technique: one_step_bombs
# field: step-list-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "Python int too large to convert to C ssize_t" alive

len(list(range(10**10)))
