# goal: compute digits of a float without end
# technique: one_step_bombs
# field: step-format-width
# limits: memory=64MiB
# expect: limit memory ""

len("{:.2000000000f}".format(0.1))
