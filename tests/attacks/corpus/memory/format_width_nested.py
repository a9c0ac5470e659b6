# goal: ask for a huge field by an argument
# technique: memory
# limits: memory=64MiB
# field: step-format-width
# expect: limit memory alive
# expect[engine=wasi]: error ValueError "Too many decimal digits in format string" alive

width = 10**10
len(f"{1:>{width}}")
