# goal: put a long separator between many short texts
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

len(("x" * 10**6).join(["a"] * 10**4))
