# goal: ask for a huge field
# technique: memory
# limits: memory=64MiB
# field: step-format-width
# expect: limit memory alive

len("{:1000000000}".format(1))
