# goal: let each letter become a thousand
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

len(("a" * 10**6).replace("a", "b" * 1000))
