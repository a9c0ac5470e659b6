# goal: put a long separator between many short texts
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive
# expect[engine=wasi]: error OverflowError "join() result is too long for a Python string" alive

len(("x" * 10**6).join(["a"] * 10**4))
