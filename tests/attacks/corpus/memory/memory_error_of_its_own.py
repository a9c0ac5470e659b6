# goal: pretend that memory ran out
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

raise MemoryError("forged")
