# goal: take a gigabyte by joining
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "join() result is too long for a Python string" alive

len("".join(["x" * 10**6] * 10**4))
