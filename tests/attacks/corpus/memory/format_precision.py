# goal: ask for a billion digits
# technique: memory
# limits: memory=64MiB
# field: step-format-width
# expect: limit memory alive

len(f"{1.5:.2000000000f}")
