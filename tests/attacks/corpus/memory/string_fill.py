# goal: fill a text with zeros
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

len("1".zfill(10**10))
