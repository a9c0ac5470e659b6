# goal: keep all memory for the next turn
# technique: memory
# needs: engine=wasi
# limits: memory=32MiB
# expect: ok 2 alive

kept = []
try:
    while True:
        kept.append(bytearray(1 << 16))
except MemoryError:
    pass
1
# --- next turn
1 + 1
