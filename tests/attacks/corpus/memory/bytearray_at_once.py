# goal: take a gibibyte in one step
# technique: memory
# limits: memory=64MiB
# trap: 4
# field: step-string-repeat
# expect: limit memory alive

len(bytearray(1 << 30))
