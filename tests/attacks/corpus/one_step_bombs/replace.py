# goal: take gigabytes by replacing
# technique: one_step_bombs
# field: step-string-repeat
# limits: memory=64MiB
# expect: limit memory ~".*" alive
# expect[engine=wasi]: error OverflowError "replace string is too long" alive

len(("a" * 10**5).replace("a", "b" * 10**5))
