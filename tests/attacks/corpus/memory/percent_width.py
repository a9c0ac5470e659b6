# goal: ask for a huge field with %
# technique: memory
# limits: memory=64MiB
# field: step-format-width
# expect: limit memory alive

len("%*d" % (10**9, 1))
