# goal: use all memory, free it, and use it again
# technique: memory
# needs: engine=wasi
# limits: memory=32MiB
# expect: ok 3 alive

times = 0
for _ in range(3):
    kept = []
    try:
        while True:
            kept.append(bytearray(1 << 20))
    except MemoryError:
        del kept
        times += 1
times
