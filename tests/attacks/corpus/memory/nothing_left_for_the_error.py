# goal: fill the memory, then raise
# technique: memory
# limits: memory=64MiB
# expect: limit memory

kept = []
size = 1 << 24
while size > 16:
    try:
        kept.append(bytearray(size))
    except MemoryError:
        size //= 2
raise ValueError("x" * 1000)
