# goal: ask for all addresses at once
# technique: memory
# needs: engine=wasi
# field: step-list-repeat
# expect: limit memory alive

bytearray((1 << 31) - 1)
