# goal: have a size be 0 when it is multiplied in 32 bits
# technique: memory
# needs: engine=wasi
# expect: limit memory alive

import array

array.array("d", [0.0]) * (1 << 29)
