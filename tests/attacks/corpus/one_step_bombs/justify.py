# goal: take gigabytes by justifying a text
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "Python int too large to convert to C ssize_t" alive

len("x".ljust(10**10))
