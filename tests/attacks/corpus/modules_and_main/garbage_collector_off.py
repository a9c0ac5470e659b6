# goal: have the memory limit counted without what could be freed
# technique: modules_and_main
# limits: memory=64MiB wall=5
# expect: limit memory ~".*"

import gc

gc.disable()
while True:
    circle = [bytearray(100_000)]
    circle.append(circle)
