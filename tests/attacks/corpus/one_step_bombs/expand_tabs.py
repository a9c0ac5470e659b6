# goal: take gigabytes by expanding tabs
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "new string is too long" alive

len("\t\t\t\t".expandtabs(10**9))
