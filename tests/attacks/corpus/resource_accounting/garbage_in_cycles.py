# goal: fill the memory with garbage that no count frees, with the collector off
# technique: resource_accounting
# limits: memory=64MiB
# expect: limit memory alive

import gc

gc.disable()
while True:
    cycle = [bytearray(100_000)]
    cycle.append(cycle)
