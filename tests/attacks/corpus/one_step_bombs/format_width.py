# goal: take gigabytes by a format field
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error ValueError "Too many decimal digits in format string" alive

len(f"{1:{10**10}}")
